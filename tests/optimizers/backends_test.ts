import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, fileSystem, momentum, sgdf } from "@signalfit/tfjs";
import { type BackendName, useBackend } from "../support/backends.ts";
import { smallData, smallModel, weightsOf } from "../support/models.ts";
import { backendTest } from "../support/test.ts";

/** Two steps on one backend, two on another. */
async function twoAndTwo(first: BackendName, second: BackendName): Promise<number[]> {
  await useBackend(first);
  const x = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3]), true, "x"));
  const optimizer = adamf({ learningRate: 0.1 });
  const step = (values: number[]) => {
    const gradient = tf.tensor1d(values);
    optimizer.applyGradients({ x: gradient });
    gradient.dispose();
  };
  step([1, -1, 0.5]);
  step([1, 2, -3]);
  if (first === "webgpu") await optimizer.offload();
  await useBackend(second);
  step([0.3, 1, -1]);
  step([2, -1, 1]);
  assert.equal(optimizer.stepsOf("x"), 4);
  assert.equal(optimizer.engine, second === "webgpu" ? "webgpu" : optimizer.engine);
  const weights = (await optimizer.getWeights()).map(({ tensor }) => tensor);
  const values = await Promise.all([x, ...weights].map(async (t) => [...await t.data()]));
  x.dispose();
  optimizer.dispose();
  return values.flat();
}

const PAIRS: [BackendName, BackendName][] = [
  ["cpu", "webgpu"],
  ["webgpu", "cpu"],
  ["wasm", "webgpu"],
  ["webgpu", "wasm"],
  ["webgpu", "webgpu"],
];

for (const [first, second] of PAIRS) {
  backendTest(`training goes on from ${first} to ${second}`, "webgpu", async () => {
    const reference = await twoAndTwo("cpu", "cpu");
    const mixed = await twoAndTwo(first, second);
    mixed.forEach((value, i) => {
      const allowed = 4 * 16 * 2 ** -24 * Math.max(1, Math.abs(reference[i]!));
      assert.ok(Math.abs(value - reference[i]!) <= allowed, `${value} for ${reference[i]}`);
    });
  });
}

backendTest(
  "without offload(), leaving webgpu is refused and nothing is lost",
  "webgpu",
  async () => {
    const x = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3]), true, "x"));
    const optimizer = sgdf({ learningRate: 0.1 });
    const gradient = () => tf.tensor1d([1, 1, 1]);
    const apply = () => tf.tidy(() => optimizer.applyGradients({ x: gradient() }));
    apply();
    await useBackend("cpu");
    const refusal = /Before you change the backend, call `await optimizer\.offload\(\)`/;
    assert.throws(apply, refusal);
    assert.equal(optimizer.stepsOf("x"), 1);
    await useBackend("webgpu");
    apply();
    await optimizer.offload();
    await useBackend("cpu");
    apply();
    assert.equal(optimizer.stepsOf("x"), 3);
    [0.7, 1.7, 2.7].forEach((expected, i) =>
      assert.ok(Math.abs(x.dataSync()[i]! - expected) < 1e-6)
    );
    x.dispose();
    optimizer.dispose();
  },
);

backendTest("a variable left on webgpu is refused by name on cpu", "webgpu", async () => {
  const x = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3]), true, "x"));
  sgdf({}).applyGradients({ x: tf.ones([3]) }); // x is on the device now
  await useBackend("cpu");
  const optimizer = momentum({});
  assert.throws(
    () => optimizer.applyGradients({ x: tf.ones([3]) }),
    /Cannot update "x" on the cpu backend: it is on another backend/,
  );
  assert.equal(optimizer.stepsOf("x"), 0);
  await x.data(); // now its values can be had without waiting
  optimizer.applyGradients({ x: tf.ones([3]) });
  assert.equal(optimizer.stepsOf("x"), 1);
  x.dispose();
  optimizer.dispose();
});

for (const [first, second] of [["webgpu", "cpu"], ["cpu", "webgpu"]] as const) {
  backendTest(`saved on ${first}, resumed on ${second}`, "webgpu", async () => {
    const directory = await Deno.makeTempDir();
    const run = async (first: BackendName, second: BackendName) => {
      const data = () => smallData(32);
      await useBackend(first);
      let { xs, ys } = data();
      const model = smallModel();
      model.compile({ optimizer: adamf({ learningRate: 0.02 }), loss: "categoricalCrossentropy" });
      await model.fit(xs, ys, { epochs: 3, batchSize: 16, shuffle: false, verbose: 0 });
      await model.save(fileSystem(directory), { includeOptimizer: true });
      model.dispose();
      tf.dispose([xs, ys]);
      await useBackend(second);
      ({ xs, ys } = data());
      const loaded = await tfl.loadLayersModel(fileSystem(directory));
      await loaded.fit(xs, ys, { epochs: 3, batchSize: 16, shuffle: false, verbose: 0 });
      const weights = await weightsOf(loaded);
      assert.equal((loaded.optimizer as tf.Optimizer).iterations, 12);
      loaded.dispose();
      tf.dispose([xs, ys]);
      return weights.flat();
    };
    const reference = await run("cpu", "cpu");
    const mixed = await run(first, second);
    await Deno.remove(directory, { recursive: true });
    assertSameTraining(mixed, reference, 12, 0.02);
  });
}

for (const backend of ["wasm", "webgpu"] as const) {
  for (const name of ["sgdf", "adamf"] as const) {
    backendTest(
      `50 steps of ${name} through fit: ${backend} agrees with cpu`,
      backend,
      async () => {
        const learningRate = name === "sgdf" ? 0.1 : 0.01;
        const run = async (backend: BackendName) => {
          await useBackend(backend);
          const { xs, ys } = smallData(80);
          const model = smallModel();
          const optimizer = name === "sgdf" ? sgdf({ learningRate }) : adamf({ learningRate });
          model.compile({ optimizer, loss: "categoricalCrossentropy" });
          await model.fit(xs, ys, { epochs: 10, batchSize: 16, shuffle: false, verbose: 0 });
          assert.equal(optimizer.iterations, 50);
          const weights = await weightsOf(model);
          model.dispose();
          optimizer.dispose();
          tf.dispose([xs, ys]);
          return weights.flat();
        };
        assertSameTraining(await run(backend), await run("cpu"), 50, learningRate);
      },
    );
  }
}

/**
 * The bound: forward and backward pass give gradients with a relative error of at most 32 roundings
 * (sums over 16 samples and 8 units, and a softmax), the step another 16. An error of a gradient
 * moves a parameter by at most the learning rate times it; a gradient's change by a moved parameter
 * is smaller than the move (the loss's second derivatives are below 1), so that errors add up at most
 * like (1 + learningRate)^steps.
 */
function assertSameTraining(
  actual: number[],
  expected: number[],
  steps: number,
  learningRate: number,
): void {
  const each = learningRate * 48 * 2 ** -24 + 2 ** -24;
  const growth = (1 + learningRate) ** steps;
  actual.forEach((value, i) => {
    const allowed = steps * growth * each * Math.max(1, Math.abs(expected[i]!));
    const error = Math.abs(value - expected[i]!);
    assert.ok(error <= allowed, `weight ${i}: ${value} for ${expected[i]}, allowed ${allowed}`);
  });
}
