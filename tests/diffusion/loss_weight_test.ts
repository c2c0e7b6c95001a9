import assert from "node:assert/strict";
import fc from "fast-check";
import type { NoiseLevel } from "../../src/diffusion/noise/level.ts";
import { NOISE_PATHS, noisePath } from "../../src/diffusion/noise/path.ts";
import { conversionCoefficients, type Target, TARGETS } from "../../src/diffusion/noise/target.ts";
import {
  lossWeight,
  type LossWeightOptions,
  type Weighting,
  weightSource,
} from "../../src/diffusion/weights/loss_weight.ts";
import { assertClose, assertFails } from "./golden.ts";

const WEIGHTINGS: Weighting[] = [
  "uniform",
  "recoverability",
  "debias",
  { kind: "min-snr" },
  { kind: "min-snr", gamma: 0.1 },
  { kind: "p2" },
  { kind: "p2", k: 0.01, gamma: 0.5 },
  { kind: "p2", k: 3, gamma: 2 },
  { kind: "p2", gamma: 0 },
  "snr",
  "inv-snr",
  "trunc-snr",
  "min-debias",
  "max-debias",
  { kind: "max-snr" },
  { kind: "max-snr", gamma: 0.1 },
  { kind: "soft-min-snr" },
  { kind: "soft-min-snr", gamma: 0.1 },
];
/** Weightings that are a weight of the x0 loss; the rest are one of the epsilon loss. */
const OF_X0: readonly unknown[] = [
  "snr",
  "inv-snr",
  "trunc-snr",
  "min-snr",
  "max-snr",
  "soft-min-snr",
];
const kindOf = (w: Weighting) => typeof w === "object" ? w.kind : w;
const weighting = fc.constantFrom(...WEIGHTINGS);
const target = fc.constantFrom(...TARGETS);
const kind = fc.constantFrom(...NOISE_PATHS);

function assertBounded(weight: number, what: string, maxWeight = 1e5) {
  assert.ok(weight >= 0 && weight <= maxWeight, `${what}: ${weight}`);
}

Deno.test("lossWeight - finite and >= 0 for all t, targets, weightings, paths", () => {
  const time = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(weighting, target, kind, time, (w, y, path, t) => {
      assertBounded(lossWeight(w, y, noisePath(path)(t)), `${JSON.stringify(w)} ${y} ${path} ${t}`);
    }),
    { numRuns: 5000 },
  );
  for (const w of WEIGHTINGS) {
    for (const y of TARGETS) {
      for (const path of NOISE_PATHS) {
        for (const t of [0, 5e-324, 1e-200, 1e-16, 1 - 2 ** -53, 1]) {
          for (const snrZero of ["limit", "authors"] as const) {
            const weight = lossWeight(w, y, noisePath(path)(t), { snrZero });
            assertBounded(weight, `${JSON.stringify(w)} ${y} ${path} ${t}`);
          }
        }
      }
    }
  }
});

Deno.test("lossWeight - finite and >= 0 for any amplitudes and derivatives", () => {
  const amplitude = fc.double({ min: 0, max: 1e100, noNaN: true });
  const slope = fc.double({ min: -1e100, max: 1e100, noNaN: true });
  const level = fc.record({ alpha: amplitude, sigma: amplitude, dAlpha: slope, dSigma: slope });
  fc.assert(
    fc.property(weighting, target, level, (w, y, at) => {
      fc.pre(at.alpha > 0 || at.sigma > 0);
      assertBounded(lossWeight(w, y, at), `${JSON.stringify(w)} ${y}`);
    }),
    { numRuns: 5000 },
  );
});

