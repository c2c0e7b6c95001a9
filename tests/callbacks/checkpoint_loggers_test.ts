import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import {
  BestWeights,
  Checkpoint,
  CsvLogger,
  JsonlLogger,
  ReduceLROnPlateau,
  resume,
  sgdf,
  trainingBatches,
} from "@signalfit/tfjs";
import { Breaks } from "../faults/run.ts";
import { useBackend } from "../support/backends.ts";
import { smallData, smallModel, weightsOf } from "../support/models.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { warnings } from "./fixtures.ts";

const EPOCHS = 5;

/** Trains as far as it comes, and gives all that is left behind. */
async function train(directory: string, breaksAfter: number): Promise<unknown> {
  const model = smallModel(), optimizer = sgdf({ learningRate: 1 });
  model.compile({ optimizer, loss: "categoricalCrossentropy" });
  const { xs, ys } = smallData(20), data = trainingBatches(xs, ys, { batchSize: 4, seed: 2 });
  const best = new BestWeights({ monitor: "val_loss", restoreAtEnd: false });
  const kept = [
    best,
    new ReduceLROnPlateau({ monitor: "val_loss", patience: 1, minDelta: 0.05 }),
    new CsvLogger(`${directory}/log.csv`),
    new JsonlLogger(`${directory}/log.jsonl`, { every: "batch" }),
  ];
  const checkpoint = new Checkpoint(`${directory}/checkpoints`, {
    callbacks: kept,
    data,
    everySteps: 3,
  });
  try {
    const start = await resume(model, checkpoint);
    await model.fitDataset(data, {
      epochs: EPOCHS,
      initialEpoch: start?.initialEpoch,
      verbose: 0,
      validationData: [xs, ys],
      callbacks: [checkpoint, ...kept, new Breaks(breaksAfter)],
    });
    const weights = best.getWeights(),
      lines = (name: string) => Deno.readTextFileSync(`${directory}/${name}`).trim().split("\n");
    return {
      weights: await weightsOf(model),
      best: [best.best, best.bestEpoch, weights.map(({ tensor }) => [...tensor.dataSync()])],
      learningRate: optimizer.learningRate,
      csv: lines("log.csv"),
      jsonl: lines("log.jsonl").map((line) => ({ ...JSON.parse(line), time: 0 })),
    };
  } finally {
    best.dispose();
    optimizer.dispose();
    model.dispose();
    tf.dispose([xs, ys]);
  }
}

Deno.test("Checkpoint - logs, the best weights and a reduced rate go on as if nothing had been", () =>
  withTempDir(async (root) => {
    await useBackend("cpu");
    const whole = await train(`${root}/whole`, Infinity) as Record<string, unknown>;
    let resumed: unknown;
    await warnings(async () => {
      for (const batches of [7, 9]) {
        await assert.rejects(() => train(`${root}/broken`, batches), /broken on purpose/);
      }
      resumed = await train(`${root}/broken`, Infinity);
    });
    assert.ok(whole.learningRate as number < 1, "it was reduced");
    // The first epoch after a resumption has the mean of what was left of it.
    const comparable = (outcome: unknown) => {
      const { csv, jsonl, ...rest } = outcome as {
        csv: string[];
        jsonl: { kind: string; logs: Record<string, unknown> }[];
      };
      return {
        ...rest,
        rows: csv.length,
        jsonl: jsonl.map((record) =>
          record.kind === "batch"
            ? { ...record, batch: 0 }
            : { ...record, logs: record.logs.val_loss }
        ),
      };
    };
    assert.deepEqual(comparable(resumed), comparable(whole));
  }));
