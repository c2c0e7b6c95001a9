import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  adamf,
  adamw,
  fileSystem,
  filtered,
  lion,
  momentum,
  RuleOptimizer,
  sgdf,
} from "@signalfit/tfjs";
import { observeFilter } from "../../src/optimizers/observe_filter.ts";
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

/**
 * Parameters after the inner optimizer's own steps with the filter's estimates, the filter being what sgdf
 * with rate 1 moves by; all variables stand in the same order at every step.
 *
 * @param use the variables that have a gradient, step by step
 */
async function alone(
  create: () => tf.Optimizer,
  use: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const set = variables(SHAPES), inner = create();
  const probe = sgdf({ learningRate: 1, gamma: 1 });
  for (const [step, indices] of use.entries()) {
    const gradients = set.gradients(step);
    const own = set.list.map((variable) => tf.keep(variable.clone()));
    for (const variable of set.list) tf.tidy(() => variable.assign(tf.zerosLike(variable)));
    const given = set.list.filter((_, index) => indices.includes(index));
    probe.applyGradients(given.map(({ name }) => ({ name, tensor: gradients[name] })));
    const estimates = set.list.map((variable) => ({
      name: variable.name,
      tensor: (given.includes(variable) ? tf.tidy(() => tf.neg(variable)) : null) as tf.Tensor,
    }));
    set.list.forEach((variable, index) => {
      variable.assign(own[index]!);
      own[index]!.dispose();
    });
    inner.applyGradients(estimates);
    tf.dispose([gradients, estimates.map(({ tensor }) => tensor)]);
  }
  const values = await set.values();
  inner.dispose();
  probe.dispose();
  set.dispose();
  return values;
}

