import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../support/backends.ts";
import { normal } from "../support/random.ts";

/** Seeded gradients of one variable, as float32 numbers: `steps` times `size`. */
export function noisyGradients(steps: number, size: number, seed: number): Float32Array[] {
  const next = normal(seed);
  return Array.from(
    { length: steps },
    () => Float32Array.from({ length: size }, (_, i) => 10 ** (i % 5 - 2) * (0.5 + next())),
  );
}

/** The values of one variable after each step of an optimizer of tfjs's own, on cpu. */
export async function stepsOfTfjs(
  make: () => tf.Optimizer,
  init: Float32Array,
  gradients: readonly Float32Array[],
): Promise<Float32Array[]> {
  await useBackend("cpu");
  const optimizer = make();
  const variable = tf.variable(tf.tensor1d(init));
  try {
    return gradients.map((values) => {
      const tensor = tf.tensor1d(values);
      optimizer.applyGradients([{ name: variable.name, tensor }]);
      tensor.dispose();
      return variable.dataSync<"float32">().slice();
    });
  } finally {
    variable.dispose();
    optimizer.dispose();
  }
}
