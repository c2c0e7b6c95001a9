import assert from "node:assert/strict";
import { drawTimes, timeQuantile } from "../../src/diffusion/times/draw_times.ts";
import { normalQuantile } from "../../src/diffusion/numeric/normal_quantile.ts";
import { randomStream } from "../../src/diffusion/numeric/random.ts";
import { samplingDisagreement } from "../../src/diffusion/times/sampling_disagreement.ts";
import type { TimeDistribution } from "../../src/diffusion/times/time_distribution.ts";
import { assertClose } from "./golden.ts";

const N = 2e5;
/** Five standard deviations of a mean of N numbers with this variance. */
const allowed = (variance: number) => 5 * Math.sqrt(variance / N);

Deno.test("randomStream - uniform and normal numbers have their moments", () => {
  for (const [seed, counter] of [[0, 0], [1, 0], [0, 1], [2 ** 40, 2 ** 33]] as const) {
    const stream = randomStream(seed, 0, counter);
    const mean = (values: ArrayLike<number>, power: number) =>
      Array.from(values).reduce((sum, value) => sum + value ** power, 0) / values.length;
    const uniform = Array.from({ length: N }, () => stream.uniform());
    assert.ok(uniform.every((u) => u > 0 && u < 1));
    assertClose(mean(uniform, 1), 1 / 2, 0, "mean", allowed(1 / 12));
    assertClose(mean(uniform, 2), 1 / 3, 0, "square", allowed(4 / 45));
    const normal = stream.normals(N);
    // Variances of x, x^2, x^3, x^4: 1, 2, 15, 96.
    [[1, 0, 1], [2, 1, 2], [3, 0, 15], [4, 3, 96]].forEach(([power, value, variance]) =>
      assertClose(mean(normal, power!), value, 0, `moment ${power}`, allowed(variance!))
    );
    const product = normal.slice(1).map((value, i) => value * normal[i]!);
    assertClose(mean(product, 1), 0, 0, "neighbours", allowed(1));
  }
});

Deno.test("randomStream - each of seed, purpose and counter matters, and nothing else", () => {
  const first = (...key: [number, number, number]) => randomStream(...key).uniform();
  const keys: [number, number, number][] = [
    [0, 0, 0],
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [2 ** 32, 0, 0],
    [0, 0, 2 ** 32],
    [1, 1, 1],
  ];
  assert.equal(new Set(keys.map((key) => first(...key))).size, keys.length);
  for (const key of keys) assert.equal(first(...key), first(...key));
  // Streams of neighbouring counters are independent: the mean product of their first numbers.
  const values = Array.from({ length: 20000 }, (_, i) => randomStream(7, 0, i).normals(1)[0]!);
  const product = values.slice(1).reduce((sum, value, i) => sum + value * values[i]!, 0) / 20000;
  assertClose(product, 0, 0, "first numbers of neighbours", 5 / Math.sqrt(20000));
});

Deno.test("randomStream - an odd number of normal numbers, a permutation", () => {
  assert.equal(randomStream(1, 0, 0).normals(3).length, 3);
  assert.deepEqual(
    randomStream(1, 0, 0).normals(3),
    randomStream(1, 0, 0).normals(4).slice(0, 3),
  );
  const order = randomStream(1, 0, 0).permutation(50);
  assert.deepEqual(order.toSorted(), Uint32Array.from({ length: 50 }, (_, i) => i));
  assert.notDeepEqual(order, order.toSorted());
  const firsts = Array.from({ length: 3000 }, (_, i) => randomStream(2, 0, i).permutation(3)[0]!);
  for (const k of [0, 1, 2]) {
    const share = firsts.filter((value) => value === k).length / 3000;
    assertClose(share, 1 / 3, 0, `${k} first`, 5 * Math.sqrt(2 / 9 / 3000));
  }
});

Deno.test("normalQuantile - against known values, to 1.2e-9", () => {
  const rows: [number, number][] = [
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.99, 2.326347874040841],
    [0.02425, -1.972961], // where the approximations meet
    [1e-6, -4.753424308822899],
  ];
  for (const [u, z] of rows) {
    const digits = Number.isInteger(z) || String(z).length > 12 ? 1.2e-9 : 2e-7;
    assertClose(normalQuantile(u), z, digits, `at ${u}`);
    assertClose(normalQuantile(1 - u), -z, u > 1e-4 ? digits : 1e-6, `at 1 - ${u}`, 1e-12);
  }
});

const DISTRIBUTIONS: TimeDistribution[] = [
  "uniform",
  { kind: "logit-normal", mean: -0.7, std: 1.3 },
  [0.1, 0.9, 0.5, 0.5],
  (t) => 3 * t * t,
  (t) => (t < 0.3 || t > 0.8 ? 1 : 0),
];

Deno.test("drawTimes - times follow their distribution, stratified or not", () => {
  for (const distribution of DISTRIBUTIONS) {
    const quantile = timeQuantile("test", distribution);
    for (const stratified of [false, true]) {
      const times = drawTimes(quantile, 4000, stratified, randomStream(3, 0, 0));
      const { disagrees, statistic } = samplingDisagreement(distribution, times);
      assert.equal(disagrees, false, `${statistic}`);
      // One time a stratum: the distance of the distribution functions is below 1/4000 and a cell.
      if (stratified) assert.ok(statistic < 1 / 4000 + 1 / 4096, `${statistic}`);
    }
  }
});

Deno.test("timeQuantile - rises, and stays where the density is", () => {
  for (const distribution of DISTRIBUTIONS) {
    const quantile = timeQuantile("test", distribution);
    let last = -1;
    for (const u of [2 ** -33, 0.001, 0.2, 0.3, 0.5, 0.6, 0.999, 1 - 2 ** -33]) {
      const t = quantile(u);
      assert.ok(t >= last && t >= 0 && t <= 1, `${t} at ${u}`);
      last = t;
    }
  }
  const gap = timeQuantile("test", DISTRIBUTIONS[4]!);
  for (let i = 0.5; i < 1000; i++) {
    const t = gap(i / 1000);
    assert.ok(t <= 0.3 + 1 / 4096 || t >= 0.8 - 1 / 4096, `${t}`);
  }
});
