import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { type Network, NETWORKS } from "../../bench/fit/networks.ts";
import { profileKernels } from "../../bench/fit/profile.ts";
import { reportTargets } from "../../bench/fit/targets.ts";
import type { Result } from "../../bench/fit/measure.ts";
import { validate } from "../../bench/fit/validate.ts";
import { installTrainingKernels } from "@signalfit/tfjs";
import { useBackend } from "../support/backends.ts";

const dense = (): Network => NETWORKS.find(({ name }) => name === "dense")!;

/** Replaces a kernel of wasm by one that does something to its result, while something runs. */
async function withBroken(
  kernelName: string,
  spoil: (result: tf.TensorInfo) => void,
  run: () => Promise<void>,
): Promise<void> {
  installTrainingKernels();
  const kernel = tf.getKernel(kernelName, "wasm")!;
  tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    ...kernel,
    kernelFunc: (parameters) => {
      const result = kernel.kernelFunc(parameters) as tf.TensorInfo;
      spoil(result);
      return result;
    },
  });
  try {
    await run();
  } finally {
    tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel(kernel);
  }
}

Deno.test("bench:fit: a network whose gradients are right is timed, one with a wrong kernel is not", async () => {
  await validate(dense());
  await useBackend("wasm");
  const { typedArrayFromHeap } = tf.backend() as unknown as {
    typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
  };
  const wasm = tf.backend();
  await withBroken("BatchMatMul", (result) => {
    const numbers = typedArrayFromHeap.call(wasm, result);
    for (let index = 0; index < numbers.length; index++) numbers[index]! *= 1.01;
  }, async () => {
    await assert.rejects(
      validate(dense()),
      /dense: gradient \d on wasm is .* away from that on cpu/,
    );
  });
});

Deno.test("bench:fit: a profile charges each kernel for itself, and leaves tfjs as it was", async () => {
  await useBackend("cpu");
  const before = new Map(
    tf.getKernelsForBackend("cpu").map((kernel) => [kernel.kernelName, kernel]),
  );
  const times = await profileKernels(() => {
    const x = tf.ones([50, 50]);
    tf.dispose([x, tf.matMul(x, x), tf.relu(x), tf.relu(x)]);
    return Promise.resolve();
  });
  const calls = Object.fromEntries(times.map(({ name, calls }) => [name, calls]));
  assert.equal(calls.BatchMatMul, 1);
  assert.equal(calls.Relu, 2);
  assert.ok(times.every(({ milliseconds }) => milliseconds >= 0));
  const after = new Map(
    tf.getKernelsForBackend("cpu").map((kernel) => [kernel.kernelName, kernel]),
  );
  assert.deepEqual(after, before);
});

Deno.test("bench:fit: targets are met or missed by the medians of one run", () => {
  const result = (
    network: string,
    contestant: string,
    backend: string,
    median: number,
  ): Result => ({
    network,
    contestant,
    backend,
    time: { median, lowerQuartile: median, upperQuartile: median, min: median, max: median },
  });
  assert.deepEqual(
    reportTargets([
      result("dense", "our adamf and kernels", "wasm", 10),
      result("dense", "tfjs alone", "wasm", 50),
      result("dense", "tfjs alone", "cpu", 500),
      result("dense", "PyTorch", "one thread", 4),
      { network: "conv", contestant: "tfjs alone", backend: "wasm", reason: "no kernel" },
    ]),
    [
      "- dense on wasm, beside tfjs alone on wasm: 5.00x, to be at least 4.50x: met",
      "- dense on wasm, beside PyTorch on one thread: 0.40x, to be at least 0.50x: missed",
    ],
  );
});
