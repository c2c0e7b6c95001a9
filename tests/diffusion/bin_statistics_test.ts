import assert from "node:assert/strict";
import { BinStatistics, type Measurement } from "../../src/diffusion/weights/bin_statistics.ts";
import { noisePath } from "../../src/diffusion/noise/path.ts";
import {
  recoverability,
  recoverabilityFromMmse,
} from "../../src/diffusion/weights/recoverability.ts";
import { type Target, targetCoefficients } from "../../src/diffusion/noise/target.ts";
import { random, randomNormal } from "./golden.ts";
import { type Mixture, mixtureMmse, mixtureVariance } from "./mixture_floor.ts";

const DEFAULTS = { bins: 32, decay: 0.995, winsorize: 8, minSamples: 32 };
const at = noisePath("cosine");

/** Data whose best denoiser is known: a sample of x0, and the posterior mean of x0 and eps. */
interface Known {
  readonly draw: (z: () => number, u: () => number) => number[];
  readonly posterior: (x: readonly number[], alpha: number, sigma: number) => [number, number][];
  readonly exact: (target: Target, t: number) => { floor: number; variance: number };
}

/** Independent normal dimensions of these variances. */
const gaussian = (spectrum: readonly number[]): Known => ({
  draw: (z) => spectrum.map((l) => Math.sqrt(l) * z()),
  posterior: (x, alpha, sigma) =>
    x.map((value, j) => {
      const l = spectrum[j]!, gain = value / (alpha ** 2 * l + sigma ** 2);
      return [alpha * l * gain, sigma * gain];
    }),
  exact: (target, t) => recoverability(target, at(t), spectrum),
});

const mixture = (mix: Mixture): Known => ({
  draw(z, u) {
    let pick = u(), k = 0;
    while (k < mix.pi.length - 1 && (pick -= mix.pi[k]!) >= 0) k++;
    return mix.mu[k]!.map((mean) => mean + mix.std[k]! * z());
  },
  posterior(x, alpha, sigma) {
    const parts = mix.pi.map((p, k) => {
      const l = mix.std[k]! ** 2, s = alpha ** 2 * l + sigma ** 2;
      const rest = x.map((value, j) => value - alpha * mix.mu[k]![j]!);
      const square = rest.reduce((sum, r) => sum + r * r, 0);
      const log = Math.log(p) - x.length / 2 * Math.log(s) - square / (2 * s);
      return { log, s, l, rest, mu: mix.mu[k]! };
    });
    const most = Math.max(...parts.map(({ log }) => log));
    const total = parts.reduce((sum, { log }) => sum + Math.exp(log - most), 0);
    return x.map((_, j) => {
      let data = 0, noise = 0;
      for (const { log, s, l, rest, mu } of parts) {
        const share = Math.exp(log - most) / total;
        data += share * (mu[j]! + alpha * l / s * rest[j]!);
        noise += share * sigma / s * rest[j]!;
      }
      return [data, noise];
    });
  },
  exact(target, t) {
    const level = at(t);
    const mmse = mixtureMmse(mix, level.alpha, level.sigma);
    return recoverabilityFromMmse(target, level, mmse, mixtureVariance(mix));
  },
});

/** A batch as the best denoiser would show it, with rare outliers of the loss. */
function exactBatch(
  { draw, posterior }: Known,
  target: Target,
  outliers: number,
  z: () => number,
  u: () => number,
): Measurement[] {
  return Array.from({ length: 128 }, () => {
    const t = u(), level = at(t), { alpha, sigma } = level;
    const c = targetCoefficients(target, level);
    const x0 = draw(z, u), eps = x0.map(z);
    const best = posterior(x0.map((x, j) => alpha * x + sigma * eps[j]!), alpha, sigma);
    let loss = 0, variance = 0;
    x0.forEach((x, j) => {
      const y = c.x0 * x + c.epsilon * eps[j]!;
      loss += (y - c.x0 * best[j]![0] - c.epsilon * best[j]![1]) ** 2 / x0.length;
      variance += y ** 2 / x0.length;
    });
    return { t, loss: u() < outliers ? 1000 * loss : loss, variance };
  });
}