for (const [name, create] of Object.entries(INNER)) {
  backendTest(
    `filtered ${name} sees the filter's estimates, and nothing leaks`,
    "cpu",
    async () => {
      const before = counts();
      const got = await trained(filtered(create(), { gamma: 1 }));
      assert.deepEqual(got, await alone(create, new Array(5).fill(SHAPES.map((_, i) => i))));
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
  const refuses = (create: () => unknown, message: RegExp) =>
    assert.throws(create, (error: Error) => message.test(error.message), String(message));
  const inner =
    /Cannot create Filtered: inner must be an optimizer without a filter, such as tf\.train/;
  refuses(() => filtered({} as tf.Optimizer), inner);
  refuses(
    () => (filtered as (inner?: tf.Optimizer) => unknown)(),
    /tf.train.adam\(\), got undefined/,
  );
  refuses(() => filtered(filtered(adamw())), /got Filtered, which has one/);
  refuses(() => filtered(adamf()), /got AdamF, which has one/);
  refuses(() => filtered(lion({ filter: true })), /got Lion, which has one/);
  filtered(lion()).dispose();
  refuses(
    () => filtered(adamw(), 0.5 as never),
    /options must be an object such as \{ beta1: 0.9 \}, got 0.5/,
  );
  refuses(
    () => filtered(adamw(), { learningRate: 1 } as never),
    /Cannot create Filtered: unknown option "learningRate"/,
  );
  refuses(() => filtered(adamw(), { beta1: 1 }), /beta1 must be in \[0, 1\), got 1/);
});

Deno.test("what only some optimizers have is told by GainMonitor's error", () => {
  assert.throws(
    () => observeFilter(adamw(), () => {}),
    /filter of AdamW.*or any behind filtered\(\)/,
  );
  const optimizer = filtered(adamw());
  observeFilter(optimizer, () => {});
});

for (const [name, create] of Object.entries(INNER)) {
  const use = [[1, 3], [3], [0, 1, 3], [2, 0], [3, 2, 1, 0]];
  backendTest(
    `filtered ${name}: gradients that are null, left out or in another order`,
    "cpu",
    async () => {
      const expected = await alone(create, use);
      for (const nulls of [true, false]) {
        const set = variables(SHAPES);
        const optimizer = filtered(create(), { gamma: 1 });
        for (const [step, indices] of use.entries()) {
          const gradients = set.gradients(step);
          const names = set.list.map(({ name }) => name);
          const order = nulls
            ? [...indices, ...names.keys()].filter((v, i, a) => a.indexOf(v) === i)
            : indices;
          optimizer.applyGradients(order.map((index) => ({
            name: names[index]!,
            tensor: indices.includes(index) ? gradients[names[index]!]! : null,
          })));
          tf.dispose(gradients);
        }
        assert.deepEqual(await set.values(), expected, nulls ? "with nulls" : "left out");
        optimizer.dispose();
        set.dispose();
      }
    },
  );

  backendTest(
    `filtered ${name} trains on when a layer is frozen, and when it is not any more`,
    "cpu",
    async () => {
      const model = tfl.sequential({
        layers: [
          tfl.layers.dense({ units: 4, inputShape: [3], activation: "tanh" }),
          tfl.layers.dense({ units: 2 }),
        ],
      });
      const [x, y] = [tf.randomNormal([8, 3], 0, 1, "float32", 1), tf.ones([8, 2])];
      const loss = () =>
        tf.tidy(() => tf.losses.meanSquaredError(y, model.predict(x) as tf.Tensor).dataSync()[0]!);
      model.compile({ optimizer: filtered(create()), loss: "meanSquaredError" });
      const losses = [loss()];
      for (const trainable of [true, false, true]) {
        model.layers[0]!.trainable = trainable;
        const before = model.layers[0]!.getWeights()[0]!.dataSync().slice();
        await model.fit(x, y, { epochs: 2, verbose: 0, shuffle: false });
        const after = model.layers[0]!.getWeights()[0]!.dataSync();
        assert.equal(before.some((value, i) => value !== after[i]), trainable);
        losses.push(loss());
      }
      assert.ok(losses.every(Number.isFinite), String(losses));
      model.dispose();
      tf.dispose([x, y]);
    },
  );

  backendTest(`filtered ${name}: its learning rate is the inner one's`, "cpu", () => {
    const optimizer = filtered(create());
    const inner = optimizer.inner as unknown as { learningRate: number };
    assert.equal(optimizer.learningRate, inner.learningRate);
    optimizer.setLearningRate(0.25);
    assert.deepEqual([optimizer.learningRate, inner.learningRate], [0.25, 0.25]);
    for (const bad of [0, -1, NaN, Infinity, "0.1", null, undefined]) {
      assert.throws(
        () => optimizer.learningRate = bad as number,
        /Cannot change \w+: learningRate must be a finite number > 0.*got/,
      );
    }
    assert.equal(inner.learningRate, 0.25);
    const schedule = () => 0.5;
    if (optimizer.inner instanceof RuleOptimizer) {
      optimizer.learningRate = schedule;
      assert.equal(optimizer.learningRate, 0.5);
      assert.ok(optimizer.isScheduled);
    } else assert.throws(() => optimizer.learningRate = schedule, /got a schedule/);
    optimizer.dispose();
  });

  backendTest(`filtered ${name} goes from webgpu to the cpu with its state`, "webgpu", async () => {
    const move = async (to: string, optimizer: tf.Optimizer & { offload(): Promise<void> }) => {
      const set = variables(SHAPES);
      for (let step = 0; step < 4; step++) {
        if (step === 2 && to !== tf.getBackend()) {
          await optimizer.offload();
          await tf.setBackend(to);
        }
        const gradients = set.gradients(step);
        optimizer.applyGradients(gradients);
        tf.dispose(gradients);
      }
      const values = await set.values();
      optimizer.dispose();
      set.dispose();
      await tf.setBackend("webgpu");
      return values;
    };
    const stayed = await move("webgpu", filtered(create()));
    // Four steps on parameters of up to 4; roots and quotients of shaders are good to some units more.
    near(await move("cpu", filtered(create())), stayed, 4 * 2 ** -18);
  });
}
