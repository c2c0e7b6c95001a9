import * as tf from "@tensorflow/tfjs-core";
import { BACKENDS, startBackend } from "../../cli/bench/backends.ts";
import { installTrainingKernels } from "../../mod.ts";
import type { Network } from "./networks.ts";

/** Samples that gradients are compared for. */
const FEW = 4;

/** How far apart gradients may be, beside their length: rounding may turn a relu on or off. */
const TOLERANCE = 1e-3;

/**
 * Checks that a network has the same gradients on wasm, with this library's kernels, as on cpu.
 *
 * @throws {Error} if one is off
 */
export async function validate(network: Network): Promise<void> {
  const expected = await gradients(network, "cpu");
  const actual = await gradients(network, "wasm");
  for (const [index, values] of expected.entries()) {
    const apart = Math.hypot(...chunked(values.map((value, i) => value - actual[index]![i]!)));
    const length = Math.hypot(...chunked(values));
    if (apart <= TOLERANCE * length) continue;
    throw new Error(
      `${network.name}: gradient ${index} on wasm is ${apart} away from that on cpu, which is ` +
        `${length} long`,
    );
  }
}

/** The lengths of pieces: a function takes only so many arguments. */
function chunked(values: readonly number[]): number[] {
  return Array.from(
    { length: Math.ceil(values.length / 1000) },
    (_, at) => Math.hypot(...values.slice(1000 * at, 1000 * at + 1000)),
  );
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