/** Mean error of R over the bins after so many batches; the exact R of a bin is 1 - mean B / mean V. */
function meanError(known: Known, target: Target, outliers: number, options = DEFAULTS): number {
  const bins = new BinStatistics(options), z = randomNormal(2), u = random(1);
  for (let i = 0; i < 500; i++) bins.observe(exactBatch(known, target, outliers, z, u));
  const errors = bins.means().map(({ recoverability: found, thin }, b) => {
    assert.equal(thin, false);
    let floor = 0, variance = 0;
    for (let i = 0; i < 4; i++) {
      const exact = known.exact(target, (b + (i + 0.5) / 4) / options.bins);
      floor += exact.floor;
      variance += exact.variance;
    }
    return Math.abs(found - (1 - floor / variance));
  });
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

/** Four tight modes at the corners of a square: two independent dimensions of two modes each. */
const SQUARE: Known = {
  ...mixture({
    pi: [0.25, 0.25, 0.25, 0.25],
    mu: [[1, 1], [1, -1], [-1, 1], [-1, -1]],
    std: [0.07, 0.07, 0.07, 0.07],
  }),
  exact: mixture({ pi: [0.5, 0.5], mu: [[1], [-1]], std: [0.07, 0.07] }).exact,
};

const KNOWN: [string, Known][] = [
  ["one normal dimension", gaussian([1])],
  ["two", gaussian([1, 1])],
  ["four of different variance", gaussian([4, 1, 0.1, 0.01])],
  ["sixteen", gaussian(Array.from({ length: 16 }, (_, i) => 2 ** -i))],
  ["two modes", mixture({ pi: [0.5, 0.5], mu: [[-1], [1]], std: [0.3, 0.3] })],
  ["four tight modes in two dimensions", SQUARE],
];

/** One dimension, two tight modes: most samples are told apart well, few not at all. */
const TIGHT = mixture({ pi: [0.3, 0.7], mu: [[-1.3], [0.6]], std: [0.1, 0.05] });

for (const [name, known] of KNOWN) {
  Deno.test(`BinStatistics - R within 0.03 of the truth after 500 exact batches: ${name}`, () => {
    for (const target of ["epsilon", "x0", "v"] as const) {
      for (const outliers of [0, 0.005]) {
        const error = meanError(known, target, outliers);
        assert.ok(error <= 0.03, `${target}, ${outliers} outliers: ${error}`);
      }
    }
  });
}

Deno.test("BinStatistics - outliers destroy R if nothing is winsorized", () => {
  const error = meanError(gaussian([1, 1]), "x0", 0.005, { ...DEFAULTS, winsorize: Infinity });
  assert.ok(error > 0.1, `${error}`);
});

const sample = (t: number, loss: number, variance = 1): Measurement => ({ t, loss, variance });

Deno.test("BinStatistics - losses with a long tail of their own are cut too, unless told not to", () => {
  for (const target of ["epsilon", "v"] as const) {
    assert.ok(meanError(TIGHT, target, 0) > 0.02);
    assert.ok(meanError(TIGHT, target, 0, { ...DEFAULTS, winsorize: Infinity }) < 0.02);
  }
});

Deno.test("BinStatistics - a mean of what was seen, whatever the decay, without bias to 0", () => {
  const bins = new BinStatistics({ bins: 2, decay: 0.5, winsorize: Infinity, minSamples: 2 });
  assert.deepEqual(bins.means().map(({ count, thin }) => [count, thin]), [[0, true], [0, true]]);
  bins.observe([sample(0.1, 4), sample(0.2, 2)]);
  bins.observe([sample(0.3, 0)]); // a partial batch
  bins.observe([sample(0.9, 3, 4)]);
  const [low, high] = bins.means();
  // Weights 0.25, 0.25 and 0.5.
  assert.deepEqual({ ...low, variance: 1 }, {
    count: 3,
    thin: true,
    loss: 1.5,
    variance: 1,
    recoverability: 0,
  });
  assert.deepEqual(high, { count: 1, thin: true, loss: 3, variance: 4, recoverability: 0.25 });
});

Deno.test("BinStatistics - winsorizing at so many times the mean before the batch", () => {
  const bins = new BinStatistics({ bins: 1, decay: 0.5, winsorize: 8, minSamples: 1 });
  bins.observe([sample(0.5, 1), sample(0.5, 1)]);
  bins.observe([sample(0.5, 1e9)]);
  assert.equal(bins.means()[0]!.loss, (1 + 8) / 2);
  const thin = new BinStatistics({ bins: 1, decay: 0.5, winsorize: 8, minSamples: 9 });
  thin.observe([sample(0.5, 1e9, 0.25)]);
  assert.equal(thin.means()[0]!.loss, 1, "four times the variance, before there is a mean");
  const low = new BinStatistics({ bins: 1, decay: 0.5, winsorize: 8, minSamples: 1 });
  low.observe([sample(0.5, 0)]);
  low.observe([sample(0.5, 3)]);
  assert.equal(low.means()[0]!.loss, 3 * 2 / 3, "what is below four times the variance is kept");
});

Deno.test("BinStatistics - what is not finite does not count", () => {
  const bins = new BinStatistics({ bins: 1, decay: 0.9, winsorize: 8, minSamples: 1 });
  bins.observe([sample(0.5, NaN), sample(0.5, Infinity), sample(0.5, 2, 4)]);
  assert.deepEqual(bins.means()[0], {
    count: 1,
    thin: false,
    loss: 2,
    variance: 4,
    recoverability: 0.5,
  });
});

Deno.test("BinStatistics - bins have their upper edges, to float32", () => {
  const bins = new BinStatistics({ ...DEFAULTS, bins: 10 });
  for (let i = 1; i <= 10; i++) {
    assert.equal(bins.binOf(i / 10), i - 1);
    assert.equal(bins.binOf(Math.fround(i / 10)), i - 1);
    assert.equal(bins.binOf((i - 0.5) / 10), i - 1);
  }
  assert.equal(bins.binOf(0), 0);
});

Deno.test("BinStatistics - a copy goes its own way", () => {
  const bins = new BinStatistics(DEFAULTS);
  bins.observe([sample(0.5, 1)]);
  const copy = bins.clone(), sums = bins.sums();
  copy.observe([sample(0.5, 2)]);
  assert.deepEqual(bins.sums(), sums);
  bins.restore(copy.sums());
  assert.deepEqual(bins.means(), copy.means());
});
