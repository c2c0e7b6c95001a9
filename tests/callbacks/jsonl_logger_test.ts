import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { JsonlLogger, type JsonlRecord } from "../../callbacks/jsonl_logger.ts";
import { adamf } from "../../src/optimizers/adamf.ts";
import type { BackendName } from "../support/backends.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { backendTest } from "../support/test.ts";
import { warnings } from "./fixtures.ts";
import { Losses, ThrowAt, Trainee } from "./logger_fixtures.ts";

async function recordsOf(path: string): Promise<JsonlRecord[]> {
  const text = await Deno.readTextFile(path);
  assert.ok(text.endsWith("\n"));
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** Halves the learning rate at the end of each batch. */
class Halve extends tfl.Callback {
  override onBatchEnd(): Promise<void> {
    (this.model.optimizer as unknown as { learningRate: number }).learningRate /= 2;
    return Promise.resolve();
  }
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `JsonlLogger - lines of batches and epochs: ${backend}`,
    backend,
    () =>
      withTempDir(async (directory) => {
        const trainee = new Trainee(20, () => adamf({ learningRate: 1 }));
        const path = `${directory}/a.jsonl`, losses = new Losses();
        const logger = new JsonlLogger(path, { every: "batch", everyBatches: 2 });
        const stop = tfl.callbacks.earlyStopping({ monitor: "val_loss", patience: 9 });
        const callbacks = [new Halve(), logger, losses, stop], began = Date.now() / 1000;
        const { history } = await trainee.fit({ epochs: 2, validationSplit: 0.2, callbacks });
        const records = await recordsOf(path); // 4 batches an epoch
        assert.deepEqual(
          records.map(({ kind, epoch, batch, step }) => [kind, epoch, batch, step]),
          [
            ["batch", 0, 1, 2],
            ["batch", 0, 3, 4],
            ["epoch", 0, undefined, 4],
            ["batch", 1, 1, 6],
            ["batch", 1, 3, 8],
            ["epoch", 1, undefined, 8],
          ],
        );
        assert.deepEqual(
          records.map(({ learningRate }) => learningRate),
          [2, 4, 4, 6, 8, 8].map((step) => 2 ** (1 - step)),
          "the rate that the batch was trained with",
        );
        for (const { kind, epoch, step, logs, time } of records) {
          assert.deepEqual(
            Object.keys(logs).sort(),
            kind === "batch" ? ["acc", "loss"] : ["acc", "loss", "val_acc", "val_loss"],
          );
          const loss = kind === "batch" ? losses.values[step - 1] : history.loss![epoch];
          assert.equal(logs.loss, loss);
          assert.ok(time >= began && time <= Date.now() / 1000);
        }
        const { before, after } = trainee.close();
        assert.deepEqual(after, before);
      }),
  );
}

backendTest(
  "JsonlLogger - epochs alone; NaN and infinities as strings; no rate",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      const trainee = new Trainee(), path = `${directory}/a.jsonl`;
      class Odd extends tfl.Callback {
        override onEpochEnd(_epoch: number, logs?: tfl.Logs): Promise<void> {
          Object.assign(logs!, { a: NaN, b: Infinity, c: -Infinity, d: tf.scalar(NaN) });
          return Promise.resolve();
        }
      }
      Object.assign(trainee.optimizer, { learningRate: undefined });
      await trainee.fit({ epochs: 2, callbacks: [new Odd(), new JsonlLogger(path)] });
      const records = await recordsOf(path);
      assert.equal(records.length, 2);
      const { logs, learningRate } = records[1]!;
      assert.deepEqual([logs.a, logs.b, logs.c, logs.d], ["NaN", "Infinity", "-Infinity", "NaN"]);
      assert.equal(Number(logs.c), -Infinity);
      assert.equal(learningRate, null);
      const { before, after } = trainee.close();
      assert.deepEqual(after, before);
    }),
);

backendTest(
  "JsonlLogger - append, an exception, several fits, a state",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      const trainee = new Trainee(), path = `${directory}/a.jsonl`;
      await Deno.writeTextFile(path, '{"kind":"epoch","epoch":0,"step":5,"logs":{}}\n{"kind":"ep');
      const logger = new JsonlLogger(path, { every: "batch", append: true });
      const seen = await warnings(async () => {
        await assert.rejects(
          () => trainee.fit({ epochs: 2, callbacks: [logger, new ThrowAt(3)] }),
          /on purpose/,
        );
      });
      assert.match(seen[0]!, /^JsonlLogger: the last line of .* was cut short; its 11 bytes/);
      await trainee.fit({ epochs: 1, callbacks: [logger] });
      assert.deepEqual((await recordsOf(path)).map(({ step }) => step), [
        5,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        8,
      ]);
      const state = await logger.getState(), text = await Deno.readTextFile(path);
      await trainee.fit({ epochs: 1, callbacks: [logger] });
      logger.setState(state);
      await trainee.fit({ epochs: 1, callbacks: [logger] });
      const records = await recordsOf(path);
      assert.ok((await Deno.readTextFile(path)).startsWith(text));
      assert.deepEqual(records.slice(10).map(({ step }) => step), [9, 10, 11, 12, 13, 13]);
      assert.equal(records.at(-1)!.epoch, 1);
      await Deno.writeTextFile(path, "notes\n");
      await assert.rejects(
        () => trainee.fit({ callbacks: [new JsonlLogger(path, { append: true })] }),
        /it must begin with "\{", got "n"/,
      );
      assert.throws(
        () => new JsonlLogger(path, { every: "step" as "batch" }),
        /every must be one of "epoch", "batch", got "step"/,
      );
      const { before, after } = trainee.close();
      // tfjs leaves loss and metric of the batch, their totals, and the order of the samples.
      assert.equal(after.tensors, before.tensors + 5);
    }),
);
