import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { decode } from "fast-png";
import { TensorBoard } from "../../callbacks/tensorboard.ts";
import type { TensorBoardState } from "../../callbacks/tensorboard.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { backendTest } from "../support/test.ts";
import { eventsOf, readRun, scalarsOf, valuesOf } from "../tensorboard/event_reader.ts";
import { Losses, ThrowAt, Trainee } from "./logger_fixtures.ts";
import { countReads } from "./fixtures.ts";

const steps = (pairs: readonly [number, number][] = []) => pairs.map(([step]) => step);
const numbers = (pairs: readonly [number, number][] = []) => pairs.map(([, value]) => value);
const rounded = (values: readonly unknown[] = []) =>
  values.map((value) => Math.fround(value as number));

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `TensorBoard - scalars of epochs and batches, two runs: ${backend}`,
    backend,
    () =>
      withTempDir(async (directory) => {
        const trainee = new Trainee(), logDir = `${directory}/runs/a`, losses = new Losses();
        const board = new TensorBoard(logDir, { everyBatches: 3 });
        const stop = tfl.callbacks.earlyStopping({ monitor: "val_loss", patience: 9 });
        const callbacks = [board, losses, stop];
        const fits: tfl.History[] = [];
        for (let fit = 0; fit < 2; fit++) { // 4 batches an epoch
          fits.push(await trainee.fit({ epochs: 2, validationSplit: 0.2, callbacks }));
        }
        const history = (name: string) => rounded(fits.flatMap(({ history }) => history[name]!));
        const train = scalarsOf(await readRun(`${logDir}/train`));
        assert.deepEqual(Object.keys(train).sort(), [
          ...["batch_acc", "batch_learning_rate", "batch_loss"],
          ...["epoch_acc", "epoch_learning_rate", "epoch_loss"],
        ]);
        assert.deepEqual(steps(train.epoch_loss), [1, 2, 3, 4]);
        assert.deepEqual(numbers(train.epoch_loss), history("loss"));
        assert.deepEqual(numbers(train.epoch_acc), history("acc"));
        assert.deepEqual(steps(train.batch_loss), [3, 6, 9, 12, 15]);
        assert.deepEqual(
          numbers(train.batch_loss),
          [2, 5, 8, 11, 14].map((i) => losses.values[i]),
        );
        assert.deepEqual(numbers(train.epoch_learning_rate), rounded([0.1, 0.1, 0.1, 0.1]));
        assert.deepEqual(numbers(train.batch_learning_rate), rounded([0.1, 0.1, 0.1, 0.1, 0.1]));
        const val = scalarsOf(await readRun(`${logDir}/val`));
        assert.deepEqual(Object.keys(val).sort(), ["epoch_acc", "epoch_loss"]);
        assert.deepEqual(steps(val.epoch_loss), [1, 2, 3, 4]);
        assert.deepEqual(numbers(val.epoch_loss), history("val_loss"));
        const { before, after } = trainee.close();
        assert.deepEqual(after, before);
      }),
  );

  backendTest(
    `TensorBoard - histograms, images, text: ${backend}`,
    backend,
    () =>
      withTempDir(async (directory) => {
        const trainee = new Trainee(), asked: number[] = [];
        const png = await Deno.readFile(await anImage(directory));
        const board = new TensorBoard(directory, {
          histograms: 2,
          imagesEvery: 2,
          images: async (epoch) => {
            asked.push(epoch);
            await Promise.resolve();
            return { ramp: tf.reshape(tf.linspace(0, 1, 12), [2, 2, 3]), file: png };
          },
          text: { config: "a **b**\n" },
        });
        await trainee.fit({ epochs: 5, callbacks: [board] });
        const weights = await Promise.all(
          trainee.model.weights.map(async (weight) => [...await weight.read().data()]),
        );
        await board.writeHistogram("odd", tf.tidy(() => tf.tensor1d([1, NaN, 3])), 7);
        await board.writeImage("signed", tf.tensor2d([[-1, 1]]), 7, { range: [-1, 1] });
        board.writeScalar("score", 0.5, 7);
        board.writeText("note", "later", 7);
        await board.flush();
        const events = await readRun(`${directory}/train`);
        assert.deepEqual(
          valuesOf(events, "tensor").map(({ step, tag, plugin, value }) => [
            ...[step, tag, plugin, value.dtype, value.tensor_shape.dim.map(({ size }) => size)],
            ...value.string_val.map((bytes) => new TextDecoder().decode(bytes)),
          ]),
          [[0, "config", "text", 7, [1], "a **b**\n"], [7, "note", "text", 7, [1], "later"]],
        );
        const histograms = valuesOf(events, "histo");
        assert.deepEqual(
          histograms.map(({ step, tag }) => `${step} ${tag}`),
          [2, 4].flatMap((step) => trainee.model.weights.map(({ name }) => `${step} ${name}`))
            .concat("7 odd"),
        );
        histograms.slice(4, 8).forEach(({ value }, w) => {
          assert.equal(value.num, weights[w]!.length);
          assert.equal(value.bucket.reduce((a, b) => a + b), value.num);
          assert.equal(value.bucket.length, value.bucket_limit.length);
        });
        assert.deepEqual(scalarsOf(events)["odd/non_finite"], [[7, 1]]);
        assert.deepEqual(scalarsOf(events).score, [[7, 0.5]]);
        assert.deepEqual(asked, [1, 3]);
        const images = valuesOf(events, "image").map(({ step, tag, value }) => {
          const { data } = decode(value.encoded_image_string, { checkCrc: true });
          return [step, tag, value.width, value.height, value.colorspace, [...data]];
        });
        const ramp = Array.from({ length: 12 }, (_, i) => Math.round(255 * Math.fround(i / 11)));
        assert.deepEqual(images, [
          ...[2, 4].flatMap((step) => [
            [step, "ramp", 2, 2, 3, ramp],
            [step, "file", 1, 1, 1, [200]],
          ]),
          [7, "signed", 2, 1, 1, [0, 255]],
        ]);
        tf.disposeVariables();
        trainee.optimizer.dispose();
      }),
  );
}

