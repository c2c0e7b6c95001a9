import assert from "node:assert/strict";
import fc from "fast-check";
import type { NoiseLevel } from "../../src/diffusion/noise/level.ts";
import { NOISE_PATHS, noisePath, type NoisePathKind } from "../../src/diffusion/noise/path.ts";
import {
  recoverability,
  recoverabilityFromMmse,
  recoverableAmplitude,
} from "../../src/diffusion/weights/recoverability.ts";
import { type Target, TARGETS } from "../../src/diffusion/noise/target.ts";
import { lossWeight } from "../../src/diffusion/weights/loss_weight.ts";
import { assertClose, assertFails, golden } from "./golden.ts";
import { type Mixture, mixtureMmse, mixtureVariance } from "./mixture_floor.ts";

interface FloorEntry extends Mixture {
  name: string;
  kind: "gaussian" | "gmm";
  path: string;
  t: number[];
  data_var: number[];
  data_var_mean: number;
  mmse_x0: number[];
  targets: Record<string, Record<string, number[]>>;
}

const FLOOR_PATHS: Record<string, NoisePathKind> = { vp_cosine: "cosine", fm_linear: "linear" };
/**
 * Mean squared error of the mixture's posterior mean at the golden file's nine t, by adaptive quadrature
 * with 30 digits. The golden file's own is off by up to 7.8e-10 of it (at t = 0.1).
 */
const MIXTURE_MMSE = [
  0.00098074071433918263,
  0.021380215112518025,
  0.094262878108827344,
  0.2538007010333964,
  0.42242715139274379,
  0.60636682853852918,
  0.8417327513360002,
  0.97511697439134984,
  0.99901266398694352,
];
/** 1 - B / V in float64, as the golden file has it, is off by a few units of 1. */
const CANCELLED = 8 * 2 ** -53;

for (const entry of golden<FloorEntry>("bayes_floor")) {
  Deno.test(`recoverability - golden ${entry.name} on ${entry.path}`, () => {
    const path = noisePath(FLOOR_PATHS[entry.path]!);
    assert.equal(Object.keys(entry.targets).length, TARGETS.length);
    for (const [name, columns] of Object.entries(entry.targets)) {
      const target = (name === "vector" ? "flow" : name) as Target;
      for (const [i, t] of entry.t.entries()) {
        const level = path(t), what = `${target} at ${t}`;
        const mixture = entry.kind === "gmm";
        const actual = mixture
          ? recoverabilityFromMmse(
            target,
            level,
            mixtureMmse(entry, level.alpha, level.sigma),
            mixtureVariance(entry),
          )
          : recoverability(target, level, entry.data_var);
        assertClose(actual.floor, columns.floor![i], 1e-9, `floor of ${what}`);
        assertClose(actual.variance, columns.variance![i], 1e-9, `variance of ${what}`);
        // R = 1 - B / V carries the error of the golden file's B, which may be large against R.
        const inherited = mixture ? Math.abs(entry.mmse_x0[i]! / MIXTURE_MMSE[i]! - 1) : 0;
        const absolute = CANCELLED + 1.01 * inherited * actual.floor / actual.variance;
        assertClose(actual.value, columns.R![i], 1e-9, `R of ${what}`, absolute);
        const linear = recoverability(target, level, [entry.data_var_mean]).value;
        assertClose(linear, columns.R_linear_isotropic![i], 1e-9, `linear R of ${what}`, CANCELLED);
        const rms = recoverableAmplitude(target, level);
        assertClose(rms, columns.erd_rms![i], 1e-9, `RMS amplitude of ${what}`);
      }
    }
  });

  Deno.test(`recoverability - golden mmse of ${entry.name} on ${entry.path}`, () => {
    const path = noisePath(FLOOR_PATHS[entry.path]!);
    for (const [i, t] of entry.t.entries()) {
      const level = path(t);
      const floor = entry.kind === "gmm"
        ? mixtureMmse(entry, level.alpha, level.sigma)
        : recoverability("x0", level, entry.data_var).floor;
      assertClose(floor, entry.mmse_x0[i], 1e-9, `mmse at ${t}`);
    }
  });
}

Deno.test("mixtureMmse - against 30 digits, a single Gaussian, and a product in two dimensions", () => {
  const [entry] = golden<FloorEntry>("bayes_floor").filter(({ kind }) => kind === "gmm");
  const path = noisePath("cosine"), { pi, mu, std } = entry!;
  const product: Mixture = {
    pi: pi.flatMap((p) => pi.map((q) => p * q)),
    mu: mu.flatMap(([m]) => mu.map(([n]) => [m!, n!])),
    std: [std[0]!, std[0]!, std[0]!, std[0]!],
  };
  for (const [i, t] of entry!.t.entries()) {
    const { alpha, sigma } = path(t);
    const mmse = mixtureMmse(entry!, alpha, sigma);
    assertClose(mmse, MIXTURE_MMSE[i], 1e-13, `two modes at ${t}`);
    const single = mixtureMmse({ pi: [1], mu: [[3, -1]], std: [0.7] }, alpha, sigma);
    assertClose(single, recoverability("x0", { alpha, sigma }, [0.49]).floor, 1e-13, `one at ${t}`);
    if (i % 4 === 2) {
      assertClose(mixtureMmse(product, alpha, sigma), mmse, 1e-12, `product at ${t}`);
    }
  }
});

