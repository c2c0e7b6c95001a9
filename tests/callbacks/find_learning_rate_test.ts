import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  adabelief,
  adamf,
  adamw,
  cosineDecay,
  filtered,
  findLearningRate,
  momentum,
  sgdf,
} from "@signalfit/tfjs";
import { type BackendName, counts } from "../support/backends.ts";
import { smallData, weightsOf } from "../support/models.ts";
import { backendTest } from "../support/test.ts";
import { dataset } from "./fixtures.ts";

const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  "tf.train.sgd": () => tf.train.sgd(0.1),
  "tf.train.momentum": () => tf.train.momentum(0.1, 0.9),
  "tf.train.rmsprop": () => tf.train.rmsprop(0.01, 0.9, 0.5),
  "tf.train.adagrad": () => tf.train.adagrad(0.1),
  "tf.train.adadelta": () => tf.train.adadelta(0.1),
  "tf.train.adam": () => tf.train.adam(0.01),
  "tf.train.adamax": () => tf.train.adamax(0.01),
  "sgdf": () => sgdf({ learningRate: 0.1 }),
  "adamf": () => adamf({ learningRate: 0.01, amsgrad: true }),
  "adamw": () => adamw({ learningRate: 0.01 }),
  "momentum": () => momentum({ learningRate: 0.1 }),
  "adabelief": () => adabelief({ learningRate: cosineDecay({ initialRate: 0.1, decaySteps: 9 }) }),
  "filtered(tf.train.adam)": () => filtered(tf.train.adam(0.01)),
  "filtered(adamw)": () => filtered(adamw({ learningRate: 0.01 }), { gamma: 1 }),
  "adamf with all options": () =>
    adamf({
      learningRate: (step) => 0.1 / (step + 1),
      weightDecay: 0.1,
      exclude: ({ shape }) => shape.length < 2,
      overrides: [{ match: /kernel/, learningRate: 0.02, beta1: 0.5 }],
      globalClipNorm: 1,
      gradientAccumulationSteps: 3,
      useEma: true,
    }),
};

const ROWS = 16, SWEEP = { steps: 10, batchSize: 8, maxRate: 1 };

/** A model with weights that training moves without a gradient, and that draws no random numbers. */
function withBatchNorm(optimizer: tf.Optimizer | string): tfl.Sequential {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({
        inputShape: [4],
        units: 6,
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 5 }),
      }),
      tfl.layers.batchNormalization(),
      tfl.layers.dense({
        units: 3,
        activation: "softmax",
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 6 }),
      }),
    ],
  });
  model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

type Data = ReturnType<typeof smallData>;

const train = (model: tfl.LayersModel, { xs, ys }: Data) =>
  model.fit(xs, ys, { batchSize: 8, epochs: 1, shuffle: false, verbose: 0 });

/** All that an optimizer holds, numbers for tensors. */
async function contents(value: unknown): Promise<unknown> {
  if (value instanceof tf.Tensor) return [value.shape, [...await value.data()]];
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(async ([name, field]) => [name, await contents(field)]);
  return Object.fromEntries(await Promise.all(fields));
}

async function stateOf(optimizer: tf.Optimizer): Promise<unknown> {
  const fields = await contents({ ...optimizer });
  if (optimizer.getClassName() === "Adamax") return fields; // which cannot give its state
  const weights = await optimizer.getWeights(), values = await contents(weights);
  // Made anew each time: all by this library, one by tfjs, whose own variables the others are.
  const made = weights.filter(({ tensor, name }) =>
    !(tensor instanceof tf.Variable) || name === "iter"
  );
  tf.dispose(made.map(({ tensor }) => tensor));
  return [fields, optimizer.iterations, values];
}

/** Frees a model and its optimizer; tfjs's Momentum leaves a tensor behind. */
function free(model: tfl.LayersModel): void {
  const optimizer = model.optimizer as tf.Optimizer & { c?: tf.Tensor };
  model.dispose();
  optimizer.dispose();
  optimizer.c?.dispose();
}

/** What may go wrong in a sweep. */
const FAULTS: Record<string, (model: tfl.LayersModel, data: Data) => Promise<unknown>> = {
  "nothing": (model, { xs, ys }) => findLearningRate(model, [xs, ys], SWEEP),
  "an error in the loss": (model, { xs, ys }) => {
    const parts =
      (model as unknown as { model: { lossFunctions: ((...x: tf.Tensor[]) => tf.Tensor)[] } })
        .model;
    const [loss] = parts.lossFunctions;
    let calls = 0;
    parts.lossFunctions = [(...args) => {
      if (calls++ === 5) throw new Error("on purpose");
      return loss!(...args);
    }];
    return findLearningRate(model, [xs, ys], SWEEP)
      .finally(() => parts.lossFunctions = [loss!]);
  },
  "an error in the data": (model, { xs, ys }) => {
    const data = dataset(9, (batch) => {
      if (batch === 4) throw new Error("on purpose");
      return { xs: tf.slice(xs, 0, 8), ys: tf.slice(ys, 0, 8) };
    });
    return findLearningRate(model, data, SWEEP);
  },
  "a batch that does not fit": (model, { xs, ys }) => {
    const data = dataset(9, (batch) => {
      const wide = batch === 4;
      return { xs: wide ? tf.ones([8, 5]) : tf.slice(xs, 0, 8), ys: tf.slice(ys, 0, 8) };
    });
    return findLearningRate(model, data, SWEEP).catch((error) => {
      throw new Error(`on purpose: ${error.message}`);
    });
  },
};

const SOME = ["tf.train.momentum", "tf.train.adam", "sgdf", "adamf with all options"];
const SOME_FAULTS = ["nothing", "an error in the loss"];

/** All optimizers meet all faults on cpu, and fewer where starting takes longer. */
const PLACES: Record<BackendName, { optimizers: string[]; faults: string[] }> = {
  cpu: { optimizers: Object.keys(OPTIMIZERS), faults: Object.keys(FAULTS) },
  wasm: { optimizers: SOME, faults: SOME_FAULTS },
  webgpu: { optimizers: SOME, faults: SOME_FAULTS },
};

for (const [backend, { optimizers, faults }] of Object.entries(PLACES)) {
  for (const name of optimizers) {
    const title = `findLearningRate() leaves all as it was: ${name}, ${backend}`;
    backendTest(title, backend as BackendName, async () => {
      const before = counts(), data = smallData(ROWS), create = OPTIMIZERS[name]!;
      const undisturbed = withBatchNorm(create());
      await train(undisturbed, data);
      await train(undisturbed, data);
      const expected = await weightsOf(undisturbed);
      free(undisturbed);

      for (const fault of faults) {
        const model = withBatchNorm(create()), { optimizer } = model;
        const { history } = await train(model, data);
        const losses = [...history.loss as number[]];
        const weights = await weightsOf(model), state = await stateOf(optimizer);
        const standing = counts();
        let failed = false;
        await FAULTS[fault]!(model, data).catch(({ message }: Error) => {
          assert.match(message, /on purpose/);
          failed = true;
        });
        assert.equal(failed, fault !== "nothing", fault);
        assert.equal(model.optimizer, optimizer);
        assert.deepEqual(history.loss, losses);
        assert.deepEqual(counts(), standing, fault);
        assert.deepEqual(await weightsOf(model), weights, fault);
        assert.deepEqual(await stateOf(optimizer), state, fault);
        await train(model, data);
        assert.deepEqual(await weightsOf(model), expected, fault);
        free(model);
      }
      tf.dispose([data.xs, data.ys]);
      assert.deepEqual(counts(), before);
    });
  }
}
