import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  adabelief,
  fileSystem,
  lion,
  nadam,
  radam,
  type RMSprop,
  rmsprop,
  type RuleOptimizer,
} from "@signalfit/tfjs";
import { counts, useBackend } from "../support/backends.ts";
import { smallData, smallModel, weightsOf } from "../support/models.ts";
import { type ReferenceName, type ReferenceOptions, references } from "../support/reference.ts";

const FACTORIES: Record<ReferenceName, (options: ReferenceOptions) => RuleOptimizer> = {
  nadam,
  radam,
  adabelief,
  rmsprop,
  lion,
};

for (const { optimizer: name, source, initial, gradients, traces } of references) {
  Deno.test(`${name}(options) makes the steps of ${source}`, async () => {
    await useBackend("cpu");
    const before = counts();
    for (const [index, { options, parameters }] of traces.entries()) {
      const x = tf.tidy(() => tf.variable(tf.tensor1d([...initial]), true, "x"));
      const optimizer = FACTORIES[name](options);
      gradients.forEach((gradient, step) => {
        tf.tidy(() => optimizer.applyGradients({ x: tf.tensor1d([...gradient]) }));
        const expected = parameters[step]!;
        const peak = Math.max(...expected.map(Math.abs));
        x.dataSync().forEach((value, i) => {
          // Float32, thirty steps: as for the golden files of the filter's optimizers.
          const allowed = 3e-4 * (Math.abs(expected[i]!) + 1e-3 * peak);
          const what = `options ${index}, step ${step + 1}: ${value} not ${expected[i]}`;
          assert.ok(Math.abs(value - expected[i]!) <= allowed, what);
        });
      });
      x.dispose();
      optimizer.dispose();
    }
    assert.deepEqual(counts(), before);
  });
}

/** In other forms than the default ones. */
const FORMS: Record<string, () => RuleOptimizer> = {
  nadam: () => nadam({ learningRate: 0.02, weightDecay: 0.01 }),
  radam: () => radam({ learningRate: 0.02, filter: true, gamma: 0.7 }),
  adabelief: () => adabelief({ learningRate: 0.02, filter: true, weightDecay: 0.01 }),
  rmsprop: () => rmsprop({ learningRate: 0.01, centered: true, momentum: 0.5 }),
  lion: () => lion({ learningRate: 0.01, filter: true }),
};

for (const [name, create] of Object.entries(FORMS)) {
  Deno.test(`${name}: saved, loaded and continued, bit for bit`, async () => {
    await useBackend("cpu");
    const before = counts();
    const { xs, ys } = smallData(48);
    const fit = (model: tfl.LayersModel, epochs: number) =>
      model.fit(xs, ys, { epochs, batchSize: 16, shuffle: false, verbose: 0 });
    const start = async (epochs: number) => {
      const model = smallModel();
      model.compile({ optimizer: create(), loss: "categoricalCrossentropy" });
      await fit(model, epochs);
      return model;
    };
    const finish = async (model: tfl.LayersModel) => {
      const optimizer = model.optimizer as RuleOptimizer;
      const state = (await optimizer.getWeights()).map(({ tensor }) => [...tensor.dataSync()]);
      const result = [
        await weightsOf(model),
        state,
        optimizer.getConfig(),
        optimizer.getClassName(),
      ];
      model.dispose();
      optimizer.dispose();
      return result;
    };
    const whole = await finish(await start(4));
    const half = await start(2); // the seventh step is no longer one of RAdam's first
    const directory = await Deno.makeTempDir();
    await half.save(fileSystem(directory), { includeOptimizer: true });
    await finish(half);
    const loaded = await tfl.loadLayersModel(fileSystem(directory));
    await Deno.remove(directory, { recursive: true });
    await fit(loaded, 2);
    assert.deepEqual(await finish(loaded), whole);
    tf.dispose([xs, ys]);
    assert.deepEqual(counts(), before);
  });
}

