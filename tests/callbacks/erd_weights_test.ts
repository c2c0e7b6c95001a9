import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { ERD } from "../../callbacks/erd.ts";
import type { ERDMode, ERDOptions } from "../../callbacks/erd.ts";
import { pathWeight, scheduleWeights } from "../../src/diffusion/weights/mean_weight.ts";
import { noisePath } from "../../src/diffusion/noise/path.ts";
import { ddpmSchedule } from "../../src/diffusion/noise/schedule.ts";
import { TARGETS } from "../../src/diffusion/noise/target.ts";
import type { TimeDistribution } from "../../src/diffusion/times/time_distribution.ts";
import type { Weighting } from "../../src/diffusion/weights/loss_weight.ts";
import { assertClose } from "../diffusion/golden.ts";
import type { BackendName } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";
import { denseDenoiser, gaussianData } from "./fixtures.ts";

const MODES: [ERDMode, Weighting][] = [
  ["closed", "recoverability"],
  ["uniform", "uniform"],
  ["debias", "debias"],
  ["min-snr", { kind: "min-snr" }],
  [{ kind: "min-snr", gamma: 2 }, { kind: "min-snr", gamma: 2 }],
  ["p2", { kind: "p2" }],
  [{ kind: "p2", k: 2, gamma: 0.5 }, { kind: "p2", k: 2, gamma: 0.5 }],
];
const DISTRIBUTIONS: TimeDistribution[] = [
  "uniform",
  { kind: "logit-normal", mean: -0.5, std: 1.2 },
  [0.1, 0.5, 0.5, 0.9],
  (t) => 0.5 + t,
];

Deno.test("ERD weights - those of the formulas, of mean 1 under the distribution of t", () => {
  for (const target of TARGETS) {
    for (const [mode, weighting] of MODES) {
      for (const [i, distribution] of DISTRIBUTIONS.entries()) {
        for (const normalize of i === 0 ? [true, false] : [true]) {
          const erd = new ERD({ target, path: "cosine", mode, distribution, normalize });
          const { weight } = pathWeight(noisePath("cosine"), weighting, target, distribution, {
            normalize,
          });
          for (const t of [0.05, 0.3, 0.77, 0.99]) {
            assertClose(erd.weightAt(t), weight(t), 1e-12, JSON.stringify([target, mode, t]));
          }
        }
      }
    }
  }
});

Deno.test("ERD weights - a discrete schedule, its last timestep being t = 1", () => {
  const options = { kind: "linear", timesteps: 100 } as const;
  const schedule = ddpmSchedule(options);
  for (const target of ["epsilon", "x0", "v", "score"] as const) {
    const erd = new ERD({ target, path: options });
    const weights = scheduleWeights(schedule, "recoverability", target);
    for (const i of [0, 31, 99]) {
      assertClose(erd.weightAt((i + 1) / 100), weights[i]!, 1e-12, `${target} ${i}`);
    }
  }
});

Deno.test("ERD weights - the report's weights have mean 1", () => {
  for (const path of ["linear", { kind: "cosine", timesteps: 64 }] as const) {
    const { bins } = new ERD({ target: "epsilon", path }).report();
    const mean = bins.reduce((sum, { weight }) => sum + weight / bins.length, 0);
    assertClose(mean, 1, 1e-5, "middles of 1024 cells");
    assert.ok(bins.every(({ count, loss }) => count === 0 && Number.isNaN(loss)));
  }
});

/** Rows of one training call: raw loss, t, weight, variance. */
async function rowsOf(erd: ERD, x0: tf.Tensor): Promise<number[][]> {
  const model = erd.wrap(denseDenoiser());
  const rows = model.apply(x0, { training: true }) as tf.Tensor2D;
  const loss = erd.loss(erd.labels(x0), rows), raw = erd.rawLoss(erd.labels(x0), rows);
  assert.deepEqual(loss.shape, [x0.shape[0]]);
  const [values, weighted, bare] = await Promise.all([rows.data(), loss.data(), raw.data()]);
  const result = Array.from(
    { length: x0.shape[0]! },
    (_, i) => [...values.slice(4 * i, 4 * i + 4)],
  );
  result.forEach(([l, , w], i) => {
    assert.equal(bare[i], l);
    assertClose(weighted[i], l! * w!, 1e-6, "weighted loss");
  });
  model.dispose();
  return result;
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `ERD loss - each sample has the weight of its own t: ${backend}`,
    backend,
    async () => {
      for (const distribution of DISTRIBUTIONS) {
        for (const stratified of [false, true]) {
          const erd = new ERD({ target: "v", path: "cosine", distribution, stratified });
          const rows = await rowsOf(erd, gaussianData(16));
          const times = rows.map(([, t]) => t!);
          // t is rounded to float32, half a unit of 2^-24 at 1; the weight's slope is at most pi^2.
          const rounding = Math.PI ** 2 * 2 ** -25;
          for (const [, t, weight] of rows) {
            assertClose(weight, erd.weightAt(t!), 2 ** -23, `at ${t}`, rounding);
          }
          if (distribution === "uniform" && stratified) {
            const strata = times.map((t) => Math.floor(t * 16));
            assert.deepEqual(strata.toSorted((a, b) => a - b), strata.map((_, i) => i));
            assert.notDeepEqual(strata, strata.toSorted((a, b) => a - b), "in random order");
          }
        }
      }
    },
  );
}

backendTest(
  "ERD draws - the same for a seed, new at each call and for another seed",
  "cpu",
  async () => {
    const options: ERDOptions = { target: "v", path: "linear", seed: 5 };
    const x0 = gaussianData(8), erd = new ERD(options);
    const [first, second] = [await rowsOf(erd, x0), await rowsOf(erd, x0)];
    assert.deepEqual(await rowsOf(new ERD(options), x0), first);
    assert.notDeepEqual(second, first);
    assert.notDeepEqual(await rowsOf(new ERD({ ...options, seed: 6 }), x0), first);
  },
);

backendTest("ERD draws - a discrete schedule yields its timesteps alone", "cpu", async () => {
  const path = { kind: "cosine", timesteps: 10 } as const;
  for (const distribution of ["uniform", { kind: "logit-normal" }] as const) {
    const erd = new ERD({ target: "v", path, distribution, bins: 5 });
    for (const [, t] of await rowsOf(erd, gaussianData(64))) {
      const step = t! * 10;
      assert.ok(step > 0.5 && Math.abs(step - Math.round(step)) < 1e-5, `${t}`);
    }
  }
});

backendTest("ERD loss - of images, of conditions, of another loss's output", "cpu", () => {
  const erd = new ERD({ target: "epsilon", path: "linear" });
  assert.throws(
    () => erd.loss(tf.zeros([2, 3]), tf.zeros([2, 3])),
    /must be erd.wrap\(denoiser\) with the output shape \[null, 4\], got \[2,3\]/,
  );
});
