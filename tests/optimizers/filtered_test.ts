import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, adamw, fileSystem, filtered, momentum, sgdf } from "@signalfit/tfjs";
import { counts } from "../support/backends.ts";
import { ENGINES } from "../support/engines.ts";
import { counting } from "../../cli/bench/gpu_counter.ts";
import { variables } from "../support/quadratic.ts";
import { backendTest } from "../support/test.ts";

const SHAPES = [[7, 9], [9], [], [33]];

/** Parameters after some steps with an optimizer. */
async function trained(optimizer: tf.Optimizer, steps = 5): Promise<Float32Array[]> {
  const set = variables(SHAPES);
  for (let step = 0; step < steps; step++) {
    const gradients = set.gradients(step);
    optimizer.applyGradients(gradients);
    tf.dispose(gradients);
  }
  const values = await set.values();
  optimizer.dispose();
  set.dispose();
  return values;
}

function near(a: Float32Array[], b: Float32Array[], bound: number): void {
  a.forEach((values, i) =>
    values.forEach((value, j) => {
      const far = Math.abs(value - b[i]![j]!);
      assert.ok(far <= bound, `[${i}][${j}]: ${value} and ${b[i]![j]} are ${far} apart`);
    })
  );
}

for (const { engine, backend } of ENGINES) {
  backendTest(`filtered sgd is sgdf, ${engine} on ${backend}`, backend, async () => {
    const before = counts();
    const ours = await trained(sgdf({ learningRate: 0.1, engine }));
    const theirs = await trained(filtered(tf.train.sgd(0.1), { engine }));
    // 5 steps on parameters of up to 4, each step rounded once more.
    near(theirs, ours, 5 * 2 ** -22);
    assert.deepEqual(counts(), before, "tensors are left behind");
  });
}

const INNER: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  rmsprop: () => tf.train.rmsprop(0.01),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
  adamax: () => tf.train.adamax(0.01),
  adam: () => tf.train.adam(0.01),
  adamw: () => adamw({ learningRate: 0.01 }),
  momentumOfOurs: () => momentum({ learningRate: 0.1 }),
};

for (const [name, create] of Object.entries(INNER)) {
  backendTest(
    `filtered ${name} sees the filter's estimates, and nothing leaks`,
    "cpu",
    async () => {
      const before = counts();
      const got = await trained(filtered(create(), { gamma: 1 }));
      // The estimates by themselves: what sgdf with rate 1 moves by.
      const set = variables(SHAPES);
      const inner = create();
      const probe = sgdf({ learningRate: 1, gamma: 1 });
      for (let step = 0; step < 5; step++) {
        const gradients = set.gradients(step);
        const own = set.list.map((variable) => tf.keep(variable.clone()));
        for (const variable of set.list) tf.tidy(() => variable.assign(tf.zerosLike(variable)));
        probe.applyGradients(gradients);
        const estimates = Object.fromEntries(
          set.list.map((variable) => [variable.name, tf.tidy(() => tf.neg(variable))]),
        );
        set.list.forEach((variable, index) => {
          variable.assign(own[index]!);
          own[index]!.dispose();
        });
        inner.applyGradients(estimates);
        tf.dispose([gradients, estimates]);
      }
      assert.deepEqual(got, await set.values());
      inner.dispose();
      probe.dispose();
      set.dispose();
      // tfjs's Momentum keeps a scalar of each instance, disposed of or not.
      const kept = name === "momentum" ? 2 : 0;
      assert.equal(counts().tensors, before.tensors + kept, "tensors are left behind");
    },
  );

  if (name === "adamax") continue; // tfjs cannot save its state
  backendTest(`filtered ${name} is saved with a model and goes on bit for bit`, "cpu", async () => {
    const build = () =>
      tfl.sequential({
        layers: [
          tfl.layers.dense({
            units: 2,
            inputShape: [3],
            kernelInitializer: tfl.initializers.glorotUniform({ seed: 3 }),
          }),
        ],
      });
    const [x, y] = [tf.randomNormal([8, 3], 0, 1, "float32", 1), tf.ones([8, 2])];
    const fit = (model: tfl.LayersModel) =>
      model.fit(x, y, { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 });
    const model = build();
    model.compile({ optimizer: filtered(create(), { beta1: 0.8 }), loss: "meanSquaredError" });
    await fit(model);
    const directory = await Deno.makeTempDir();
    await model.save(fileSystem(directory), { includeOptimizer: true });
    await fit(model);
    const loaded = await tfl.loadLayersModel(fileSystem(directory));
    await fit(loaded as tfl.LayersModel);
    assert.deepEqual(loaded.getWeights().map(String), model.getWeights().map(String));
    const values = (m: tfl.LayersModel) =>
      Promise.all(m.getWeights().map(async (weight) => [...await weight.data()]));
    assert.deepEqual(await values(loaded), await values(model));
    await Deno.remove(directory, { recursive: true });
    tf.dispose([x, y]);
  });
}

backendTest("on webgpu the filter is one dispatch for all variables", "webgpu", async () => {
  const set = variables(SHAPES);
  const optimizer = filtered(momentum({ learningRate: 0.1 }));
  const gradients = set.gradients(0);
  for (let step = 0; step < 2; step++) optimizer.applyGradients(gradients);
  const { dispatches, pipelines, maps } = await counting(() => optimizer.applyGradients(gradients));
  assert.deepEqual({ dispatches, pipelines, maps }, { dispatches: 2, pipelines: 0, maps: 0 });
  tf.dispose(gradients);
  optimizer.dispose();
  set.dispose();
});

Deno.test("what cannot be filtered is refused", () => {
  assert.throws(
    () => filtered({} as tf.Optimizer),
    /Cannot create Filtered: inner must be an optimizer that is not filtered yet, got \[object/,
  );
  assert.throws(() => filtered(filtered(adamf())), /got a filtered one/);
  assert.throws(
    () => filtered(adamf(), { learningRate: 1 } as never),
    /Cannot create Filtered: unknown option "learningRate"/,
  );
  assert.throws(() => filtered(adamf(), { beta1: 1 }), /beta1 must be in \[0, 1\), got 1/);
});