for (const create of [nadam, radam, adabelief, lion]) {
  Deno.test(`${create.name}: filter gives another step, which gamma takes back`, async () => {
    await useBackend("cpu");
    const before = counts();
    const run = async (options: { filter?: boolean; gamma?: number }) => {
      const x = tf.tidy(() => tf.variable(tf.tensor1d([0, 0]), true, "x"));
      const optimizer = create({ learningRate: 0.1, beta2: 0.99, ...options });
      for (let step = 0; step < 40; step++) {
        // The second element drifts, and its sign is for the filter to find out.
        const gradient = [step % 2 === 0 ? 1 : -1, 1 - 0.05 * step];
        tf.tidy(() => optimizer.applyGradients({ x: tf.tensor1d(gradient) }));
      }
      const slots = (await optimizer.getWeights()).map(({ name }) => name);
      const values = [...x.dataSync()];
      x.dispose();
      optimizer.dispose();
      return { values, slots };
    };
    const [plain, filtered, mean] = [
      await run({}),
      await run({ filter: true }),
      await run({ filter: true, gamma: 1e6 }),
    ];
    assert.ok(Math.abs(filtered.values[1]! - plain.values[1]!) > 0.01, `${filtered.values}`);
    assert.ok(filtered.slots.includes("x/s"));
    assert.equal(plain.slots.includes("x/s"), create === adabelief);
    mean.values.forEach((value, i) => assert.ok(Math.abs(value - plain.values[i]!) < 1e-5));
    assert.deepEqual(counts(), before);
  });
}

Deno.test("defaults are those of PyTorch and of the authors' code", () => {
  const some = (optimizer: RuleOptimizer, ...names: string[]) =>
    names.map((name) => optimizer.getConfig()[name]);
  assert.deepEqual(some(nadam(), "learningRate", "momentumDecay", "filter"), [2e-3, 4e-3, false]);
  assert.deepEqual(some(radam(), "learningRate", "beta2", "epsilon"), [1e-3, 0.999, 1e-8]);
  assert.deepEqual(some(rmsprop(), "learningRate", "alpha", "momentum"), [0.01, 0.99, 0]);
  assert.deepEqual(some(lion(), "learningRate", "beta1", "beta2"), [1e-4, 0.9, 0.99]);
  assert.deepEqual(some(adabelief(), "learningRate", "epsilon"), [1e-3, 1e-16]);
  const decoupled = [nadam(), radam(), rmsprop(), lion(), adabelief()]
    .map((optimizer) => optimizer.getConfig().decoupledWeightDecay);
  assert.deepEqual(decoupled, [false, false, false, true, true]);
});

Deno.test("RMSprop: a velocity is there from the start or never", () => {
  const [without, having] = [rmsprop(), rmsprop({ momentum: 0.9 })];
  having.momentum = 0.5;
  assert.equal(having.momentum, 0.5);
  const set = (optimizer: RMSprop, value: number) => () => optimizer.momentum = value;
  const why = /^RangeError: Cannot change SignalfitRMSprop: momentum must/;
  assert.throws(set(having, 0), /must stay above 0, as it was created, got 0/);
  assert.throws(set(without, 0.5), /must stay 0, as it was created, got 0\.5/);
  for (const value of [1, -0.1, NaN]) assert.throws(set(having, value), why);
  assert.deepEqual([without.momentum, having.momentum], [0, 0.5]);
});

Deno.test("RMSprop of tfjs adds its epsilon below the root, ours beside it", async () => {
  await useBackend("cpu");
  const step = (optimizer: tf.Optimizer) => {
    const x = tf.tidy(() => tf.variable(tf.scalar(0), true, "x"));
    const gradient = tf.scalar(0.3);
    optimizer.applyGradients([{ name: "x", tensor: gradient }]);
    const [value] = x.dataSync();
    tf.dispose([x, gradient]);
    optimizer.dispose();
    return value!;
  };
  const close = (actual: number, expected: number) =>
    assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.abs(expected), `${actual}, ${expected}`);
  const v = 0.1 * 0.3 ** 2;
  close(
    step(rmsprop({ learningRate: 1, alpha: 0.9, epsilon: 0.01 })),
    -0.3 / (Math.sqrt(v) + 0.01),
  );
  close(step(tf.train.rmsprop(1, 0.9, 0, 0.01)), -0.3 / Math.sqrt(v + 0.01));
});
