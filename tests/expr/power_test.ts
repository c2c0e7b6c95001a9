import assert from "node:assert/strict";
import fc from "fast-check";
import { record } from "../../src/expr/program.ts";
import { uniform } from "../support/random.ts";
import { runWasm } from "./wasm_program.ts";

/**
 * The largest error of a power, in units in the last place of the result; below the normal range, in
 * units of the smallest denormal. One rounding makes at most 0.5 of it. The polynomials add what their
 * relative errors allow: 2^-37.7 of a logarithm of at most 150, times ln 2, and 2^-34.3, in all
 * less than 0.01 units.
 */
const BOUND = 0.51;

const PROGRAM = record("single", (o, input) => ({ power: o.pow(input("x"), input("p")) }));
const BY_ELEMENT = record("single", (o, input) => ({ power: o.pow(input("x"), input("y")) }));

/** a^b for many a. */
function power(a: ArrayLike<number>, b: number): Float32Array {
  const signature = { name: "power", arrays: ["x"], writes: { power: "out" }, scalars: ["p"] };
  return runWasm(PROGRAM, signature, { x: a }, [b]).out!;
}

/** The distance between neighbouring float32 numbers at y. */
function unit(y: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(y)));
  return 2 ** (exponent - 23);
}

/** Asserts that the powers are right to the bound; Math.pow's own error is far below it. */
function assertPowers(a: ArrayLike<number>, b: number, actual: Float32Array): void {
  for (let i = 0; i < actual.length; i++) {
    const exact = Math.pow(a[i]!, Math.fround(b));
    const rounded = Math.fround(exact);
    if (actual[i] === rounded) continue;
    const error = Math.abs(actual[i]! - exact) / unit(exact);
    assert.ok(
      error <= BOUND, // false for NaN
      `${a[i]}^${Math.fround(b)}: ${actual[i]} instead of ${exact}, off by ${error} units`,
    );
  }
}

/** Float32 numbers of every exponent: powers of two, their neighbours, and some between. */
function everyExponent(seed: number): Float32Array {
  const next = uniform(seed);
  const fractions = [1, 1 + 2 ** -23, 2 - 2 ** -23, Math.SQRT2, Math.SQRT2 - 2 ** -23];
  const values: number[] = [];
  for (let exponent = -149; exponent <= 127; exponent++) {
    const scale = 2 ** exponent;
    for (const fraction of [...fractions, ...Array.from({ length: 9 }, () => 1 + next())]) {
      values.push(scale * fraction);
    }
  }
  for (let k = 0; k < 100; k++) values.push(1 - k * 2 ** -24, 1 + k * 2 ** -23);
  return Float32Array.from(values);
}

/** Exponents of the gain that are likely, and those between 0 and 100 that are not. */
const GAMMAS = [0.7, 0.25, 0.3, 0.5, 0.75, 0.9, 0.99, 1, 1.01, 1.5, 2, 3, 10, 64, 100, 0.1, 1e-3];

Deno.test("pow: to 0.51 units in the last place, at every exponent of the base", () => {
  const next = uniform(11);
  const others = Array.from({ length: 60 }, () => 100 ** (2 - 3 * next()) / 100); // to 1e-4
  const bases = everyExponent(12);
  for (const b of [...GAMMAS, ...others]) assertPowers(bases, b, power(bases, b));
});

Deno.test("pow: negative exponents and exponents beyond all range", () => {
  const bases = everyExponent(13);
  for (const b of [-0.7, -1, -2, -100, 1e-30, -1e-30, 1e-45, 1e30, -1e30, 3e38, -3e38]) {
    assertPowers(bases, b, power(bases, b));
  }
});

Deno.test("pow: 0, 1 and infinity are exact, and NaN stays NaN", () => {
  for (const b of [...GAMMAS, 1e-30, 3e38]) {
    assert.deepEqual([...power([0, 1, Infinity, NaN], b)], [0, 1, Infinity, NaN]);
    assert.deepEqual([...power([0, 1, Infinity, NaN], -b)], [Infinity, 1, 0, NaN]);
  }
  assert.deepEqual([...power([0, 1e-45, 0.3, 1, 3e38, Infinity], 0)], [1, 1, 1, 1, 1, 1]);
  assert.deepEqual([...power([0.3, 2], NaN)], [NaN, NaN]);
});

Deno.test("pow: grows with the base, from the smallest number to 1", () => {
  const bases = everyExponent(14).filter((value) => value <= 1).sort();
  for (const b of GAMMAS) {
    const powers = power(bases, b);
    for (let i = 1; i < powers.length; i++) {
      const [before, after] = [powers[i - 1]!, powers[i]!];
      // The powers of neighbours may lie closer than numbers do, and each may be off.
      assert.ok(before - after <= unit(after), `${bases[i - 1]}^${b} = ${before}, then ${after}`);
    }
    assert.ok(powers.every((value) => value >= 0 && value <= 1));
  }
});

Deno.test("pow: bases and exponents that differ from element to element", () => {
  const base = fc.float({ min: 0, noNaN: true });
  const exponent = fc.oneof(
    fc.float({ min: -100, max: 100, noNaN: true }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
  );
  const pairs = fc.array(fc.tuple(base, exponent), { minLength: 1, maxLength: 9 });
  const signature = { name: "power", arrays: ["x", "y"], writes: { power: "out" }, scalars: [] };
  fc.assert(
    fc.property(pairs, (pairs) => {
      const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
      const { out } = runWasm(BY_ELEMENT, signature, { x, y }, []);
      pairs.forEach(([a, b], i) => assertPowers([a], b, out!.subarray(i, i + 1)));
    }),
    { seed: 5, numRuns: 500 },
  );
});
