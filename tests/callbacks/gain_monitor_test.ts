import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { adamf, adamw, filtered, GainMonitor, lion, sgdf } from "@signalfit/tfjs";
import { backendTest } from "../support/test.ts";
import { ThrowAt, Trainee } from "./logger_fixtures.ts";

const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  sgdf: () => sgdf({ learningRate: 0.05 }),
  adamf: () => adamf({ learningRate: 0.01, useEma: true, clipNorm: 1 }),
  lion: () => lion({ filter: true }),
  filtered: () => filtered(tf.train.sgd(0.05)),
};

/** Gain and signal-to-noise ratio of the first element of the first variable, in float64. */
function byHand(gradients: readonly number[], beta1: number, beta2: number) {
  let [m, s, gain, snr] = [0, 0, 0, 0];
  gradients.forEach((g, index) => {
    const t = index + 1;
    m = beta1 * m + (1 - beta1) * g;
    s = beta2 * s + (1 - beta2) * (g - m) ** 2;
    const mean = m / (1 - beta1 ** t);
    const shat = s * (1 - beta1) * (1 - beta1 ** (2 * t)) / ((1 + beta1) * (1 - beta2 ** t));
    gain = shat / (shat + (g - mean) ** 2 + 1e-8);
    snr = mean ** 2 / (s / (1 - beta2 ** t));
  });
  return { gain, snr };
}

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  for (const [name, create] of Object.entries(OPTIMIZERS)) {
    backendTest(`GainMonitor leaves ${name} as it is, on ${backend}`, backend, async () => {
      const weights: unknown[] = [];
      for (const isWatched of [true, false]) {
        const trainee = new Trainee(20, create);
        const monitor = new GainMonitor({ everySteps: 3 });
        await trainee.fit({ epochs: 2, callbacks: isWatched ? [monitor] : [] });
        const own = await Promise.all(
          trainee.model.getWeights().map(async (weight) => [...await weight.data()]),
        );
        weights.push(own);
        if (isWatched) {
          assert.deepEqual(monitor.records.map(({ step }) => step), [1, 4, 7, 10]);
          for (const { variables } of monitor.records) {
            assert.equal(variables.length, trainee.model.trainableWeights.length);
            for (const { gain, signalToNoise } of variables) {
              const [low, middle, high] = gain.quantiles;
              assert.ok(0 <= low && low <= middle && middle <= high && high < 1);
              assert.ok(gain.mean >= 0 && gain.mean < 1 && signalToNoise.mean >= 0);
            }
          }
          assert.ok(monitor.report().layers.length > 0);
          const again = new GainMonitor();
          again.setState(JSON.parse(JSON.stringify(monitor.getState())));
          assert.deepEqual(again.records, monitor.records);
        }
        const { before, after } = trainee.close();
        assert.deepEqual(after, before, "tensors are left behind");
      }
      assert.deepEqual(weights[0], weights[1]);
    });
  }
}

backendTest("gain and ratio are the filter's", "cpu", async () => {
  const { observeFilter } = await import("../../src/optimizers/observe_filter.ts");
  const x = tf.tidy(() => tf.variable(tf.zeros([2]), true, "x"));
  const optimizer = sgdf({ beta1: 0.8, beta2: 0.99 });
  const gradients = [0.5, -0.25, 0.75, 0.5];
  let seen: number[][] = [];
  gradients.forEach((g, index) => {
    if (index === 3) {
      observeFilter(optimizer, ([only]) => {
        seen = [[...only!.gain.dataSync()], [...only!.signalToNoise.dataSync()]];
      });
    }
    const gradient = tf.tensor1d([g, 1]);
    optimizer.applyGradients({ x: gradient });
    gradient.dispose();
  });
  const { gain, snr } = byHand(gradients, 0.8, 0.99);
  assert.ok(Math.abs(seen[0]![0]! / gain - 1) < 1e-5, `${seen[0]} for ${gain}`);
  assert.ok(Math.abs(seen[1]![0]! / snr - 1) < 1e-5, `${seen[1]} for ${snr}`);
  x.dispose();
  optimizer.dispose();
});

backendTest(
  "an error in the middle leaves nothing, and an optimizer without filter is refused",
  "cpu",
  async () => {
    const trainee = new Trainee(20, OPTIMIZERS["sgdf"]!);
    const monitor = new GainMonitor({ everySteps: 1 });
    await assert.rejects(() => trainee.fit({ callbacks: [new ThrowAt(2), monitor] }), /on purpose/);
    await trainee.fit({ callbacks: [monitor] });
    trainee.close();
    for (
      const [create, message] of [
        [() => adamw(), /Cannot observe the filter of AdamW: it must have one/],
        [
          () => tf.train.sgd(0.1),
          /Cannot observe the filter of SGD: it must have one/,
        ],
      ] as const
    ) {
      const other = new Trainee(8, create);
      await assert.rejects(() => other.fit({ callbacks: [new GainMonitor()] }), message);
      other.close();
    }
  },
);
