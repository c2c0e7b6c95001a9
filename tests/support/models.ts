import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { normal } from "./random.ts";

/** A small classifier with seeded weights; `prefix` keeps the names of models apart. */
export function smallModel(prefix = "small"): tfl.Sequential {
  const kernel = (seed: number) => tfl.initializers.glorotUniform({ seed });
  return tfl.sequential({
    name: prefix,
    layers: [
      tfl.layers.dense({
        name: `${prefix}_hidden`,
        inputShape: [4],
        units: 8,
        activation: "tanh",
        kernelInitializer: kernel(1),
      }),
      tfl.layers.dense({
        name: `${prefix}_out`,
        units: 3,
        activation: "softmax",
        kernelInitializer: kernel(2),
      }),
    ],
  });
}

/** Seeded inputs and one-hot labels for {@link smallModel}. */
export function smallData(rows: number): { xs: tf.Tensor2D; ys: tf.Tensor2D } {
  const next = normal(3);
  const values = Array.from({ length: rows }, () => [next(), next(), next(), next()]);
  const labels = values.map(([a, b]) => a! + b! > 0.5 ? 0 : a! > b! ? 1 : 2);
  return {
    xs: tf.tensor2d(values),
    ys: tf.tidy(() =>
      tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), 3), "float32") as tf.Tensor2D
    ),
  };
}

/** All weights of a model as numbers, layer by layer. */
export function weightsOf(model: tfl.LayersModel): Promise<number[][]> {
  const weights = model.layers.flatMap((layer) => layer.getWeights());
  return Promise.all(weights.map(async (weight) => [...await weight.data()]));
}