/** Limits at pure noise (linear path, t = 1) and at clean data (t = 0), by hand. */
const LIMITS: [Weighting, Target, noise: number, data: number][] = [
  ["recoverability", "epsilon", 1, 0],
  ["recoverability", "x0", 0, 1],
  ["recoverability", "v", 0, 0],
  ["recoverability", "flow", 1, 1],
  ["recoverability", "score", 1, 0],
  ["debias", "epsilon", 1e5, 0],
  ["debias", "x0", 0, 1e5],
  ["debias", "v", 0, 0],
  ["debias", "flow", 0, 0],
  ["debias", "score", 1e5, 0],
  [{ kind: "min-snr", gamma: 3 }, "epsilon", 1, 0],
  [{ kind: "min-snr", gamma: 3 }, "x0", 0, 3],
  [{ kind: "min-snr", gamma: 3 }, "v", 0, 0],
  [{ kind: "min-snr", gamma: 3 }, "flow", 0, 0],
  [{ kind: "min-snr", gamma: 3 }, "score", 1, 0],
  [{ kind: "p2", k: 4, gamma: 0.5 }, "epsilon", 0.5, 0],
  [{ kind: "p2", k: 4, gamma: 0.5 }, "x0", 0, 1e5],
  [{ kind: "p2", k: 4, gamma: 1 }, "x0", 0, 1],
  [{ kind: "p2", k: 4, gamma: 2 }, "x0", 0, 0],
  [{ kind: "p2", k: 4, gamma: 0.5 }, "v", 0, 0],
  [{ kind: "p2", k: 4, gamma: 0.5 }, "flow", 0, 0],
  [{ kind: "p2", k: 4, gamma: 0.5 }, "score", 0.5, 0],
  ["snr", "epsilon", 1, 1],
  ["snr", "x0", 0, 1e5],
  ["snr", "v", 0, 1],
  ["inv-snr", "epsilon", 1e5, 0],
  ["inv-snr", "x0", 1e5, 0],
  ["inv-snr", "v", 1e5, 0],
  ["inv-snr", "flow", 1e5, 0],
  ["inv-snr", "score", 1e5, 0],
  ["trunc-snr", "epsilon", 1e5, 1],
  ["trunc-snr", "x0", 1, 1e5],
  ["trunc-snr", "v", 1, 1],
  ["min-debias", "epsilon", 1, 0],
  ["min-debias", "x0", 0, 1e5],
  ["min-debias", "v", 0, 0],
  ["max-debias", "epsilon", 1e5, 1],
  ["max-debias", "x0", 0, 1e5],
  ["max-debias", "score", 1e5, 0],
  [{ kind: "max-snr", gamma: 3 }, "epsilon", 1e5, 1],
  [{ kind: "max-snr", gamma: 3 }, "x0", 3, 1e5],
  [{ kind: "max-snr", gamma: 3 }, "flow", 3, 1],
  [{ kind: "soft-min-snr", gamma: 3 }, "epsilon", 1, 0],
  [{ kind: "soft-min-snr", gamma: 3 }, "x0", 0, 3],
  [{ kind: "soft-min-snr", gamma: 3 }, "v", 0, 0],
];

Deno.test("lossWeight - limits at snr 0 and infinity, and approached from inside", () => {
  const path = noisePath("linear");
  for (const [w, y, noise, data] of LIMITS) {
    const what = `${JSON.stringify(w)} of ${y}`;
    assert.equal(lossWeight(w, y, path(1)), noise, `${what} at pure noise`);
    assert.equal(lossWeight(w, y, path(0)), data, `${what} at clean data`);
    assert.equal(lossWeight(w, y, path(1), { snrZero: "authors" }), 1, `${what}, authors`);
    assert.equal(lossWeight(w, y, path(0), { snrZero: "authors" }), data, `${what}, authors`);
    // A weight is at most of order sqrt(distance) away from its limit.
    const near = 2 ** -50, bound = 8 * Math.sqrt(near);
    assertClose(lossWeight(w, y, path(1 - near)), noise, bound, what, bound);
    assertClose(lossWeight(w, y, path(near)), data, bound, what, bound);
  }
});

