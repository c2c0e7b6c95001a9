import * as tf from "@tensorflow/tfjs-core";
import type { CellTable } from "../weights/weights_in_force.ts";
import { column, meanSquares, type NoiseSource } from "./training_layers.ts";

/** A batch with packed targets. */
export interface PackedBatch {
  /** Raw loss of each sample, [B, 1]. */
  readonly loss: tf.Tensor;
  /** Targets, [B, d]. */
  readonly target: tf.Tensor;
  /** Times, [B, 1]. */
  readonly t: tf.Tensor;
}

/**
 * Targets and times in one tensor [B, d + 1], for pipelines that can hand a loss one tensor only.
 *
 * @param target [B, ...]
 * @param t [B], [B, 1], or as many numbers, in [0, 1]
 * @throws {Error} if the sizes do not fit
 */
export function packTarget(target: tf.Tensor, t: tf.Tensor | ArrayLike<number>): tf.Tensor2D {
  const size = target.shape[0] ?? 0;
  const times = t instanceof tf.Tensor ? t : tf.tensor1d(Array.from(t));
  try {
    if (target.rank < 2) refuse("target must have a batch and at least one more dimension", target);
    if (times.size !== size) refuse(`t must have ${size} elements, as target has samples`, times);
    return tf.tidy(() =>
      tf.concat2d([
        tf.reshape(target, [size, -1]) as tf.Tensor2D,
        tf.cast(tf.reshape(times, [size, 1]), "float32") as tf.Tensor2D,
      ], 1)
    );
  } finally {
    if (times !== t) times.dispose();
  }
}

/**
 * A packed target unpacked, and the raw loss of a prediction of it.
 *
 * @throws {Error} if the packed target does not fit the prediction
 */
export function unpack(packed: tf.Tensor, prediction: tf.Tensor): PackedBatch {
  const [size, width] = [prediction.shape[0]!, prediction.size / prediction.shape[0]!];
  if (packed.rank !== 2 || packed.shape[0] !== size || packed.shape[1] !== width + 1) {
    throw new Error(
      `Cannot compute the loss: the label must be erd.pack(target, t) of shape ` +
        `[${size}, ${width + 1}] for an output of shape [${prediction.shape}], got ` +
        `[${packed.shape}]`,
    );
  }
  const target = tf.slice(packed, [0, 0], [-1, width]);
  const loss = meanSquares(tf.sub(tf.reshape(prediction, [size, width]), target));
  return { loss, target, t: column(packed, width) };
}

/**
 * The weight of each sample, [B, 1], and the rows that measurements are made of, [B, 4].
 *
 * @param batch sums over all rows of the batch
 */
export function weighPacked(
  { loss, target, t }: PackedBatch,
  table: CellTable,
  batch: NoiseSource["batch"],
): { weight: tf.Tensor; rows: () => tf.Tensor } {
  const found = lookUp(table, t), weight = column(found, 0);
  const rows = (): tf.Tensor =>
    tf.concat([loss, t, weight, targetVariance(target, column(found, 1), batch)], 1);
  return { weight, rows };
}

/** The rows of a table by t: a one-hot matrix times the table. */
function lookUp({ cells, shift, values }: CellTable, t: tf.Tensor): tf.Tensor {
  const cell = tf.clipByValue(tf.floor(tf.sub(tf.mul(t, cells), shift)), 0, cells - 1);
  const hot = tf.cast(tf.oneHot(tf.cast(tf.reshape(cell, [-1]), "int32"), cells), "float32");
  return tf.matMul(hot as tf.Tensor2D, tf.tensor2d(values, [cells, values.length / cells]));
}

/**
 * The mean square of each target less the data's mean times c_x, [B, 1]. The mean is fitted to the batch
 * by least squares, and what the fit takes off is put back: without bias where all targets have one
 * variance. A batch of one is taken for centred.
 */
function targetVariance(
  target: tf.Tensor,
  factor: tf.Tensor,
  batch: NoiseSource["batch"],
): tf.Tensor {
  if (batch.count(target.shape[0]!) === 1) return meanSquares(target);
  const square = tf.square(factor);
  const sums = batch.sum(tf.concat([
    tf.reshape(tf.sum(square), [1]),
    tf.reshape(tf.matMul(factor as tf.Tensor2D, target as tf.Tensor2D, true), [-1]),
  ]));
  const total = tf.maximum(tf.slice(sums, 0, 1), 1e-30);
  const mean = tf.div(tf.reshape(tf.slice(sums, 1), [1, -1]), total);
  const leverage = tf.div(square, total);
  const rest = tf.sub(target, tf.mul(factor, mean));
  return tf.div(meanSquares(rest), tf.maximum(tf.sub(1, leverage), 1e-3));
}

function refuse(rule: string, tensor: tf.Tensor): never {
  throw new Error(`Cannot pack a target: ${rule}, got shape [${tensor.shape}]`);
}
