import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { BestWeights } from "../../callbacks/best_weights.ts";
import { CsvLogger } from "../../callbacks/csv_logger.ts";
import { EmaWeights } from "../../callbacks/ema_weights.ts";
import { JsonlLogger } from "../../callbacks/jsonl_logger.ts";
import { LearningRateLogger } from "../../callbacks/learning_rate_logger.ts";
import { Progress } from "../../callbacks/progress.ts";
import { TensorBoard } from "../../callbacks/tensorboard.ts";
import { TerminateOnNaN } from "../../callbacks/terminate_on_nan.ts";
import { adamf } from "../../src/optimizers/adamf.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { weightsOf } from "../support/models.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { backendTest } from "../support/test.ts";
import { readRun, scalarsOf } from "../tensorboard/event_reader.ts";
import { ThrowAt, Trainee } from "./logger_fixtures.ts";

/** One of each, and tfjs's own. */
function all(directory: string) {
  const best = new BestWeights();
  const output = { isTerminal: true, hasColors: false, columns: 80, write: () => {} };
  const csv = new CsvLogger(`${directory}/log.csv`);
  const jsonl = new JsonlLogger(`${directory}/log.jsonl`, { every: "batch", everyBatches: 3 });
  const board = new TensorBoard(`${directory}/board`, { everyBatches: 2, histograms: 1 });
  const terminate = new TerminateOnNaN({ everyBatches: 2 });
  const ema = new EmaWeights();
  const callbacks: tfl.Callback[] = [
    new LearningRateLogger(),
    ema,
    best,
    tfl.callbacks.earlyStopping({ monitor: "val_loss", patience: 50 }),
    terminate,
    new Progress({ output, refreshMs: 0 }),
    csv,
    jsonl,
    board,
  ];
  const flush = async () => {
    for (const logger of [csv, jsonl, board]) await logger.flush();
    terminate.dispose();
  };
  return { callbacks, best, csv, ema, terminate, flush };
}

/** The rows of the files: epochs of the CSV file, kinds and steps of the JSON lines. */
async function logged(directory: string) {
  const csv = (await Deno.readTextFile(`${directory}/log.csv`)).trimEnd().split("\n").slice(1);
  const lines = (await Deno.readTextFile(`${directory}/log.jsonl`)).trimEnd().split("\n");
  const { epoch_loss, batch_loss } = scalarsOf(await readRun(`${directory}/board/train`));
  return {
    csv: csv.map((row) => Number(row.split(",")[0])),
    jsonl: lines.map((line) => JSON.parse(line)).map(({ kind, step }) => `${kind} ${step}`),
    epochs: epoch_loss!.map(([step]) => step),
    batches: batch_loss!.map(([step]) => step),
  };
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `all callbacks together, over several fits, in any order: ${backend}`,
    backend,
    () =>
      withTempDir(async (root) => {
        const trainee = new Trainee(20, () => adamf({ learningRate: 0.01 }));
        for (const reversed of [false, true]) {
          const directory = `${root}/${reversed}`, { callbacks, ...some } = all(directory);
          if (reversed) callbacks.reverse();
          const { xs, ys } = trainee.data, validationData: [tf.Tensor, tf.Tensor] = [xs, ys];
          await trainee.fit({ epochs: 2, validationData, callbacks }); // 5 batches an epoch
          await trainee.fit({ epochs: 1, batchSize: 10, validationSplit: 0.5, callbacks }); // 1
          await trainee.fitDataset(4, { epochs: 1, validationData, callbacks });
          assert.deepEqual(await logged(directory), {
            csv: [0, 1, 2, 3],
            jsonl: [
              ...["batch 3", "epoch 5", "batch 6", "batch 9", "epoch 10"],
              ...["epoch 11", "batch 12", "batch 15", "epoch 15"],
            ],
            epochs: [1, 2, 3, 4],
            batches: [2, 4, 6, 8, 10, 12, 14],
          });
          const header = (await Deno.readTextFile(`${directory}/log.csv`)).split("\n")[0];
          assert.equal(header, `epoch,acc,loss,${reversed ? "" : "lr,"}val_acc,val_loss`);
          assert.equal(some.terminate.report, null);
          some.best.dispose();
          some.ema.dispose();
        }
        const { before, after } = trainee.close();
        assert.deepEqual(after, before);
      }),
  );

  backendTest(
    `all callbacks together change nothing in the training: ${backend}`,
    backend,
    () =>
      withTempDir(async (directory) => {
        const weights: number[][][] = [];
        for (const logs of [true, false]) {
          const trainee = new Trainee(20, () => adamf({ learningRate: 0.01 }));
          const { callbacks, best, ema } = all(directory);
          await trainee.fit({
            epochs: 2,
            validationSplit: 0.2,
            callbacks: logs ? callbacks.filter((callback) => callback !== best) : [new ThrowAt(99)],
          });
          weights.push(await weightsOf(trainee.model));
          best.dispose();
          ema.dispose();
          trainee.close();
        }
        assert.deepEqual(weights[0], weights[1]);
      }),
  );

  backendTest(
    `all callbacks together: an exception leaks nothing of theirs: ${backend}`,
    backend,
    () =>
      withTempDir(async (directory) => {
        const left: number[] = [];
        for (const logs of [true, false]) {
          const trainee = new Trainee(20, () => adamf({ learningRate: 0.01 }));
          const { callbacks, best, ema, flush } = all(directory);
          const args = { epochs: 3, validationSplit: 0.2 };
          const thrown = new ThrowAt(7);
          // Reads the logs of the first epoch, which tfjs would leave as tensors.
          const stop = tfl.callbacks.earlyStopping({ patience: 9 });
          await assert.rejects(
            () => trainee.fit({ ...args, callbacks: [...logs ? callbacks : [stop], thrown] }),
            /on purpose/,
          );
          if (logs) {
            await flush();
            assert.deepEqual(await logged(directory), {
              csv: [0],
              jsonl: ["batch 3", "epoch 4", "batch 6"],
              epochs: [1],
              batches: [2, 4, 6],
            });
            assert.equal(best.restore(), true);
          }
          best.dispose();
          ema.dispose();
          const later = tf.add(trainee.data.xs, 1);
          await later.data(); // what was asked of the device before is over by now
          later.dispose();
          left.push(counts().tensors - trainee.standing.tensors);
          trainee.close();
        }
        assert.equal(left[0], left[1], "what tfjs itself leaves");
      }),
  );
}