const RING: Mixture = {
  pi: Array.from({ length: 8 }, () => 1 / 8),
  mu: Array.from({ length: 8 }, (_, k) => {
    const angle = Math.PI * k / 4, radius = Math.sqrt(2 * (1 - 0.1 ** 2));
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  }),
  std: Array.from({ length: 8 }, () => 0.1),
};

Deno.test("recoverability - the squared ERD weight is a lower bound for data of unit variance", () => {
  assertClose(mixtureVariance(RING), 1, 1e-15, "variance of the ring");
  const path = noisePath("cosine");
  for (const t of [0.15, 0.3, 0.5, 0.7, 0.9]) {
    const level = path(t), mmse = mixtureMmse(RING, level.alpha, level.sigma);
    for (const target of ["epsilon", "x0"] as const) {
      const { value } = recoverabilityFromMmse(target, level, mmse, 1);
      const bound = lossWeight("recoverability", target, level) ** 2;
      assert.ok(value >= bound, `${target} at ${t}: ${value} < ${bound}`);
    }
  }
});

const time = fc.double({ min: 0, max: 1, noNaN: true });
const ends = fc.oneof(fc.constantFrom(0, 1), time);
const kind = fc.constantFrom(...NOISE_PATHS);
const variance = fc.oneof(fc.constant(0), fc.double({ min: 1e-12, max: 1e12, noNaN: true }));
const spectrum = fc.array(variance, { minLength: 1, maxLength: 6 });

