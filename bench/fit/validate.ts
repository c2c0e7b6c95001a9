import * as tf from "@tensorflow/tfjs-core";
import { BACKENDS, startBackend } from "../../cli/bench/backends.ts";
import { installTrainingKernels } from "../../mod.ts";
import type { Network } from "./networks.ts";

/** Samples that gradients are compared for. */
const FEW = 4;

/**
 * Checks that a network has the same gradients on wasm, with this library's kernels, as on cpu.
 *
 * @throws {Error} if one is off by more than float32 rounding explains
 */
export async function validate(network: Network): Promise<void> {
  const expected = await gradients(network, "cpu");
  const actual = await gradients(network, "wasm");
  for (const [index, values] of expected.entries()) {
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
    for (const [i, value] of values.entries()) {
      // some thousand roundings of numbers of the size of the greatest one
      if (Math.abs(actual[index]![i]! - value) <= 5000 * 2 ** -24 * scale) continue;
      throw new Error(
        `${network.name}: number ${i} of gradient ${index} is ${actual[index]![i]} on wasm, ` +
          `${value} on cpu`,
      );
    }
  }
}

async function gradients(network: Network, name: "cpu" | "wasm"): Promise<number[][]> {
  await startBackend(BACKENDS.find((backend) => backend.name === name)!);
  installTrainingKernels();
  const model = network.build();
  const weights = model.getWeights().map(({ shape }, index) =>
    tf.randomUniform(shape, -0.2, 0.2, "float32", index + 1)
  );
  model.setWeights(weights);
  const { x, y } = network.data(1);
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const grads = tf.tidy(() => {
    const few = (t: tf.Tensor) => tf.slice(t, 0, FEW);
    const loss = () =>
      tf.mean(tf.squaredDifference(model.apply(few(x), { training: true }) as tf.Tensor, few(y)));
    const { grads } = tf.variableGrads(() => loss() as tf.Scalar, variables);
    return variables.map(({ name }) => (grads as Record<string, tf.Tensor>)[name]!);
  });
  const values = grads.map((gradient) => [...gradient.dataSync()]);
  tf.dispose([grads, weights, x, y]);
  model.dispose();
  return values;
}
