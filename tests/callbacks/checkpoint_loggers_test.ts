import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import {
  BestWeights,
  Checkpoint,
  CsvLogger,
  JsonlLogger,
  Progress,
  ReduceLROnPlateau,
  resumeTraining,
  sgdf,
  trainingBatches,
} from "@signalfit/tfjs";
import { Breaks, Stops } from "../faults/run.ts";
import { type BackendName, counts, useBackend } from "../support/backends.ts";
import { smallData, smallModel, weightsOf } from "../support/models.ts";
import { backendTest } from "../support/test.ts";
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
    // What it watches is the mean over an epoch, that of the batches before the end of a process included.
    new ReduceLROnPlateau({ monitor: "loss", patience: 1, minDelta: 0.05 }),
    new CsvLogger(`${directory}/log.csv`),
    new JsonlLogger(`${directory}/log.jsonl`, { every: "batch" }),
  ];
  const checkpoint = new Checkpoint(`${directory}/checkpoints`, {
    callbacks: kept,
    data,
    everySteps: 3,
  });
  try {
    const start = await resumeTraining(model, checkpoint);
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
    assert.deepEqual(resumed, whole);
  }));

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `resume - the logs of an epoch are those of all its batches, without a Checkpoint too: ${backend}`,
    backend,
    () =>
      withTempDir(async (directory) => {
        const before = counts(), { xs, ys } = smallData(20);
        const run = async (epochs: number, resumes: boolean, steps: number | null = null) => {
          const model = smallModel(), optimizer = sgdf({ learningRate: 0.3 });
          model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
          const data = trainingBatches(xs, ys, { batchSize: 4, seed: 2 });
          const text: string[] = [];
          const output = { isTerminal: true, hasColors: false, columns: 80 };
          const write = (line: string) => void text.push(line.replace(/%.*/s, "%").trim());
          const callbacks = [
            new Progress({ output: { ...output, write }, refreshMs: 0 }),
            ...steps === null ? [] : [new Checkpoint(directory, { data }), new Stops(steps)],
          ];
          try {
            const start = resumes ? await resumeTraining(model, directory, { data }) : undefined;
            const initialEpoch = start?.initialEpoch ?? 0;
            const options = { epochs, initialEpoch, verbose: 0, callbacks };
            const { history } = await model.fitDataset(data, options);
            return { history, weights: await weightsOf(model), text };
          } finally {
            optimizer.dispose();
            model.dispose();
          }
        };
        const whole = await run(2, false), cut = await run(2, false, 2);
        assert.notEqual(cut.history.loss![0], whole.history.loss![0]);
        const { text, ...resumed } = await run(2, true);
        const { text: _, ...expected } = whole;
        assert.deepEqual(resumed, expected);
        assert.match(text[0]!, / 60%$/, "the third batch of five is the first that Progress sees");
        tf.dispose([xs, ys]);
        assert.deepEqual(counts(), before);
      }),
  );
}

Deno.test("resume - sums that are no numbers come back; a model that is fitted anew begins with none", () =>
  withTempDir(async (directory) => {
    await useBackend("cpu");
    const { xs, ys } = smallData(20), model = smallModel();
    const optimizer = sgdf({ onNonFinite: "skip" }); // so that one loss does not make all others NaN
    model.compile({ optimizer, loss: "categoricalCrossentropy" });
    const data = trainingBatches(xs, ys, { batchSize: 4 });
    const fit = async (...callbacks: tfl.Callback[]) =>
      (await model.fitDataset(data, { epochs: 1, verbose: 0, callbacks })).history.loss![0];
    model.layers[0]!.setWeights(
      model.layers[0]!.getWeights().map((each) => tf.fill(each.shape, NaN)),
    );
    const checkpoint = new Checkpoint(directory, { data });
    await fit(checkpoint, new Stops(2));
    await resumeTraining(model, checkpoint);
    model.setWeights(smallModel("fresh").getWeights());
    assert.equal(await fit(checkpoint), NaN);
    model.setWeights(smallModel("fresh").getWeights());
    data.seek(0, 0);
    assert.ok(Number.isFinite(await fit()), "the fit after it");
    await resumeTraining(model, directory, { data }); // at the end of the epoch
    model.setWeights(smallModel("fresh").getWeights());
    data.seek(0, 0);
    assert.ok(Number.isFinite(await fit()), "nothing of an epoch that is over");
  }));