/** A file with a picture of one gray pixel. */
async function anImage(directory: string): Promise<string> {
  const { encode } = await import("fast-png");
  const path = `${directory}/one.png`;
  const data = Uint8Array.of(200);
  await Deno.writeFile(path, encode({ width: 1, height: 1, channels: 1, depth: 8, data }));
  return path;
}

backendTest(
  "TensorBoard - images that are given are disposed of, also after an error",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      const trainee = new Trainee();
      await trainee.fit({
        epochs: 2,
        callbacks: [new TensorBoard(directory, { images: () => ({ noise: tf.zeros([4, 4]) }) })],
      });
      assert.deepEqual(counts(), trainee.standing);
      const board = new TensorBoard(directory, {
        images: () => ({ bad: tf.zeros([4]), good: tf.zeros([4, 4]) }),
      });
      await assert.rejects(() => trainee.fit({ epochs: 1, callbacks: [board] }), /shape must be/);
      assert.equal(counts().tensors, trainee.standing.tensors);
      trainee.close();
    }),
);

backendTest(
  "TensorBoard - a device is read once for some batches together",
  "webgpu",
  () =>
    withTempDir(async (directory) => {
      const trainee = new Trainee(40);
      const args = { epochs: 1, yieldEvery: "never" } as const;
      const reads = (everyBatches: number) =>
        countReads(async () => {
          const board = new TensorBoard(`${directory}/${everyBatches}`, { everyBatches });
          await trainee.fit({ ...args, callbacks: [board] });
        });
      assert.equal(await reads(5), await reads(0) + 2);
      trainee.close();
    }),
);

backendTest(
  "TensorBoard - an exception, and resumed as if it had never stopped",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      const logged: unknown[] = [];
      for (const interrupted of [false, true]) {
        const logDir = `${directory}/${interrupted}`, trainee = new Trainee();
        const options = { everyBatches: 2, text: { config: "once" } };
        const board = new TensorBoard(logDir, options);
        await trainee.fit({ epochs: 2, validationSplit: 0.2, callbacks: [board] });
        const state: TensorBoardState = JSON.parse(JSON.stringify(await board.getState()));
        const weights = trainee.model.getWeights().map((weight) => weight.clone());
        if (interrupted) {
          const callbacks = [board, new ThrowAt(7)];
          const args = { epochs: 2, validationSplit: 0.2, callbacks };
          await assert.rejects(() => trainee.fit(args), /on purpose/);
          await board.flush();
          trainee.model.setWeights(weights);
        }
        const resumed = interrupted ? new TensorBoard(logDir, options) : board;
        if (interrupted) resumed.setState(state);
        await trainee.fit({
          epochs: 4,
          initialEpoch: 2,
          validationSplit: 0.2,
          callbacks: [resumed],
        });
        const events = ["train", "val"].map((run) => readRun(`${logDir}/${run}`));
        logged.push(
          (await Promise.all(events)).flat().map(({ wall_time: _, ...event }) => event),
        );
        tf.dispose(weights);
        trainee.close();
      }
      assert.ok((logged[0] as unknown[]).length > 10);
      assert.deepEqual(logged[1], logged[0]);
    }),
);

