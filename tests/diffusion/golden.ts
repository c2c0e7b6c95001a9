import assert from "node:assert/strict";
import type { Target } from "../../src/diffusion/noise/target.ts";
import type { Weighting } from "../../src/diffusion/weights/loss_weight.ts";
import fc from "fast-check";
import type { NoisePathKind } from "../../src/diffusion/noise/path.ts";

// Property tests are the same in each run; change the seed to look further.
fc.configureGlobal({ seed: Number(Deno.env.get("PROPERTY_SEED") ?? 1), numRuns: 500 });

/** The data of a golden file; its strings "NaN" and "Infinity" become numbers. */
export function golden<Entry>(name: string): Entry[] {
  const url = new URL(`../golden/diffusion/${name}.json`, import.meta.url);
  const number = (_key: string, value: unknown) =>
    value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value;
  const { data } = JSON.parse(Deno.readTextFileSync(url), number);
  assert.ok(data.length > 0, `${name} is empty`);
  return data;
}

/** |actual - expected| <= relative |expected| + absolute, for finite numbers; never for others. */
export function assertClose(
  actual: number | undefined,
  expected: number | undefined,
  relative: number,
  what: string,
  absolute = 0,
): void {
  const bound = relative * Math.abs(expected ?? NaN) + absolute;
  const error = Math.abs((actual ?? NaN) - (expected ?? NaN));
  assert.ok(error <= bound, `${what}: ${actual} is not ${expected} within ${bound}`);
}

export function assertAllClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative: number,
  what: string,
  absolute = 0,
): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  for (let i = 0; i < expected.length; i++) {
    assertClose(actual[i], expected[i], relative, `${what} [${i}]`, absolute);
  }
}

/** Targets by the names of the golden files. PREVIOUS_X is none of ours. */
export const TARGET_OF: Readonly<Record<string, Target>> = {
  EPSILON: "epsilon",
  START_X: "x0",
  VELOCITY: "v",
  VECTOR: "flow",
  SCORE: "score",
};

/** Weightings by the names of the golden files. */
export const WEIGHTING_OF: Readonly<Record<string, Weighting>> = {
  constant: "uniform",
  lambda: "recoverability",
  debias: "debias",
  min_snr_5: { kind: "min-snr", gamma: 5 },
  p2: { kind: "p2", k: 1, gamma: 1 },
};

export const PATH_OF: Readonly<Record<string, NoisePathKind>> = {
  linear: "linear",
  cosine: "cosine",
  linear_logsnr: "linear-logsnr",
};

export interface WeightCase {
  target: string;
  weight_type: string;
  weights?: number[];
  error?: string;
}

/** The message of a thrown RangeError is exactly this. */
export function assertFails(f: () => unknown, message: string): void {
  assert.throws(f, { name: "RangeError", message });
}

/** Seeded uniform random numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Seeded standard normal random numbers. */
export function randomNormal(seed: number): () => number {
  const uniform = random(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
