import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";

/** Bins of the noise level that are told apart. */
const BINS = 16;

/** What is measured of a noise level. */
export interface NoiseBin {
  /** Middle of the bin, in [0, 1]. */
  readonly t: number;
  /** Mean raw loss. */
  readonly loss: number;
  /** Part of the target that is recovered, 1 - loss / variance. */
  readonly recovered: number;
}

/** The raw loss on images that were not trained on. */
export interface HeldOut {
  /** Mean over all images and noise levels. */
  readonly loss: number;
  /** The same by noise level, without bins that hold no image. */
  readonly bins: readonly NoiseBin[];
}

/**
 * Measures a training model on images. Its rows are raw loss, t, weight and variance of the target.
 */
export async function heldOut(
  model: tfl.LayersModel,
  inputs: tf.Tensor[],
  batchSize: number,
): Promise<HeldOut> {
  const rows = model.predict(inputs, { batchSize }) as tf.Tensor2D;
  const [count, columns] = rows.shape;
  const values = await rows.data<"float32">();
  rows.dispose();
  const sums = Array.from({ length: BINS }, () => ({ count: 0, loss: 0, variance: 0 }));
  let total = 0;
  for (let row = 0; row < count; row++) {
    const [loss, t, , variance] = values.subarray(row * columns, (row + 1) * columns);
    const bin = sums[Math.min(BINS - 1, Math.floor(t! * BINS))]!;
    bin.count++;
    bin.loss += loss!;
    bin.variance += variance!;
    total += loss!;
  }
  const bins = sums.map(({ count, loss, variance }, i) => ({
    t: (i + 0.5) / BINS,
    loss: loss / count,
    recovered: 1 - loss / variance,
  }));
  return { loss: total / count, bins: bins.filter((_, i) => sums[i]!.count > 0) };
}