backendTest(
  "TensorBoard - resumed without its file it begins another",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      const trainee = new Trainee(), board = new TensorBoard(directory);
      await trainee.fit({ epochs: 2, callbacks: [board] });
      const state = await board.getState(), file = `${directory}/train/${state.files.train!.name}`;
      for (const damage of [() => Deno.truncate(file, 100), () => Deno.remove(file)]) {
        await damage();
        const old = new Set([...Deno.readDirSync(`${directory}/train`)].map(({ name }) => name));
        const resumed = new TensorBoard(directory);
        resumed.setState(state);
        await trainee.fit({ epochs: 3, initialEpoch: 2, callbacks: [resumed] });
        const fresh = [...Deno.readDirSync(`${directory}/train`)].map(({ name }) => name)
          .filter((name) => !old.has(name));
        assert.equal(fresh.length, 1);
        const events = eventsOf(await Deno.readFile(`${directory}/train/${fresh[0]}`));
        assert.deepEqual(steps(scalarsOf(events).epoch_loss), [3]);
        await Deno.remove(`${directory}/train/${fresh[0]}`);
      }
      trainee.close();
    }),
);

backendTest(
  "TensorBoard - fitDataset, batches of one, NaN",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      const trainee = new Trainee(), board = new TensorBoard(directory, { everyBatches: 1 });
      const { xs, ys } = trainee.data;
      await trainee.fitDataset(3, { epochs: 1, validationData: [xs, ys], callbacks: [board] });
      const bad = tf.fill(ys.shape, NaN);
      await trainee.model.fit(xs, bad, { batchSize: 1, epochs: 1, verbose: 0, callbacks: [board] });
      const train = scalarsOf(await readRun(`${directory}/train`));
      assert.equal(train.batch_loss!.length, 23);
      assert.ok(numbers(train.batch_loss).slice(3).every(Number.isNaN));
      assert.deepEqual(steps(train.epoch_loss), [1, 2]);
      assert.deepEqual(steps(scalarsOf(await readRun(`${directory}/val`)).epoch_loss), [1]);
      bad.dispose();
      const { before, after } = trainee.close();
      assert.deepEqual(after, before);
    }),
);

Deno.test("TensorBoard - errors", async () => {
  assert.throws(() => new TensorBoard(""), /Cannot create TensorBoard: path must be a path/);
  assert.throws(
    () => new TensorBoard("a", { histograms: -1 }),
    /histograms must be a whole number >= 0, got -1/,
  );
  assert.throws(
    () => new TensorBoard("a", { text: { a: 1 } as unknown as Record<string, string> }),
    /text must be an object of strings/,
  );
  const board = new TensorBoard("a");
  const state: TensorBoardState = {
    format: "signalfit-tensorboard-1",
    epochs: 1,
    steps: 1,
    files: {},
  };
  for (const name of ["../x", "events.out.tfevents.1/../../x", "notes.txt"]) {
    assert.throws(
      () => board.setState({ ...state, files: { train: { name, bytes: 1 } } }),
      /files.train.name must be that of an event file/,
    );
  }
  assert.throws(() => board.setState({ ...state, steps: 1.5 }), /steps must be a whole number/);
  await withTempDir(async (directory) => {
    await Deno.writeTextFile(`${directory}/train`, "a file");
    const blocked = new TensorBoard(directory);
    blocked.writeScalar("x", 1, 1);
    await assert.rejects(() => blocked.flush(), /^Error: Cannot log to .*a file stands where/);
    await Deno.remove(`${directory}/train`);
    await blocked.flush();
    assert.deepEqual(scalarsOf(await readRun(`${directory}/train`)), { x: [[1, 1]] });
  });
});
