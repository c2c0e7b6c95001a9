import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../cli/lib/backend.ts";
import { loadImageData } from "../../cli/data/mnist.ts";
import { type ModelName, MODELS } from "../../cli/train/models.ts";
import { OPTIMIZER_NAMES, type OptimizerName, OPTIMIZERS } from "../../examples/lib/optimizers.ts";
import type { Progress, ProgressOptions } from "../../examples/lib/progress.ts";
import { train, type TrainingResult, type TrainingTask } from "../../examples/lib/train.ts";
import { inDirectory, smallDataSet } from "./fixtures.ts";

const QUIET: ProgressOptions = { onProgress: () => {}, signal: new AbortController().signal };

/** tf.train.momentum does not free its learning rate. */
const LEFT_BY_TFJS = { sgdf: 0, adamf: 0, momentum: 1, adam: 0 } as const;

async function withTask(
  model: ModelName,
  body: (task: TrainingTask) => Promise<void>,
): Promise<void> {
  await startBackend("cpu", []);
  await inDirectory(smallDataSet({ train: 100, side: 10 }), async (directory) => {
    const data = await loadImageData({ directory });
    await body({ model: MODELS[model], data, epochs: 2, batchSize: 16, seed: 1 });
  });
}

function run(
  task: TrainingTask,
  name: OptimizerName,
  options = QUIET,
): Promise<TrainingResult> {
  const entry = OPTIMIZERS[name];
  return train(task, { name, entry, learningRate: entry.learningRate }, options);
}

for (const model of ["mlp", "conv"] as const) {
  Deno.test(`train() trains ${model} with each optimizer from the same weights`, async () => {
    await withTask(model, async (task) => {
      const firstLosses = new Set<number>();
      for (const name of OPTIMIZER_NAMES) {
        const tensors = tf.memory().numTensors;
        const result = await run(task, name);
        const left = tf.memory().numTensors - tensors;
        assert.ok(left <= LEFT_BY_TFJS[name], `${name} leaves ${left} tensor(s) behind`);
        assert.equal(result.losses.length, 2 * 7);
        assert.ok(result.losses.every(Number.isFinite));
        assert.ok(result.testAccuracy! >= 0 && result.testAccuracy! <= 1);
        assert.ok(result.optimizerMs > 0 && result.optimizerMs < result.stepMs);
        assert.equal(result.hyperparameters.learningRate, OPTIMIZERS[name].learningRate);
        firstLosses.add(result.losses[0]!);
      }
      assert.equal(firstLosses.size, 1, "the first batch tells the optimizers apart");
    });
  });
}

Deno.test("train() gives the same losses for the same seed, others for another", async () => {
  await withTask("mlp", async (task) => {
    const { losses } = await run(task, "sgdf");
    assert.deepEqual((await run(task, "sgdf")).losses, losses);
    assert.notDeepEqual((await run({ ...task, seed: 2 }, "sgdf")).losses, losses);
  });
});

Deno.test("train() reports the mean of the last epoch, weighted by the size of the batch", async () => {
  await withTask("mlp", async (task) => {
    const reports: Progress[] = [];
    const { losses, finalLoss } = await run(task, "momentum", {
      ...QUIET,
      onProgress: (progress, isEpochEnd) => {
        if (isEpochEnd) reports.push(progress);
      },
    });
    const sizes = [16, 16, 16, 16, 16, 16, 4];
    const mean = sizes.reduce((sum, size, at) => sum + size * losses[7 + at]!, 0) / 100;
    assert.ok(Math.abs(finalLoss - mean) < 1e-5, `${finalLoss} instead of ${mean}`);
    assert.deepEqual(reports.map(({ epoch, batch }) => [epoch, batch]), [[1, 7], [2, 7]]);
    assert.ok(Math.abs(reports[1]!.loss - mean) < 1e-5);
  });
});

Deno.test("train() stops when it is told to, and keeps what there is", async () => {
  await withTask("mlp", async (task) => {
    const stop = new AbortController();
    const tensors = tf.memory().numTensors;
    const { losses, testAccuracy, finalLoss } = await run({ ...task, epochs: 1000 }, "adamf", {
      onProgress: ({ epoch }) => {
        if (epoch === 3) stop.abort();
      },
      signal: stop.signal,
    });
    assert.ok(losses.length >= 2 * 7 && losses.length <= 4 * 7, `${losses.length} steps`);
    assert.ok(Number.isFinite(finalLoss));
    assert.equal(testAccuracy, undefined);
    assert.equal(tf.memory().numTensors, tensors);
  });
});

Deno.test("startBackend() takes the fastest backend that can train the model", async () => {
  const report = await startBackend("auto", MODELS.conv.kernels);
  assert.ok(["wasm", "webgpu"].includes(report.backend), String(report));
  await assert.rejects(startBackend("wasm", ["FFT"]), {
    message: /wasm: it lacks the kernel that training needs: FFT/,
  });
});