Deno.test("recoverability - R in [0, 1], B and V >= 0, at any t and spectrum", () => {
  const target = fc.constantFrom(...TARGETS);
  fc.assert(
    fc.property(target, kind, ends, spectrum, (y, path, t, l) => {
      const { floor, variance, value } = recoverability(y, noisePath(path)(t), l);
      assert.ok(
        value >= 0 && value <= 1 && floor >= 0 && variance >= 0,
        `${y} ${path} ${t} [${l}]`,
      );
      if (!Number.isFinite(variance) || variance === 0) return;
      assertClose(value, 1 - floor / variance, 0, `${y} ${path} ${t} [${l}]`, 64 * 2 ** -53);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("recoverability - of unit Gaussian data where variance is preserved", () => {
  fc.assert(fc.property(ends, fc.integer({ min: 1, max: 5 }), (t, d) => {
    const level = noisePath("cosine")(t), unit = new Array<number>(d).fill(1);
    const value = (y: Target) => recoverability(y, level, unit).value;
    // Squares below 2^-1022 are rounded to a multiple of 2^-1074, once for each dimension.
    const tiny = 2 ** -1070, relative = 16 * 2 ** -53;
    assertClose(value("epsilon"), level.sigma ** 2, relative, `epsilon at ${t}`, tiny);
    assertClose(value("x0"), level.alpha ** 2, relative, `x0 at ${t}`, tiny);
    assertClose(value("score"), level.sigma ** 2, relative, `score at ${t}`, tiny);
    assertClose(value("v"), 0, 0, `v at ${t}`, 2 ** -52);
    assertClose(value("flow"), 0, 0, `flow at ${t}`, 2 ** -52);
    for (const y of ["epsilon", "x0"] as const) {
      const weight = lossWeight("recoverability", y, level);
      assertClose(Math.sqrt(value(y)), weight, relative, `weight of ${y} at ${t}`, Math.sqrt(tiny));
    }
  }));
});

Deno.test("recoverability - with t, of epsilon and score rises, of x0 falls", () => {
  fc.assert(fc.property(kind, time, time, spectrum, (path, s, t, l) => {
    const early = noisePath(path)(Math.min(s, t)), late = noisePath(path)(Math.max(s, t));
    const rise = (y: Target) =>
      recoverability(y, late, l).value - recoverability(y, early, l).value;
    const rounding = 16 * 2 ** -53;
    assert.ok(rise("epsilon") >= -rounding && rise("score") >= -rounding);
    assert.ok(rise("x0") <= rounding);
  }));
});

Deno.test("recoverability - limits at pure noise and at clean data", () => {
  const noise = noisePath("linear")(1), data = noisePath("linear")(0), l = [0, 2, 4, 6];
  const rows: [Target, NoiseLevel, floor: number, variance: number, value: number][] = [
    ["epsilon", noise, 0, 1, 1],
    ["x0", noise, 3, 3, 0],
    ["v", noise, 3, 3, 0],
    ["flow", noise, 3, 4, 1 / 4],
    ["score", noise, 0, 1, 1],
    // The constant dimension shows its noise however little there is.
    ["epsilon", data, 3 / 4, 1, 1 / 4],
    ["x0", data, 0, 3, 1],
    ["v", data, 3 / 4, 1, 1 / 4],
    ["flow", data, 3 / 4, 4, 13 / 16],
    ["score", data, Infinity, Infinity, 1 / 4],
  ];
  for (const [target, level, floor, variance, value] of rows) {
    const what = `${target} at sigma ${level.sigma}`;
    assert.deepEqual(recoverability(target, level, l), { floor, variance, value }, what);
    if (target === "score") continue;
    const t = level.sigma === 0 ? 2 ** -40 : 1 - 2 ** -40;
    const near = recoverability(target, noisePath("linear")(t), l);
    assertClose(near.floor, floor, 0, `floor of ${what}, near`, 1e-10);
    assertClose(near.value, value, 0, `R of ${what}, near`, 1e-10);
  }
  assert.deepEqual(recoverability("x0", data, [0]), { floor: 0, variance: 0, value: 0 });
  assert.deepEqual(recoverability("score", data, [0]), { floor: 0, variance: Infinity, value: 1 });
});

Deno.test("recoverabilityFromMmse - is recoverability, given the Gaussian's mmse", () => {
  const inner = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  const y = fc.constantFrom(...TARGETS);
  fc.assert(
    fc.property(y, kind, inner, fc.double({ min: 0.01, max: 9, noNaN: true }), (y, path, t, l) => {
      const level = noisePath(path)(t), exact = recoverability(y, level, [l]);
      const given = recoverabilityFromMmse(y, level, recoverability("x0", level, [l]).floor, l);
      assertClose(given.floor, exact.floor, 1e-11, "floor", 1e-14);
      assertClose(given.variance, exact.variance, 1e-14, "variance");
      assertClose(given.value, exact.value, 1e-11, "value", 64 * 2 ** -53);
    }),
  );
});

Deno.test("recoverabilityFromMmse - an estimate above the variance recovers nothing", () => {
  const level = { alpha: 0.6, sigma: 0.8 };
  assert.deepEqual(recoverabilityFromMmse("x0", level, 3, 2), { floor: 3, variance: 2, value: 0 });
  assert.deepEqual(recoverabilityFromMmse("x0", level, 0, 0), { floor: 0, variance: 0, value: 0 });
});

Deno.test("recoverableAmplitude - the ERD weight of epsilon and x0, sqrt(2) times that of v", () => {
  fc.assert(fc.property(kind, ends, (path, t) => {
    const level = noisePath(path)(t);
    for (const [y, factor] of [["epsilon", 1], ["x0", 1], ["v", Math.SQRT2]] as const) {
      const weight = lossWeight("recoverability", y, level);
      assertClose(recoverableAmplitude(y, level), factor * weight, 1e-15, `${y} at ${t}`);
    }
    assert.equal(recoverableAmplitude("score", level), 1);
  }));
});

Deno.test("recoverability - errors", () => {
  const level = { alpha: 0.6, sigma: 0.8 }, none = "noise" as Target;
  const names = 'target must be "epsilon", "x0", "v", "flow" or "score", got "noise"';
  assertFails(() => recoverability(none, level, [1]), `Cannot compute recoverability: ${names}`);
  assertFails(
    () => recoverabilityFromMmse(none, level, 1, 1),
    `Cannot compute recoverability from the mmse: ${names}`,
  );
  assertFails(
    () => recoverableAmplitude(none, level),
    `Cannot compute the recoverable amplitude: ${names}`,
  );
  const rule =
    "Cannot compute recoverability: covarianceSpectrum must be a list of at least one finite number >= 0";
  assertFails(() => recoverability("v", level, []), `${rule}, got []`);
  assertFails(() => recoverability("v", level, 1 as unknown as number[]), `${rule}, got 1`);
  assertFails(() => recoverability("v", level, [1, -2]), `${rule} (entry 1), got -2`);
  assertFails(
    () => recoverability("v", level, new Float32Array([NaN])),
    `${rule} (entry 0), got NaN`,
  );
  assertFails(
    () => recoverability("v", { alpha: NaN, sigma: 1 }, [1]),
    "Cannot compute recoverability: alpha must be a number in [0, 1e100], got NaN",
  );
  assertFails(
    () => recoverability("flow", level, [1]),
    "Cannot form the flow target: dAlpha must be a number in [-1e100, 1e100] (the flow target is " +
      "made of it), got undefined",
  );
  const from = "Cannot compute recoverability from the mmse: ";
  const known = (mmse: number, variance: number) => () =>
    recoverabilityFromMmse("v", level, mmse, variance);
  assertFails(known(-1, 1), `${from}mmse must be a finite number >= 0, got -1`);
  assertFails(known(NaN, 1), `${from}mmse must be a finite number >= 0, got NaN`);
  assertFails(known(1, Infinity), `${from}dataVariance must be a finite number >= 0, got Infinity`);
  assertFails(
    () => recoverabilityFromMmse("v", { alpha: 1, sigma: 0 }, 0, 1),
    `${from}sigma must be > 0, got 0`,
  );
});
