import assert from "node:assert/strict";
import fc from "fast-check";
import {
  meanWeight,
  normalizeWeights,
  pathWeight,
  scheduleWeights,
} from "../../src/diffusion/weights/mean_weight.ts";
import { NOISE_PATHS, noisePath, type NoisePathKind } from "../../src/diffusion/noise/path.ts";
import { DDPM_SCHEDULES, ddpmSchedule } from "../../src/diffusion/noise/schedule.ts";
import { type Target, TARGETS } from "../../src/diffusion/noise/target.ts";
import type { LogitNormal, TimeDistribution } from "../../src/diffusion/times/time_distribution.ts";
import type { Weighting } from "../../src/diffusion/weights/loss_weight.ts";
import { lossWeight } from "../../src/diffusion/weights/loss_weight.ts";
import { assertAllClose, assertClose, assertFails } from "./golden.ts";

/** The mean of min(1, g t^2 / (1 - t)^2) on [0, 1]: Min-SNR of epsilon on the linear path. */
function minSnrMean(g: number): number {
  const kink = 1 / (1 + Math.sqrt(g)), u = 1 - kink;
  return g * ((1 / u + 2 * Math.log(u) - u) - 0) + (1 - kink);
}

const { PI } = Math;
const ENDS = noisePath("linear-logsnr");

/** Means of bare weights under uniform t, in closed form. */
const MEANS: [NoisePathKind, Weighting, Target, number][] = [
  ["cosine", "recoverability", "epsilon", 2 / PI],
  ["cosine", "recoverability", "x0", 2 / PI],
  ["cosine", "recoverability", "v", 1 / PI],
  ["cosine", "recoverability", "flow", 1],
  ["cosine", "recoverability", "score", 4 / (3 * PI)],
  ["cosine", "debias", "v", 1 / PI],
  ["cosine", { kind: "p2" }, "epsilon", 1 / 2],
  ["cosine", { kind: "p2", gamma: 2 }, "epsilon", 3 / 8],
  ["cosine", { kind: "p2" }, "x0", 1 / 2],
  ["cosine", { kind: "min-snr", gamma: 1 }, "v", 1 / 2 - 1 / PI],
  ["linear", "recoverability", "epsilon", 1 / 2],
  ["linear", "recoverability", "x0", 1 / 2],
  ["linear", "recoverability", "v", 1 / 6],
  ["linear", "recoverability", "score", 1 / 4],
  ["linear", "debias", "epsilon", Math.log1p(1e5)],
  ["linear", "debias", "x0", Math.log1p(1e5)],
  ["linear", "debias", "flow", 1 / 6],
  ["linear", { kind: "p2" }, "epsilon", 1 / 2],
  ["linear", { kind: "min-snr", gamma: 5 }, "epsilon", minSnrMean(5)],
  ["linear", { kind: "min-snr", gamma: 0.3 }, "epsilon", minSnrMean(0.3)],
  ["linear", { kind: "min-snr", gamma: 1 }, "flow", 1 / 12],
  ["linear-logsnr", "recoverability", "epsilon", 1 / 2],
  ["linear-logsnr", "recoverability", "v", (ENDS(0).alpha - ENDS(1).alpha) / 10],
  ["linear-logsnr", "uniform", "score", 1],
];

Deno.test("pathWeight - means in closed form", () => {
  for (const [kind, weighting, target, mean] of MEANS) {
    const what = `${JSON.stringify(weighting)} of ${target} on ${kind}`;
    const result = pathWeight(noisePath(kind), weighting, target);
    assertClose(result.mean, mean, 2e-12, what);
    const bare = pathWeight(noisePath(kind), weighting, target, "uniform", { normalize: false });
    for (const t of [0, 0.2, 0.7, 1]) {
      const level = noisePath(kind)(t), expected = lossWeight(weighting, target, level);
      assert.equal(bare.weight(t), expected, `bare ${what}`);
      assertClose(result.weight(t) * mean, expected, 2e-12, `normalized ${what}`);
    }
  }
});