Deno.test("lossWeight - derived weights leave the weighted loss as it is", () => {
  // Of a prediction that is off by d, the error in another target is d times fromPrediction.
  const inner = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  fc.assert(fc.property(weighting, target, kind, inner, (w, y, path, t) => {
    if (weightSource(w, y) === "authors") return;
    const level = noisePath(path)(t), options = { maxWeight: 1e12 };
    const base = OF_X0.includes(kindOf(w)) ? "x0" : "epsilon";
    const error = conversionCoefficients(y, base, level).fromPrediction;
    const expected = lossWeight(w, base, level, options) * error ** 2;
    assertClose(
      lossWeight(w, y, level, options),
      expected,
      1e-12,
      `${JSON.stringify(w)} ${y} ${path} ${t}`,
    );
  }));
});

Deno.test("lossWeight - Min-SNR is one loss in epsilon, x0 and v where variance is preserved", () => {
  fc.assert(fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), (t) => {
    const level = noisePath("cosine")(t), w: Weighting = { kind: "min-snr" };
    const x0 = lossWeight(w, "x0", level);
    for (const y of ["epsilon", "v"] as const) {
      const expected = x0 * conversionCoefficients(y, "x0", level).fromPrediction ** 2;
      assertClose(lossWeight(w, y, level), expected, 1e-12, `${y} at ${t}`);
    }
  }));
});

Deno.test("lossWeight - by hand, at an snr of 4 and of 1/4", () => {
  const clear = { alpha: 0.8, sigma: 0.4 }, dim = { alpha: 0.4, sigma: 0.8 };
  const rows: [Weighting, Target, clear: number, dim: number][] = [
    ["snr", "x0", 4, 0.25],
    ["inv-snr", "x0", 0.25, 4],
    ["inv-snr", "epsilon", 1 / 16, 16],
    ["trunc-snr", "x0", 4, 1],
    ["trunc-snr", "epsilon", 1, 4],
    ["min-debias", "epsilon", 0.5, 1],
    ["max-debias", "epsilon", 1, 2],
    ["min-debias", "x0", 2, 0.25],
    ["max-debias", "x0", 4, 0.5],
    [{ kind: "max-snr", gamma: 2 }, "x0", 4, 2],
    [{ kind: "max-snr", gamma: 2 }, "epsilon", 1, 8],
    [{ kind: "min-snr", gamma: 2 }, "x0", 2, 0.25],
    [{ kind: "soft-min-snr", gamma: 2 }, "x0", 4 / 3, 2 / 9],
    [{ kind: "soft-min-snr", gamma: 2 }, "epsilon", 1 / 3, 8 / 9],
  ];
  for (const [w, y, atClear, atDim] of rows) {
    const what = `${JSON.stringify(w)} of ${y}`;
    assertClose(lossWeight(w, y, clear), atClear, 8 * 2 ** -52, what);
    assertClose(lossWeight(w, y, dim), atDim, 8 * 2 ** -52, what);
  }
});

Deno.test("lossWeight - defaults and maxWeight", () => {
  const level = { alpha: 0.6, sigma: 0.1 };
  assert.equal(
    lossWeight({ kind: "min-snr" }, "x0", level),
    lossWeight({ kind: "min-snr", gamma: 5 }, "x0", level),
  );
  assert.equal(
    lossWeight({ kind: "p2" }, "epsilon", level),
    lossWeight({ kind: "p2", k: 1, gamma: 1 }, "epsilon", level),
  );
  assert.equal(lossWeight("debias", "x0", level, { maxWeight: 2 }), 2);
  assertClose(lossWeight("debias", "x0", level), 6, 2 ** -52, "below the cap");
  const still = { alpha: 1, sigma: 1, dAlpha: 1, dSigma: 1 };
  assert.equal(lossWeight("debias", "flow", still), 1e5, "alpha / sigma stands still");
  const square = { alpha: 1, sigma: 0, dAlpha: 0, dSigma: 0 };
  assert.equal(lossWeight("debias", "flow", square), 0, "0 / 0 is no weight");
});

