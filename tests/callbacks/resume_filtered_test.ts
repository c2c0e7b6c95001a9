import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import {
  Checkpoint,
  filtered,
  findLearningRate,
  JsonlLogger,
  LearningRateLogger,
  resumeTraining,
} from "@signalfit/tfjs";
import { counts, useBackend } from "../support/backends.ts";
import { smallData, smallModel, weightsOf } from "../support/models.ts";
import { withTempDir } from "../support/temp_dir.ts";

const INNER: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  rmsprop: () => tf.train.rmsprop(0.01),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
  adam: () => tf.train.adam(0.01),
  adamax: () => tf.train.adamax(0.01),
};

function compiled(inner: () => tf.Optimizer): tfl.LayersModel {
  const model = smallModel();
  model.compile({ optimizer: filtered(inner()), loss: "categoricalCrossentropy" });
  return model;
}

/** Fits a model, the first layer being frozen for the first two epochs: its place among the states is late. */
async function fit(model: tfl.LayersModel, from: number, to: number, ...callbacks: tfl.Callback[]) {
  const { xs, ys } = smallData(24);
  for (let epoch = from; epoch < to; epoch++) {
    model.layers.find(({ weights }) => weights.length > 0)!.trainable = epoch >= 2;
    await model.fit(xs, ys, {
      batchSize: 8,
      shuffle: false,
      verbose: 0,
      initialEpoch: epoch,
      epochs: epoch + 1,
      callbacks,
    });
  }
  tf.dispose([xs, ys]);
}

for (const [name, inner] of Object.entries(INNER)) {
  Deno.test(`resume - filtered ${name} goes on bit for bit, after freezing too`, () =>
    withTempDir(async (directory) => {
      await useBackend("cpu");
      const [whole, broken, other] = [compiled(inner), compiled(inner), compiled(inner)];
      if (name === "adamax") {
        await assert.rejects(() => fit(broken, 0, 1, new Checkpoint(directory)), /Adamax/);
        return;
      }
      await fit(whole, 0, 9);
      await fit(broken, 0, 6, new Checkpoint(directory));
      const { initialEpoch } = (await resumeTraining(other, directory))!;
      await fit(other, initialEpoch, 9);
      assert.deepEqual(await weightsOf(other), await weightsOf(whole));
    }));

  Deno.test(`filtered ${name}: loggers tell its rate, and the range test leaves it as it was`, () =>
    withTempDir(async (directory) => {
      await useBackend("cpu");
      const model = compiled(inner), optimizer = model.optimizer as tf.Optimizer;
      const rate = (optimizer as unknown as { learningRate: number }).learningRate;
      const log = new LearningRateLogger();
      await fit(model, 0, 3, new JsonlLogger(`${directory}/log.jsonl`), log);
      assert.deepEqual(log.changes, [{ step: 1, learningRate: rate }]);
      const lines = (await Deno.readTextFile(`${directory}/log.jsonl`)).trim().split("\n");
      for (const line of lines) {
        const record = JSON.parse(line);
        if ("learningRate" in record) assert.equal(record.learningRate, rate);
      }
      const { xs, ys } = smallData(24);
      const before = counts();
      const sweep = await findLearningRate(model, [xs, ys], { steps: 10, batchSize: 8 });
      assert.equal(sweep.losses.length, 10);
      // tfjs's Momentum keeps a scalar of each instance, disposed of or not.
      assert.deepEqual(counts(), before);
      assert.equal((optimizer as unknown as { learningRate: number }).learningRate, rate);
      tf.dispose([xs, ys]);
    }));
}

Deno.test("resume - a filter before another optimizer is refused", () =>
  withTempDir(async (directory) => {
    await useBackend("cpu");
    await fit(compiled(INNER["adam"]!), 0, 1, new Checkpoint(directory));
    await assert.rejects(
      () => resumeTraining(compiled(INNER["rmsprop"]!), directory),
      /it was trained with Filtered\(Adam\), the model is compiled with Filtered\(RMSProp\)/,
    );
  }));
