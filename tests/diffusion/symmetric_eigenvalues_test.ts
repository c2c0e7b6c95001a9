import assert from "node:assert/strict";
import fc from "fast-check";
import { symmetricEigenvalues } from "../../src/diffusion/numeric/symmetric_eigenvalues.ts";
import { assertAllClose, randomNormal } from "./golden.ts";

type Entry = (i: number, j: number) => number;

function matrix(size: number, entry: Entry): Float64Array {
  return Float64Array.from(
    { length: size * size },
    (_, k) => entry(Math.floor(k / size), k % size),
  );
}

const descending = (values: number[]): number[] => values.sort((a, b) => b - a);

/** Q diag(values) Q' with Q a product of reflections. */
function rotated(values: readonly number[], seed: number): Float64Array {
  const size = values.length, next = randomNormal(seed);
  let a = matrix(size, (i, j) => i === j ? values[i]! : 0);
  for (let turn = 0; turn < 3; turn++) {
    const v = Array.from({ length: size }, next), h = v.reduce((sum, x) => sum + x * x, 0) / 2;
    const av = v.map((_, i) => v.reduce((sum, x, j) => sum + a[i * size + j]! * x, 0));
    const vav = av.reduce((sum, x, i) => sum + x * v[i]!, 0);
    const before = a;
    a = matrix(
      size,
      (i, j) =>
        before[i * size + j]! - (v[i]! * av[j]! + av[i]! * v[j]!) / h + vav * v[i]! * v[j]! / h / h,
    );
  }
  return a;
}

/** Matrices whose eigenvalues are known. */
const KNOWN: Record<string, { size: number; entry: Entry; eigenvalues: number[] }> = {
  "one number": { size: 1, entry: () => -3, eigenvalues: [-3] },
  "two by two": { size: 2, entry: (i, j) => i === j ? 2 : 1, eigenvalues: [3, 1] },
  "second differences": {
    size: 100,
    entry: (i, j) => i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0,
    eigenvalues: Array.from({ length: 100 }, (_, k) => 2 + 2 * Math.cos((k + 1) * Math.PI / 101)),
  },
  "all ones": { size: 30, entry: () => 1, eigenvalues: [30, ...new Array<number>(29).fill(0)] },
  "one off the diagonal": {
    size: 3,
    entry: (i, j) => i === j ? 0 : Math.abs(i - j) === 2 ? 5 : 0,
    eigenvalues: [5, 0, -5],
  },
  "min(i, j)": {
    size: 40,
    entry: (i, j) => Math.min(i, j) + 1,
    eigenvalues: Array.from(
      { length: 40 },
      (_, k) => 1 / (4 * Math.sin((2 * k + 1) * Math.PI / 162) ** 2),
    ),
  },
};

for (const [name, { size, entry, eigenvalues }] of Object.entries(KNOWN)) {
  Deno.test(`symmetricEigenvalues - known spectra: ${name}`, () => {
    const given = matrix(size, entry), before = given.slice();
    const found = symmetricEigenvalues(given, size);
    const bound = 8 * Math.sqrt(size) * 2 ** -53 * Math.max(...eigenvalues.map(Math.abs));
    assertAllClose(found, eigenvalues, 0, name, bound);
    assert.deepEqual(given, before, "the matrix is left as it is");
  });
}

Deno.test("symmetricEigenvalues - known spectra, rotated, over all magnitudes", () => {
  const spectra = [
    [7, 7, 7, 1, 1, 0, 0, -2],
    Array.from({ length: 24 }, (_, i) => 10 ** -i),
    Array.from({ length: 150 }, (_, i) => i % 3),
  ];
  for (const [seed, spectrum] of spectra.entries()) {
    for (const scale of [1, 1e-200, 1e200]) {
      const values = rotated(spectrum, seed + 1).map((value) => value * scale);
      const found = symmetricEigenvalues(values, spectrum.length);
      const most = scale * Math.max(...spectrum.map(Math.abs));
      const bound = 40 * Math.sqrt(spectrum.length) * 2 ** -53 * most;
      assertAllClose(found, descending(spectrum.map((x) => x * scale)), 0, `${seed}`, bound);
    }
  }
});

Deno.test("symmetricEigenvalues - trace, squares and shift of random matrices", () => {
  const sizes = fc.integer({ min: 1, max: 20 }), seeds = fc.integer({ min: 1, max: 1e6 });
  fc.assert(
    fc.property(sizes, seeds, (size, seed) => {
      const next = randomNormal(seed), half = matrix(size, next);
      const a = matrix(size, (i, j) => half[i * size + j]! + half[j * size + i]!);
      const found = symmetricEigenvalues(a, size);
      const sum = (values: ArrayLike<number>, f: (x: number) => number) =>
        Array.from(values).reduce((total, x) => total + f(x), 0);
      const squares = sum(a, (x) => x * x), bound = 1e-14 * size * Math.sqrt(squares);
      const trace = Array.from({ length: size }, (_, i) => a[i * size + i]!);
      assertAllClose([sum(found, (x) => x)], [sum(trace, (x) => x)], 0, "trace", bound);
      assertAllClose([sum(found, (x) => x * x)], [squares], 1e-13 * size, "squares");
      assert.deepEqual([...found], descending([...found]), "in order");
      const shifted = symmetricEigenvalues(
        a.map((x, k) => k % (size + 1) === 0 ? x + 10 : x),
        size,
      );
      assertAllClose(shifted, found.map((x) => x + 10), 0, "shift", bound + 1e-13 * size);
    }),
    { numRuns: 100 },
  );
});

Deno.test("symmetricEigenvalues - zeros, and what is refused", () => {
  assert.deepEqual([...symmetricEigenvalues(new Float64Array(9), 3)], [0, 0, 0]);
  assert.deepEqual([...symmetricEigenvalues([], 0)], []);
  assert.throws(
    () => symmetricEigenvalues([1, 2, 3], 2),
    /^RangeError: .* a matrix of size 2 must have 4 numbers, got 3$/,
  );
  for (const bad of [NaN, Infinity]) {
    assert.throws(() => symmetricEigenvalues([1, 2, bad, 1], 2), /the numbers must be finite/);
  }
});
