import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";

/** Octaves of the time features: sin and cos of `pi t / 2`, `pi t`, `2 pi t` and so on. */
const OCTAVES = 5;

/** t, [B, 1], to itself beside sines and cosines of it, [B, 1 + 2 OCTAVES]. */
class TimeFeatures extends tfl.layers.Layer {
  static get className(): string {
    return "StudyTimeFeatures";
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const t = [inputs].flat()[0]!;
      const angles = tf.mul(t, tf.tensor2d([FREQUENCIES]));
      return tf.concat([t, tf.sin(angles), tf.cos(angles)], 1);
    });
  }

  override computeOutputShape(shape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return [(shape as tfl.Shape)[0] ?? null, 1 + 2 * OCTAVES];
  }
}

const FREQUENCIES = Array.from({ length: OCTAVES }, (_, k) => 2 ** k * Math.PI / 2);

tf.serialization.registerClass(TimeFeatures);

/** A denoiser, and the same network up to its last hidden layer. */
export interface Denoiser {
  /** x_t and t to the target. */
  readonly model: tfl.LayersModel;
  /** x_t and t to the last hidden layer's output; shares the weights. */
  readonly features: tfl.LayersModel;
}

/** What the network looks like. */
export interface DenoiserOptions {
  /** Numbers in a sample. */
  readonly dimensions: number;
  /** Units of each hidden layer. */
  readonly width: number;
  /** Hidden layers, at least 1. */
  readonly depth: number;
  /** Seed of the initial weights: the same one gives the same weights. */
  readonly seed: number;
}

/** A multilayer perceptron on x_t and features of t. */
export function buildDenoiser({ dimensions, width, depth, seed }: DenoiserOptions): Denoiser {
  const inputs = [tfl.input({ shape: [dimensions] }), tfl.input({ shape: [1] })];
  const time = new TimeFeatures({}).apply(inputs[1]!) as tfl.SymbolicTensor;
  let hidden = tfl.layers.concatenate().apply([inputs[0]!, time]) as tfl.SymbolicTensor;
  const first = 1000 * (seed + 1); // tfjs takes a seed of 0 for none
  const dense = (units: number, layer: number, last: boolean): tfl.layers.Layer =>
    tfl.layers.dense({
      units,
      ...last ? {} : { activation: "relu" },
      kernelInitializer: last
        ? tfl.initializers.glorotUniform({ seed: first + layer })
        : tfl.initializers.heNormal({ seed: first + layer }),
    });
  for (let layer = 0; layer < depth; layer++) {
    hidden = dense(width, layer, false).apply(hidden) as tfl.SymbolicTensor;
  }
  const outputs = dense(dimensions, depth, true).apply(hidden) as tfl.SymbolicTensor;
  return {
    model: tfl.model({ inputs, outputs }),
    features: tfl.model({ inputs, outputs: hidden }),
  };
}
