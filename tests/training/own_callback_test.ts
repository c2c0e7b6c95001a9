import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import other from "@tensorflow/tfjs-layers/dist/tf-layers.js";
import * as library from "@signalfit/tfjs";
import * as diffusion from "@signalfit/tfjs/diffusion";
import { LivePage } from "@signalfit/tfjs/live";
import { OwnCallback } from "../../src/training/own_callback.ts";
import { backendTest } from "../support/test.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { smallData, smallModel } from "../support/models.ts";

const { sequential, layers } = other as unknown as typeof tfl;

const CREATE = (directory: string): (() => tfl.Callback)[] => [
  () => new library.BestWeights(),
  () => new library.Checkpoint(directory),
  () => new library.CsvLogger(`${directory}/x.csv`),
  () => new library.GainMonitor(),
  () => new library.JsonlLogger(`${directory}/x.jsonl`),
  () => new library.LearningRateLogger(),
  () => new library.Progress(),
  () => new library.ReduceLROnPlateau(),
  () => new library.TensorBoard(`${directory}/board`),
  () => new library.TerminateOnNaN(),
  () => new diffusion.EmaWeights(),
  () => new LivePage(),
];

backendTest(
  "a callback given to another copy of tfjs says so, and what to do",
  "cpu",
  () =>
    withTempDir(async (directory) => {
      const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
      model.compile({ optimizer: library.adamw(), loss: "meanSquaredError" });
      const [x, y] = [tf.ones([4, 2]), tf.ones([4, 1])];
      for (const create of CREATE(directory)) {
        const callback = create();
        assert.ok(callback instanceof OwnCallback);
        await assert.rejects(
          () => model.fit(x, y, { verbose: 0, callbacks: [callback] }),
          new RegExp(
            `^Error: Cannot run ${callback.constructor.name}: there are two copies of tfjs.*npm ls`,
          ),
        );
      }
      tf.dispose([x, y]);
      model.dispose();
    }),
);

backendTest("a callback behind a plain object says that this cannot be", "cpu", async () => {
  const model = smallModel(), { xs, ys } = smallData(8);
  model.compile({ optimizer: library.adamw(), loss: "categoricalCrossentropy" });
  const callbacks = [{ onBatchEnd: () => {} }, new library.LearningRateLogger()];
  await assert.rejects(
    () => model.fit(xs, ys, { verbose: 0, callbacks: callbacks as tfl.Callback[] }),
    /^Error: Cannot run LearningRateLogger: the list of callbacks must not begin with a plain object/,
  );
  await model.fit(xs, ys, { verbose: 0, callbacks: callbacks.slice(1) as tfl.Callback[] });
  tf.dispose([xs, ys]);
  model.dispose();
});
