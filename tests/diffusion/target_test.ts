import assert from "node:assert/strict";
import fc from "fast-check";
import type { NoiseLevel } from "../../src/diffusion/noise/level.ts";
import { NOISE_PATHS, noisePath } from "../../src/diffusion/noise/path.ts";
import { ddpmSchedule } from "../../src/diffusion/noise/schedule.ts";
import {
  addNoise,
  conversionCoefficients,
  convertPrediction,
  type Target,
  targetCoefficients,
  TARGETS,
  targetValue,
} from "../../src/diffusion/noise/target.ts";
import { assertAllClose, assertClose, assertFails, golden, PATH_OF, TARGET_OF } from "./golden.ts";

interface ConvertEntry {
  path: string;
  t: number[];
  x0: number[][];
  eps: number[][];
  model_output: number[][];
  x_t: number[][];
  targets: Record<string, number[][]>;
  to_vector: Record<string, number[][]>;
  to_score: Record<string, number[][]>;
}

for (const entry of golden<ConvertEntry>("flow_convert")) {
  Deno.test(`targetValue, addNoise - golden flow ${entry.path}`, () => {
    assert.deepEqual(Object.keys(entry.targets).map((name) => TARGET_OF[name]), [...TARGETS]);
    for (const [i, level] of entry.t.map(noisePath(PATH_OF[entry.path]!)).entries()) {
      const x0 = entry.x0[i]!, eps = entry.eps[i]!;
      assertAllClose(addNoise(x0, eps, level), entry.x_t[i]!, 1e-9, "x_t");
      for (const [name, values] of Object.entries(entry.targets)) {
        assertAllClose(targetValue(TARGET_OF[name]!, x0, eps, level), values[i]!, 1e-9, name);
      }
    }
  });

  Deno.test(`convertPrediction - golden flow ${entry.path}`, () => {
    const levels = entry.t.map(noisePath(PATH_OF[entry.path]!));
    for (const [to, table] of [["flow", entry.to_vector], ["score", entry.to_score]] as const) {
      for (const [name, values] of Object.entries(table)) {
        for (const [i, level] of levels.entries()) {
          const from = TARGET_OF[name]!, output = entry.model_output[i]!, x = entry.x_t[i]!;
          const converted = convertPrediction(from, to, output, x, level);
          assertAllClose(converted, values[i]!, 1e-9, `${from} to ${to} at ${entry.t[i]}`);
        }
      }
    }
  });
}

interface TargetsEntry {
  path: string;
  steps: number;
  t: number[];
  x0: number[];
  eps: number[];
  x_t: number[];
  targets: Record<string, number[]>;
}

for (const entry of golden<TargetsEntry>("ddpm_targets")) {
  Deno.test(`targetValue, addNoise - golden float32 ${entry.path}`, () => {
    const { alpha, sigma } = ddpmSchedule({ kind: PATH_OF[entry.path]!, timesteps: entry.steps });
    const size = entry.x0.length / entry.t.length;
    const sample = (values: number[], i: number) => values.slice(i * size, (i + 1) * size);
    let compared = 0;
    for (const [i, t] of entry.t.entries()) {
      const level = { alpha: alpha[t]!, sigma: sigma[t]! };
      const x0 = sample(entry.x0, i), eps = sample(entry.eps, i);
      assertAllClose(addNoise(x0, eps, level), sample(entry.x_t, i), 1e-5, "x_t");
      for (const [name, values] of Object.entries(entry.targets)) {
        if (name === "PREVIOUS_X") continue;
        compared++;
        const target = targetValue(TARGET_OF[name]!, x0, eps, level);
        assertAllClose(target, sample(values, i), 1e-5, `${name} at ${t}`);
      }
    }
    assert.equal(compared, 3 * entry.t.length);
  });
}

const target = fc.constantFrom(...TARGETS);
const value = fc.double({ min: -3, max: 3, noNaN: true });
const inner = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const kind = fc.constantFrom(...NOISE_PATHS);

