import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  adabelief,
  adamf,
  adamw,
  lion,
  momentum,
  nadam,
  radam,
  rmsprop,
  sgdf,
} from "@signalfit/tfjs";
import { counts, useBackend } from "../support/backends.ts";
import { ENGINES } from "../support/engines.ts";
import { backendTest } from "../support/test.ts";
import { smallData, smallModel, weightsOf } from "../support/models.ts";

const FACTORIES = { sgdf, adamf, adamw, momentum };
/** These differ from the others in their rule alone: one engine each, by turns. */
const ON_ONE_ENGINE = { nadam, radam, adabelief, rmsprop, lion };
const ROWS = 50;
const BATCH = 16; // the last batch is partial
const EPOCHS = 2;

type Way = (
  model: tfl.Sequential,
  optimizer: tf.Optimizer,
  data: ReturnType<typeof smallData>,
) => Promise<void>;

const WAYS: Record<string, Way> = {
  async fit(model, optimizer, { xs, ys }) {
    model.compile({ optimizer, loss: "categoricalCrossentropy" });
    await model.fit(xs, ys, { epochs: EPOCHS, batchSize: BATCH, shuffle: false, verbose: 0 });
  },
  async fitDataset(model, optimizer, { xs, ys }) {
    model.compile({ optimizer, loss: "categoricalCrossentropy" });
    const dataset = {
      iterator: () => {
        let row = 0;
        const next = () => {
          if (row >= ROWS) return { value: null, done: true };
          const size = Math.min(BATCH, ROWS - row);
          const value = { xs: tf.slice(xs, row, size), ys: tf.slice(ys, row, size) };
          row += size;
          return { value, done: false };
        };
        return Promise.resolve({ next: () => Promise.resolve(next()) });
      },
    } as unknown as Parameters<tfl.Sequential["fitDataset"]>[0];
    await model.fitDataset(dataset, { epochs: EPOCHS, verbose: 0 });
  },
  loop(model, optimizer, { xs, ys }) {
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      for (let row = 0; row < ROWS; row += BATCH) {
        tf.tidy(() => {
          const size = Math.min(BATCH, ROWS - row);
          const [x, y] = [tf.slice(xs, row, size), tf.slice(ys, row, size)];
          const loss = () => {
            const output = model.apply(x, { training: true }) as tf.Tensor;
            return tf.mean(tfl.metrics.categoricalCrossentropy(y, output)) as tf.Scalar;
          };
          optimizer.minimize(loss, false, variables);
        });
      }
    }
    return Promise.resolve();
  },
};

for (const [index, { engine, backend }] of ENGINES.entries()) {
  const others = Object.entries(ON_ONE_ENGINE).slice(index, index + 1);
  for (const [name, factory] of [...Object.entries(FACTORIES), ...others]) {
    const title = `fit, fitDataset and a loop of one's own agree: ${name}, ${engine} on ${backend}`;
    backendTest(title, backend, async () => {
      const before = counts();
      const data = smallData(ROWS);
      const results: number[][][] = [];
      for (const way of Object.values(WAYS)) {
        const model = smallModel();
        const optimizer = factory({ learningRate: 0.05, engine });
        await way(model, optimizer, data);
        assert.equal(optimizer.iterations, EPOCHS * Math.ceil(ROWS / BATCH));
        results.push(await weightsOf(model));
        model.dispose();
        optimizer.dispose();
      }
      for (const result of results) assert.deepEqual(result, results[0]);
      tf.dispose([data.xs, data.ys]);
      assert.deepEqual(counts(), before);
    });
  }
}

Deno.test("a frozen layer stays untouched, and goes on when it is thawed", async () => {
  await useBackend("cpu");
  const data = smallData(ROWS);
  const model = smallModel();
  const optimizer = sgdf({ learningRate: 0.1 });
  const train = async (frozen: boolean) => {
    model.layers[0]!.trainable = !frozen;
    model.compile({ optimizer, loss: "categoricalCrossentropy" });
    await model.fit(data.xs, data.ys, { epochs: 1, batchSize: BATCH, verbose: 0 });
  };
  const kernel = model.layers[0]!.weights[0]!.name;
  await train(false);
  const before = await weightsOf(model);
  await train(true);
  const frozen = await weightsOf(model);
  assert.deepEqual(frozen.slice(0, 2), before.slice(0, 2));
  assert.notDeepEqual(frozen.slice(2), before.slice(2));
  assert.equal(optimizer.stepsOf(kernel), 4);
  await train(false);
  assert.notDeepEqual((await weightsOf(model)).slice(0, 2), before.slice(0, 2));
  assert.equal(optimizer.stepsOf(kernel), 8);
  tf.dispose([data.xs, data.ys]);
  model.dispose();
  optimizer.dispose();
});

Deno.test("two optimizers and two models do not meet", async () => {
  await useBackend("cpu");
  const data = smallData(ROWS);
  const run = async (both: boolean) => {
    const models = both ? [smallModel("one"), smallModel("two")] : [smallModel("one")];
    const optimizers = models.map(() => adamf({ learningRate: 0.01 }));
    models.forEach((model, i) =>
      model.compile({ optimizer: optimizers[i]!, loss: "categoricalCrossentropy" })
    );
    for (let round = 0; round < 2; round++) {
      for (const model of models) {
        await model.fit(data.xs, data.ys, { epochs: 1, shuffle: false, verbose: 0 });
      }
    }
    const result = await weightsOf(models[0]!);
    models.forEach((model) => model.dispose());
    optimizers.forEach((optimizer) => optimizer.dispose());
    return result;
  };
  assert.deepEqual(await run(true), await run(false));
  tf.dispose([data.xs, data.ys]);
});
