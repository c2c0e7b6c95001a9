import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  Checkpoint,
  resumeTraining,
  sgdf,
  type TrainingBatch,
  type TrainingBatches,
  trainingBatches,
} from "@signalfit/tfjs";
import { counts, useBackend } from "../support/backends.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { warnings } from "../callbacks/fixtures.ts";

await useBackend("cpu");
const column = (count: number) => tf.tensor2d(Array.from({ length: count }, (_, i) => [i]));

/** The rows of the batches of a pass, by their numbers. */
async function pass(data: TrainingBatches<tf.Tensor, tf.Tensor>): Promise<number[][]> {
  const rows: number[][] = [], iterator = await data.iterator();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const { xs, ys } = next.value as TrainingBatch<tf.Tensor, tf.Tensor>;
    assert.deepEqual(ys.dataSync(), xs.dataSync().map((value) => -value));
    rows.push([...xs.dataSync()]);
    tf.dispose([xs, ys]);
  }
  return rows;
}

Deno.test("trainingBatches - every row once an epoch, in an order of its own, by the seed", async () => {
  const before = counts(), x = column(23), y = tf.neg(x);
  const data = (seed: number) => trainingBatches(x, y, { batchSize: 5, seed });
  const [first, same, other] = [data(1), data(1), data(2)];
  assert.equal(first.size, 5);
  const epochs = [await pass(first), await pass(first), await pass(first)];
  for (const epoch of epochs) {
    assert.deepEqual(epoch.map(({ length }) => length), [5, 5, 5, 5, 3]);
    assert.deepEqual(epoch.flat().sort((a, b) => a - b), [...x.dataSync()]);
  }
  assert.equal(new Set(epochs.map(String)).size, 3);
  assert.deepEqual([await pass(same), await pass(same)], epochs.slice(0, 2));
  assert.notDeepEqual(await pass(other), epochs[0]);
  for (const [epoch, batches] of epochs.entries()) {
    for (let step = 0; step <= 5; step++) {
      same.seek(epoch, step);
      assert.deepEqual(await pass(same), batches.slice(step));
      if (epoch < 2) assert.deepEqual(await pass(same), epochs[epoch + 1]);
    }
  }
  tf.dispose([x, y]);
  assert.deepEqual(counts(), before);
});

Deno.test("trainingBatches - a pass that nobody reads is none", async () => {
  const x = column(4), y = tf.neg(x), data = trainingBatches(x, y, { batchSize: 2, seed: 3 });
  await data.iterator();
  const first = await pass(data);
  data.seek(0, 0);
  assert.deepEqual(await pass(data), first);
  tf.dispose([x, y]);
});

Deno.test("trainingBatches - several inputs and labels, by name or in a list", async () => {
  const before = counts();
  const [a, b] = [tfl.input({ shape: [1], name: "a" }), tfl.input({ shape: [1], name: "b" })];
  const sum = tfl.layers.add().apply([a, b]) as tfl.SymbolicTensor;
  const outputs = ["p", "q"].map((name) =>
    tfl.layers.dense({ units: 1, name }).apply(sum) as tfl.SymbolicTensor
  );
  const model = tfl.model({ inputs: [a, b], outputs }), optimizer = tf.train.sgd(1e-4);
  model.compile({ optimizer, loss: ["meanSquaredError", "meanSquaredError"] });
  const x = column(10), y = tf.tidy(() => tf.neg(column(10)));
  const named = trainingBatches({ a: x, b: y }, { p: x, q: y }, { batchSize: 4 });
  const listed = trainingBatches([x, y], [x, y], { batchSize: 4, shuffle: false });
  const sizes: unknown[] = [];
  class Sizes extends tfl.Callback {
    override onBatchEnd(_batch: number, logs?: tfl.Logs | Record<string, unknown>): Promise<void> {
      sizes.push((logs as Record<string, unknown>).size);
      return Promise.resolve();
    }
  }
  const options = { epochs: 1, verbose: 0, callbacks: [new Sizes()] };
  await model.fitDataset(named, options);
  await model.fitDataset(listed, options);
  assert.deepEqual(sizes, [4, 4, 2, 4, 4, 2]);
  model.dispose();
  optimizer.dispose();
  tf.dispose([x, y]);
  assert.deepEqual(counts(), before);
});

Deno.test("trainingBatches - rows in their order without shuffling", async () => {
  const x = column(5),
    y = tf.neg(x),
    data = trainingBatches(x, y, { batchSize: 2, shuffle: false });
  assert.deepEqual(await pass(data), [[0, 1], [2, 3], [4]]);
  assert.deepEqual(data.order, { rows: 5, batchSize: 2, seed: 0, shuffle: false });
  tf.dispose([x, y]);
});

Deno.test("trainingBatches - what is wrong is refused, naming it", () => {
  const x = column(4);
  const refuses = (f: () => unknown, message: RegExp) => assert.throws(f, message);
  refuses(
    () => trainingBatches(x, column(3)),
    /x and y must have the same number of rows.* got 4, 3$/,
  );
  refuses(() => trainingBatches(x, tf.scalar(1)), /got 4, a scalar$/);
  refuses(() => trainingBatches(tf.zeros([0, 2]), tf.zeros([0, 1])), /at least 1, got 0, 0$/);
  refuses(() => trainingBatches([] as tf.Tensor[], x), /x must be a tensor, a list or a record/);
  refuses(() => trainingBatches(x, x, { batchSize: 0 }), /batchSize must be a whole number >= 1/);
  refuses(() => trainingBatches(x, x, { seed: -1 }), /seed must be a whole number >= 0, got -1$/);
  const data = trainingBatches(x, x, { batchSize: 3 });
  refuses(() => data.seek(-1, 0), /epoch must be a whole number >= 0, got -1$/);
  refuses(() => data.seek(0, 3), /step must be a whole number from 0 to 2, got 3$/);
});

Deno.test("resume - a position is refused in data of another order, and warned of without data", () =>
  withTempDir(async (directory) => {
    const model = tfl.sequential({
      layers: [tfl.layers.dense({ units: 1, inputShape: [1], name: "line" })],
    });
    model.compile({ optimizer: sgdf({ learningRate: 1e-3 }), loss: "meanSquaredError" });
    const x = column(9),
      y = tf.neg(x),
      data = (seed: number, batchSize = 2) => trainingBatches(x, y, { batchSize, seed });
    const stops = new (class extends tfl.Callback {
      override onBatchEnd(batch: number): Promise<void> {
        if (batch === 2) this.model.stopTraining = true;
        return Promise.resolve();
      }
    })();
    const given = data(1), checkpoint = new Checkpoint(directory, { data: given });
    await model.fitDataset(given, { epochs: 2, verbose: 0, callbacks: [stops, checkpoint] });
    for (
      const [other, message] of [
        [data(2), /000001-step-3: the data must have seed 1, as when it was saved, got 2$/],
        [data(1, 3), /the data must have batchSize 2, as when it was saved, got 3$/],
        [{ seek: () => {} }, /the data must have rows 9, as when it was saved, got none$/],
      ] as const
    ) await assert.rejects(resumeTraining(model, directory, { data: other }), message);

    const said = await warnings(async () => {
      const start = await resumeTraining(model, directory);
      assert.deepEqual([start!.epoch, start!.step, start!.globalStep], [0, 0, 3]);
    });
    assert.match(said.join(), /was saved after 3 batches of epoch 0.* from its start again/);
    const again = data(1);
    assert.equal((await resumeTraining(model, directory, { data: again }))!.step, 3);
    assert.equal((await pass(again)).length, 2);
    model.dispose();
    tf.dispose([x, y]);
  }));