Deno.test("convert - any target to any other is that of the same x0 and eps", () => {
  fc.assert(fc.property(target, target, kind, inner, value, value, (from, to, path, t, x0, eps) => {
    const level = noisePath(path)(t), x = addNoise(x0, eps, level);
    const converted = convertPrediction(from, to, targetValue(from, x0, eps, level), x, level);
    const { fromPrediction, fromInput } = conversionCoefficients(from, to, level);
    // Rounding of the two terms, whose sum may cancel.
    const size = Math.abs(fromPrediction * targetValue(from, x0, eps, level)) +
      Math.abs(fromInput * x);
    const spread = Math.abs(fromInput) + Math.abs(fromPrediction) * 100;
    const bound = 16 * 2 ** -53 * (size + 3 * spread);
    assertClose(converted, targetValue(to, x0, eps, level), 0, `${from} to ${to} at ${t}`, bound);
  }));
});

Deno.test("convert - there and back is the identity", () => {
  fc.assert(fc.property(target, target, kind, inner, (from, to, path, t) => {
    const level = noisePath(path)(t);
    const there = conversionCoefficients(from, to, level),
      back = conversionCoefficients(to, from, level);
    assertClose(back.fromPrediction * there.fromPrediction, 1, 1e-12, `${from} to ${to} at ${t}`);
    const input = back.fromPrediction * there.fromInput;
    assertClose(input + back.fromInput, 0, 0, "input", 1e-12 * (1 + Math.abs(input)));
  }));
});

Deno.test("convert - through a third target is the same", () => {
  fc.assert(fc.property(target, target, target, kind, inner, (from, via, to, path, t) => {
    const level = noisePath(path)(t);
    const direct = conversionCoefficients(from, to, level);
    const first = conversionCoefficients(from, via, level),
      second = conversionCoefficients(via, to, level);
    const what = `${from} to ${to} via ${via} at ${t}`;
    const prediction = second.fromPrediction * first.fromPrediction;
    assertClose(prediction, direct.fromPrediction, 1e-11, what);
    const detour = second.fromPrediction * first.fromInput;
    const bound = 1e-11 * (Math.abs(detour) + Math.abs(second.fromInput));
    assertClose(detour + second.fromInput, direct.fromInput, 0, what, bound);
  }));
});

/** Which conversions exist where alpha or sigma is 0, on a path whose derivatives are not 0. */
const AT_NOISE = { alpha: 0, sigma: 1, dAlpha: -1, dSigma: 1 };
const AT_DATA = { alpha: 1, sigma: 0, dAlpha: -1, dSigma: 1 };
const MISSING: [NoiseLevel, Target, Target[]][] = [
  [AT_NOISE, "epsilon", ["x0", "v", "flow"]],
  [AT_NOISE, "x0", []],
  [AT_NOISE, "v", []],
  [AT_NOISE, "flow", []],
  [AT_NOISE, "score", ["x0", "v", "flow"]],
  [AT_DATA, "epsilon", ["score"]],
  [AT_DATA, "x0", ["epsilon", "v", "flow", "score"]],
  [AT_DATA, "v", ["score"]],
  [AT_DATA, "flow", ["score"]],
  [AT_DATA, "score", []],
];

Deno.test("convert - at alpha = 0 and at sigma = 0, a finite limit or an error", () => {
  for (const [level, from, missing] of MISSING) {
    for (const to of TARGETS) {
      const what = `${from} to ${to} at alpha ${level.alpha}`;
      if (missing.includes(to)) {
        assert.throws(() => conversionCoefficients(from, to, level), { name: "RangeError" }, what);
        continue;
      }
      const { fromPrediction, fromInput } = conversionCoefficients(from, to, level);
      assert.ok(Number.isFinite(fromPrediction) && Number.isFinite(fromInput), what);
      if (from === "score" && level.sigma === 0) continue; // the target itself is infinite
      const x = addNoise(0.3, -0.7, level), y = targetValue(from, 0.3, -0.7, level);
      const expected = targetValue(to, 0.3, -0.7, level);
      assertClose(fromPrediction * y + fromInput * x, expected, 0, what, 4 * 2 ** -53);
    }
  }
});