const WEIGHTINGS: Weighting[] = [
  "uniform",
  "recoverability",
  "debias",
  { kind: "min-snr" },
  { kind: "p2", gamma: 0.5 },
];
const DISTRIBUTIONS: TimeDistribution[] = [
  "uniform",
  { kind: "logit-normal" },
  { kind: "logit-normal", mean: -1.2, std: 1.7 },
  [0, 0.25, 0.25, 0.5, 0.999],
  Float64Array.from({ length: 50 }, (_, i) => (i + 0.5) / 50),
  (t) => 3 * t * t,
];

Deno.test("pathWeight - the normalized mean is 1, for each distribution", () => {
  for (const distribution of DISTRIBUTIONS) {
    for (const kind of NOISE_PATHS) {
      for (const target of TARGETS) {
        for (const weighting of WEIGHTINGS) {
          const { weight } = pathWeight(noisePath(kind), weighting, target, distribution);
          const what = `${JSON.stringify(weighting)} of ${target} on ${kind}`;
          assertClose(meanWeight(weight, distribution), 1, 1e-12, what);
        }
      }
    }
  }
});

Deno.test("meanWeight - the mean is that of samples", () => {
  const { weight } = pathWeight(noisePath("cosine"), "recoverability", "v");
  let sum = 0;
  const count = 1e5;
  for (let i = 0; i < count; i++) sum += weight((i + 0.5) / count);
  assertClose(sum / count, 1, 1e-9, "midpoint rule, error pi^2 / 12 count^-2");
});

Deno.test("meanWeight - logit-normal against an even sum over z", () => {
  // The even sum of an analytic function times a Gaussian has an error far below rounding.
  const weight = (t: number) => t * (1 - t) + t ** 3;
  for (
    const { mean, std } of [{ mean: 0, std: 1 }, { mean: 0.8, std: 0.3 }, { mean: -2, std: 2 }]
  ) {
    const step = 0.01;
    let sum = 0;
    for (let z = -10; z <= 10; z += step) {
      const t = 1 / (1 + Math.exp(-mean - std * z));
      sum += step * Math.exp(-z * z / 2) / Math.sqrt(2 * PI) * weight(t);
    }
    const distribution: LogitNormal = { kind: "logit-normal", mean, std };
    assertClose(meanWeight(weight, distribution), sum, 1e-12, `${mean} ${std}`);
  }
  const { mean } = pathWeight(noisePath("linear"), "recoverability", "x0", {
    kind: "logit-normal",
  });
  assertClose(mean, 1 / 2, 1e-12, "symmetric");
});

Deno.test("meanWeight - a density in any unit, a jump in it, an infinite end", () => {
  assertClose(meanWeight((t) => t, (t) => 7 * t), 2 / 3, 1e-12, "7 t");
  assertClose(meanWeight((t) => t, (t) => (t < 0.4 ? 0 : 1)), 0.7, 1e-11, "from 0.4 on");
  assertClose(meanWeight((t) => t, (t) => t ** -0.25), (1 / 1.75) / (1 / 0.75), 1e-11, "t^-1/4");
});

Deno.test("meanWeight - a list is averaged as it is, timesteps too", () => {
  assert.equal(meanWeight((t) => t, [3, 1, 2, 2]), 2);
  assert.equal(meanWeight((t) => t, new Int32Array([10, 20])), 15);
});

Deno.test("scheduleWeights - mean 1, and the bare weights", () => {
  for (const kind of DDPM_SCHEDULES) {
    for (const zeroTerminalSnr of [false, true]) {
      const schedule = ddpmSchedule({ kind, zeroTerminalSnr });
      for (const target of ["epsilon", "x0", "v", "score"] as const) {
        for (const weighting of WEIGHTINGS) {
          const what = `${JSON.stringify(weighting)} of ${target}, ${kind}`;
          const weights = scheduleWeights(schedule, weighting, target);
          assertClose(weights.reduce((sum, w) => sum + w, 0) / 1000, 1, 1e-12, what);
          const options = { normalize: false } as const;
          const bare = scheduleWeights(schedule, weighting, target, undefined, options);
          const level = { alpha: schedule.alpha[700]!, sigma: schedule.sigma[700]! };
          assert.equal(bare[700], lossWeight(weighting, target, level), what);
          assertClose(weights[700]! / weights[300]!, bare[700]! / bare[300]!, 1e-14, what);
        }
      }
    }
  }
  const zero = ddpmSchedule({ kind: "linear", zeroTerminalSnr: true });
  const options = { normalize: false, snrZero: "authors" } as const;
  assert.equal(scheduleWeights(zero, "recoverability", "x0", undefined, options)[999], 1);
});