Deno.test("weightSource - what the authors define", () => {
  const derived = WEIGHTINGS.slice(0, 4).concat({ kind: "p2" }).map((w) =>
    TARGETS.filter((y) => weightSource(w, y) === "derived")
  );
  assert.deepEqual(derived, [
    [],
    ["score"],
    ["x0", "v", "flow", "score"],
    ["flow", "score"],
    ["x0", "v", "flow", "score"],
  ]);
  const also: [Weighting, Target[]][] = [
    ["snr", ["x0"]],
    ["inv-snr", ["x0"]],
    ["trunc-snr", ["x0"]],
    ["min-debias", ["epsilon"]],
    ["max-debias", ["epsilon"]],
    [{ kind: "max-snr" }, ["epsilon", "x0"]],
    [{ kind: "soft-min-snr" }, []],
  ];
  for (const [w, authors] of also) {
    assert.deepEqual(TARGETS.filter((y) => weightSource(w, y) === "authors"), authors);
  }
});

Deno.test("lossWeight - errors", () => {
  const level = { alpha: 0.6, sigma: 0.8 };
  const fails = (w: unknown, y: unknown, at: NoiseLevel, options: unknown, message: string) =>
    assertFails(
      () => lossWeight(w as Weighting, y as Target, at, options as LossWeightOptions),
      `Cannot weigh the loss${message}`,
    );
  const kinds =
    'weighting must be "uniform", "recoverability", "debias", "min-debias", "max-debias", "snr", ' +
    '"inv-snr" or "trunc-snr", or one of { kind: "min-snr" }, { kind: "max-snr" }, ' +
    '{ kind: "soft-min-snr" }, { kind: "p2" }';
  fails("min-snr", "v", level, {}, `: ${kinds}, got "min-snr"`);
  fails(undefined, "v", level, {}, `: ${kinds}, got undefined`);
  fails(
    { kind: "p3" },
    "v",
    level,
    {},
    ': weighting.kind must be "min-snr", "max-snr", "soft-min-snr" or "p2", got "p3"',
  );
  const typo: unknown = { kind: "min-snr", gama: 5 };
  assert.throws(() => lossWeight(typo as Weighting, "v", level), {
    name: "TypeError",
    message: 'Cannot weigh the loss: unknown field of weighting "gama"; did you mean "gamma"?',
  });
  assert.throws(() => lossWeight({ kind: "min-snr", k: 5 } as unknown as Weighting, "v", level), {
    message: 'Cannot weigh the loss: unknown field of weighting "k"; there are kind, gamma',
  });
  for (const gamma of [0, -1, NaN, Infinity]) {
    fails(
      { kind: "min-snr", gamma },
      "v",
      level,
      {},
      `: gamma must be a finite number > 0 for min-snr, got ${gamma}`,
    );
  }
  fails({ kind: "p2", k: 0 }, "v", level, {}, ": k must be a finite number > 0 for p2, got 0");
  fails(
    { kind: "p2", gamma: -1 },
    "v",
    level,
    {},
    ": gamma must be a finite number >= 0 for p2, got -1",
  );
  fails(
    "uniform",
    "noise",
    level,
    {},
    ': target must be "epsilon", "x0", "v", "flow" or "score", got "noise"',
  );
  fails(
    "uniform",
    "v",
    { alpha: -0.5, sigma: 1 },
    {},
    ": alpha must be a number in [0, 1e100], got -0.5",
  );
  fails(
    "uniform",
    "v",
    { alpha: 0, sigma: 0 },
    {},
    ": alpha and sigma must not both be 0, got { alpha: 0, sigma: 0 }",
  );
  fails(
    "debias",
    "flow",
    level,
    {},
    " of the flow target: dAlpha must be a number in [-1e100, 1e100] (the flow target is made of " +
      "it), got undefined",
  );
  fails(
    "uniform",
    "v",
    level,
    { snrZero: "one" },
    ': snrZero must be "limit" or "authors", got "one"',
  );
  fails(
    "uniform",
    "v",
    level,
    { maxWeight: Infinity },
    ": maxWeight must be a finite number > 0, got Infinity",
  );
  assert.equal(lossWeight("recoverability", "flow", level), 1, "no derivatives needed");
  assertFails(
    () => weightSource("min-snr" as unknown as Weighting, "v"),
    `Cannot weigh the loss: ${kinds}, got "min-snr"`,
  );
});