Deno.test("convert - a score at sigma = 0 gives the limit of its formula", () => {
  assertClose(conversionCoefficients("score", "x0", AT_DATA).fromInput, 1, 0, "x0 is x_t");
  assert.equal(Math.abs(conversionCoefficients("score", "x0", AT_DATA).fromPrediction), 0);
  const near = conversionCoefficients("score", "v", { alpha: 1, sigma: 1e-9 }),
    at = conversionCoefficients("score", "v", AT_DATA);
  assertClose(near.fromPrediction, at.fromPrediction, 0, "prediction", 2e-9);
  assertClose(near.fromInput, at.fromInput, 0, "input", 2e-9);
});

Deno.test("convert - a flow that stands still tells nothing, but is a multiple where it is one", () => {
  // alpha = 0 and dAlpha = 0: flow = dSigma eps there.
  const level = { alpha: 0, sigma: 1, dAlpha: 0, dSigma: 2 };
  assert.deepEqual(conversionCoefficients("epsilon", "flow", level), {
    fromPrediction: 2,
    fromInput: 0,
  });
  assert.deepEqual(conversionCoefficients("flow", "epsilon", level), {
    fromPrediction: 0.5,
    fromInput: 0,
  });
  assertFails(
    () => conversionCoefficients("flow", "x0", { alpha: 1, sigma: 1, dAlpha: 0, dSigma: 0 }),
    "Cannot convert flow to x0: flow must tell more than the input x_t does at this noise level, " +
      "got { alpha: 1, sigma: 1, dAlpha: 0, dSigma: 0 }",
  );
});

Deno.test("targetCoefficients - the table", () => {
  const level = { alpha: 0.5, sigma: 0.25, dAlpha: -2, dSigma: 3 };
  const table = TARGETS.map((name) => targetCoefficients(name, level));
  assert.deepEqual(table.map((c) => [c.x0, c.epsilon]), [[0, 1], [1, 0], [-0.25, 0.5], [-2, 3], [
    0,
    -4,
  ]]);
});

Deno.test("targets - errors", () => {
  const level = { alpha: 0.5, sigma: 0.5 };
  const names = '"epsilon", "x0", "v", "flow" or "score"';
  const none = "eps" as Target;
  assertFails(
    () => targetCoefficients(none, level),
    `Cannot form a target: target must be ${names}, got "eps"`,
  );
  assertFails(
    () => conversionCoefficients(none, "v", level),
    `Cannot convert a prediction: from must be ${names}, got "eps"`,
  );
  assertFails(
    () => conversionCoefficients("v", none, level),
    `Cannot convert a prediction: to must be ${names}, got "eps"`,
  );
  const needs =
    "must be a number in [-1e100, 1e100] (the flow target is made of it), got undefined";
  assertFails(
    () => targetCoefficients("flow", level),
    `Cannot form the flow target: dAlpha ${needs}`,
  );
  assertFails(
    () => conversionCoefficients("v", "flow", level),
    `Cannot convert v to flow: dAlpha ${needs}`,
  );
  assertFails(
    () => targetCoefficients("score", AT_DATA),
    "Cannot form the score target: sigma must be > 0 (the score is -epsilon / sigma), got 0",
  );
  assertFails(
    () => conversionCoefficients("v", "score", AT_DATA),
    "Cannot convert v to score: sigma must be > 0 (the score is -epsilon / sigma), got 0",
  );
  assertFails(
    () => conversionCoefficients("epsilon", "x0", { alpha: 0, sigma: 1 }),
    "Cannot convert epsilon to x0: epsilon must tell more than the input x_t does at this noise " +
      "level, got { alpha: 0, sigma: 1 }",
  );
  assertFails(
    () => addNoise(1, 1, { alpha: -1, sigma: 1 }),
    "Cannot add noise: alpha must be a number in [0, 1e100], got -1",
  );
  assertFails(
    () => addNoise([1, 2], [1], level),
    "Cannot add noise: both must be numbers, or lists of one length, got [2, 1]",
  );
  assertFails(
    () => targetValue("v", 1 as unknown as number[], [1], level),
    'Cannot form the v target: both must be numbers, or lists of one length, got ["a number", 1]',
  );
  assertFails(
    () => convertPrediction("v", "x0", [1], [1, 2, 3], level),
    "Cannot convert v to x0: both must be numbers, or lists of one length, got [1, 3]",
  );
});
