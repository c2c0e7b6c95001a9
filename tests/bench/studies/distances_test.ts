import assert from "node:assert/strict";
import { Matrix } from "ml-matrix";
import { frechetDistance, type Moments, momentsOf } from "../../../bench/studies/frechet.ts";
import { squaredMmd } from "../../../bench/studies/mmd.ts";
import { estimate } from "../../../bench/studies/paired.ts";
import { randomStream } from "../../../src/diffusion/numeric/random.ts";

const close = (a: number, b: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);

Deno.test("study: MMD against a sum written out", () => {
  const kernel = (r: number): number =>
    [0.1, 0.2, 0.5, 1, 2].reduce((sum, h) => sum + Math.exp(-r * r / (2 * h * h)), 0) / 5;
  // Points 0 and 1 against 0 and 2 on a line: cross distances 0, 2, 1, 1.
  const expected = kernel(1) + kernel(2) - 2 * (kernel(0) + kernel(2) + 2 * kernel(1)) / 4;
  close(squaredMmd([0, 1], [0, 2], 1), expected, 1e-15);
});

Deno.test("study: MMD of equal distributions is 0 on average, of others it is not", () => {
  const values = Array.from({ length: 400 }, (_, i) => {
    const random = randomStream(1, 500, i);
    return squaredMmd(random.normals(40), random.normals(40), 2);
  });
  const { mean, error } = estimate(values);
  assert.ok(Math.abs(mean) < 4 * error, `${mean} ± ${error}`);
  assert.ok(values.some((v) => v < 0) && values.some((v) => v > 0) && error < 0.002);
  const random = randomStream(2, 500, 0);
  assert.ok(squaredMmd(random.normals(400), random.normals(400).map((v) => v + 1), 2) > 0.05);
});

const normal = (mean: number[], covariance: number[][]): Moments => ({
  mean,
  covariance: new Matrix(covariance),
});

Deno.test("study: Frechet distance of normal distributions in closed form", () => {
  const p = normal([1, 2, 0], [[4, 0, 0], [0, 9, 0], [0, 0, 1]]);
  const q = normal([0, 0, 0], [[1, 0, 0], [0, 1, 0], [0, 0, 25]]);
  close(frechetDistance(p, q), 5 + 1 + 4 + 16); // |m|^2 and squared differences of deviations
  // Two that do not commute: tr (AB)^(1/2) = sqrt(tr AB + 2 sqrt(det AB)) in two dimensions.
  const [a, b] = [[[2, 1], [1, 3]], [[5, -1], [-1, 1]]];
  const trace = 2 * 5 - 1 - 1 + 3, determinant = 5 * 4;
  const expected = 5 + 6 - 2 * Math.sqrt(trace + 2 * Math.sqrt(determinant));
  close(frechetDistance(normal([0, 0], a), normal([0, 0], b)), expected);
  close(frechetDistance(normal([0, 0], a), normal([0, 0], a)), 0);
});

Deno.test("study: moments of rows", () => {
  const { mean, covariance } = momentsOf([0, 0, 2, 4, 4, 2], 2);
  assert.deepEqual(mean.map((m) => Math.round(m * 1e12) / 1e12), [2, 2]);
  [[4, 2], [2, 4]].flat().forEach((value, i) => close(covariance.to1DArray()[i]!, value));
});
