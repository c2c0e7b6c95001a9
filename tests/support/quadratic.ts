import * as tf from "@tensorflow/tfjs-core";
import { normal } from "./random.ts";

/** A few variables and seeded gradients for them. */
export interface Variables {
  readonly list: tf.Variable[];
  /** Gradients of a step; the same at every call, new tensors to dispose. */
  gradients(step: number): Record<string, tf.Tensor>;
  values(): Promise<Float32Array[]>;
  dispose(): void;
}

/** Makes variables of the given shapes, named "v0/kernel", "v0/bias", "v1/kernel" and so on. */
export function variables(shapes: readonly number[][], seed = 1, scale = 1): Variables {
  const random = (shape: readonly number[], from: number) => {
    const next = normal(from);
    const size = shape.reduce((a, b) => a * b, 1);
    return Float32Array.from({ length: size }, () => scale * next());
  };
  const name = (index: number) => `v${index >> 1}/${index % 2 === 0 ? "kernel" : "bias"}`;
  const list = shapes.map((shape, index) =>
    tf.tidy(() => tf.variable(tf.tensor(random(shape, seed + index), shape), true, name(index)))
  );
  return {
    list,
    gradients: (step) =>
      Object.fromEntries(
        shapes.map((shape, index) => [
          name(index),
          tf.tensor(random(shape, 1000 * (step + 1) + index), shape),
        ]),
      ),
    values: () =>
      Promise.all(list.map(async (variable) => (await variable.data<"float32">()).slice())),
    dispose: () => tf.dispose(list),
  };
}