Deno.test("normalizeWeights - weighted by how likely each is", () => {
  assert.deepEqual(normalizeWeights([1, 3]), new Float64Array([0.5, 1.5]));
  assert.deepEqual(normalizeWeights([1, 3], [3, 1]), new Float64Array([2 / 3, 2]));
  const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
  fc.assert(fc.property(fc.array(fc.tuple(positive, positive), { minLength: 1 }), (pairs) => {
    const weights = normalizeWeights(pairs.map(([w]) => w), pairs.map(([, p]) => p));
    const total = pairs.reduce((sum, [, p]) => sum + p, 0);
    const mean = pairs.reduce((sum, [, p], i) => sum + p * weights[i]!, 0) / total;
    assertClose(mean, 1, 1e-14 * (pairs.length + 1), "mean");
    assertAllClose(
      weights.map((w) => w / weights[0]!),
      pairs.map(([w]) => w / pairs[0]![0]),
      1e-14,
      "ratios",
    );
  }));
});

Deno.test("normalization - errors", () => {
  const at = "Cannot normalize the weights: ";
  const fails = (
    distribution: unknown,
    message: string,
    weight: (t: number) => number = (t) => t,
  ) => assertFails(() => meanWeight(weight, distribution as TimeDistribution), at + message);
  const rule =
    'distribution must be "uniform", { kind: "logit-normal" }, a list of times or a density';
  fails("normal", `${rule}, got "normal"`);
  fails({ kind: "beta" }, `${rule}, got { kind: "beta" }`);
  fails(null, `${rule}, got null`);
  fails({ kind: "logit-normal", mean: NaN }, "mean must be a finite number, got NaN");
  fails({ kind: "logit-normal", std: 0 }, "std must be a finite number > 0, got 0");
  fails([], "the list of times must not be empty, got []");
  fails([0.5, Infinity], "the list of times must hold finite numbers, got Infinity");
  fails([NaN], "the list of times must hold finite numbers, got NaN");
  fails(() => 0, "the integral of the density must be > 0, got 0");
  assert.throws(() => meanWeight((t) => t, (t) => t - 0.5), {
    message:
      /^Cannot normalize the weights: the density at t = \S+ must be a finite number >= 0, got -0\.4/,
  });
  fails([0.5], "the weight at t = 0.5 must be a finite number >= 0, got -1", () => -1);
  fails([0.5], "the weight at t = 0.5 must be a finite number >= 0, got NaN", () => NaN);
  fails([1, 1], "their mean must be finite and > 0, got 0", () => 0);
  assertFails(
    () => pathWeight(noisePath("linear"), "recoverability", "x0", [1, 1]),
    `${at}their mean must be finite and > 0, got 0`,
  );
  assertFails(
    () => scheduleWeights(ddpmSchedule({ kind: "cosine" }), "debias", "flow"),
    "Cannot weigh the loss of the flow target: dAlpha must be a number in [-1e100, 1e100] (the flow " +
      "target is made of it), got undefined",
  );
  assertFails(
    () => normalizeWeights([]),
    `${at}weights must be a list of at least one number, got []`,
  );
  assertFails(
    () => normalizeWeights([1, -1]),
    `${at}weight 1 must be a finite number >= 0, got -1`,
  );
  assertFails(() => normalizeWeights([0, 0]), `${at}their mean must be finite and > 0, got 0`);
  assertFails(
    () => normalizeWeights([1, 2], [1]),
    `${at}probabilities must have 2 entries, as the weights, got 1`,
  );
  assertFails(
    () => normalizeWeights([1], [NaN]),
    `${at}probability 0 must be a finite number >= 0, got NaN`,
  );
  assertFails(() => normalizeWeights([1], [0]), `${at}the probabilities must not all be 0, got 0`);
});
