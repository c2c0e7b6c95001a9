import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { ERD } from "../../callbacks/erd.ts";
import type { PathOption } from "../../src/diffusion/noise/process.ts";
import { noisePath } from "../../src/diffusion/noise/path.ts";
import { targetCoefficients } from "../../src/diffusion/noise/target.ts";
import { assertClose } from "../diffusion/golden.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { normal, uniform } from "../support/random.ts";
import { backendTest } from "../support/test.ts";
import { dataset, denseDenoiser, warnings } from "./fixtures.ts";

const SIZE = 24, D = 2;

/** A batch of a pipeline of one's own: x_t, t and target of v on the cosine path. */
function ownBatch(seed: number, mean = 0, size = SIZE) {
  const [u, z] = [uniform(seed), normal(seed + 1)];
  const at = noisePath("cosine");
  const t = Array.from({ length: size }, u);
  const rows = t.map((time) => {
    const level = at(time), c = targetCoefficients("v", level);
    const x0 = Array.from({ length: D }, () => mean + z()), eps = Array.from({ length: D }, z);
    return {
      x: x0.map((x, j) => level.alpha * x + level.sigma * eps[j]!),
      y: x0.map((x, j) => c.x0 * x + c.epsilon * eps[j]!),
    };
  });
  return { t, x: rows.map(({ x }) => x), y: rows.map(({ y }) => y) };
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(`packed: fitDataset on a pipeline of one's own: ${backend}`, backend, async () => {
    const before = counts();
    const erd = new ERD({
      target: "v",
      path: "cosine",
      mode: "online",
      bins: 4,
      readEvery: 2,
      warmup: 0,
      ramp: 1,
      minSamples: 4,
    });
    const denoiser = denseDenoiser(D), optimizer = tf.train.sgd(0.01);
    denoiser.compile({ optimizer, loss: erd.packed.loss, metrics: [erd.packed.rawLoss] });
    const standing = counts();
    const [x, time] = denoiser.inputNames as [string, string];
    const make = (i: number) => {
      const { t, x: xs, y } = ownBatch(i, 0, i === 4 ? 5 : SIZE);
      return {
        xs: { [x]: tf.tensor2d(xs), [time]: tf.tensor2d(t, [t.length, 1]) },
        ys: tf.tidy(() => erd.pack(tf.tensor2d(y), tf.tensor1d(t))),
      };
    };
    const { history } = await denoiser.fitDataset(dataset(5, make), {
      epochs: 2,
      verbose: 0,
      callbacks: [erd],
      validationData: dataset(2, make) as never,
    });
    assert.deepEqual(Object.keys(history).sort(), ["loss", "rawLoss", "val_loss", "val_rawLoss"]);
    const { step, bins } = erd.report();
    assert.equal(step, 10);
    assert.equal(bins.reduce((sum, { count }) => sum + count, 0), 2 * (4 * SIZE + 5));
    assert.ok(bins.every(({ loss, variance, weight }) => loss > 0 && variance > 0 && weight > 0));
    assert.equal(counts().tensors, standing.tensors);
    denoiser.dispose();
    optimizer.dispose();
    assert.deepEqual(counts(), before);
  });

  backendTest(
    `packed: raw loss, weight and variance of each sample: ${backend}`,
    backend,
    async () => {
      const paths: PathOption[] = ["cosine", { kind: "cosine", timesteps: 8 }];
      for (const path of paths) {
        const erd = new ERD({ target: "v", path });
        const { t, y } = ownBatch(3);
        const times = path === "cosine" ? t : t.map((time) => Math.max(1, Math.ceil(time * 8)) / 8);
        const label = erd.pack(tf.tensor2d(y), tf.tensor2d(times, [SIZE, 1]));
        assert.deepEqual(label.shape, [SIZE, D + 1]);
        const zeros = tf.zeros([SIZE, D]);
        const raw = await erd.packed.rawLoss(label, zeros).data();
        const loss = await erd.packed.loss(label, zeros).data();
        times.forEach((time, i) => {
          const square = y[i]!.reduce((sum, value) => sum + value * value / D, 0);
          assertClose(raw[i], square, 1e-5, "raw loss");
          // In the middle of one of 1024 cells; the weight's slope is at most 2 pi.
          const allowed = path === "cosine" ? Math.PI / 1024 * square : 0;
          assertClose(loss[i], square * erd.weightAt(time), 1e-5, "weighted loss", allowed);
        });
      }
    },
  );
}

backendTest("packed: the variance is that about the data's mean", "cpu", async () => {
  const erd = new ERD({ target: "v", path: "cosine", measure: true, bins: 2, readEvery: 10 });
  const denoiser = denseDenoiser(D);
  denoiser.compile({ optimizer: tf.train.sgd(0), loss: erd.packed.loss });
  const [x, time] = denoiser.inputNames as [string, string];
  const batches = dataset(40, (i) => {
    const { t, x: xs, y } = ownBatch(i, 5, 128);
    return {
      xs: { [x]: tf.tensor2d(xs), [time]: tf.tensor2d(t, [128, 1]) },
      ys: erd.pack(tf.tensor2d(y), t),
    };
  });
  await denoiser.fitDataset(batches, { epochs: 1, verbose: 0, callbacks: [erd] });
  for (const { variance, count } of erd.report().bins) {
    // Of 2 x count squares of standard normal numbers; five standard deviations of their mean.
    assertClose(variance, 1, 5 * Math.sqrt(2 / (D * count)), "variance of v for unit data");
  }
});

backendTest("packed: errors", "cpu", () => {
  const erd = new ERD({ target: "v", path: "cosine" });
  assert.throws(() => erd.pack(tf.zeros([4, 2]), [0.1, 0.2]), /t must have 4 elements/);
  assert.throws(() => erd.pack(tf.zeros([4]), [0.1, 0.2, 0.3, 0.4]), /at least one more dimension/);
  assert.throws(() => erd.pack(tf.zeros([2, 2]), [0.1, 999]), {
    name: "RangeError",
    message: "Cannot pack a target: t must be in [0, 1], got 999",
  });
  assert.throws(
    () => erd.packed.loss(tf.zeros([2, 2]), tf.zeros([2, 2])),
    /label must be erd.pack\(target, t\) of shape \[2, 3\]/,
  );
});

backendTest("packed: a warning, once, where the times are not as assumed", "cpu", async () => {
  const pack = (distribution: "uniform" | { kind: "logit-normal" }) =>
    warnings(() => {
      const erd = new ERD({ target: "v", path: "cosine", distribution });
      for (let i = 0; i < 60; i++) {
        const { t, y } = ownBatch(i);
        tf.tidy(() => erd.pack(tf.tensor2d(y), t));
      }
    });
  assert.deepEqual(await pack("uniform"), []);
  const seen = await pack({ kind: "logit-normal" });
  assert.equal(seen.length, 1);
  assert.match(seen[0]!, /do not follow the option "distribution"/);
});
