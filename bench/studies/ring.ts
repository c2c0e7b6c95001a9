import * as tf from "@tensorflow/tfjs-core";
import { noisePath, targetCoefficients } from "../../diffusion.ts";
import { randomStream } from "../../src/diffusion/numeric/random.ts";
import { type Mixture, mixtureMmse } from "../../tests/diffusion/mixture_floor.ts";
import { squaredMmd } from "./mmd.ts";
import { pathOf, type TargetName } from "./plan.ts";
import { STREAM, type Task } from "./task.ts";

const MODES = 8, STD = 0.05;
/** So that the variance of each dimension is 1. */
const RADIUS = Math.sqrt(2 * (1 - STD ** 2));
/** Times at which losses are split, and samples at each. */
const LEVELS = 32, PROBES = 256;
/** Samples drawn from one stream. */
const BLOCK = 4096;

/** Eight normal distributions on a circle; mean 0, variance 1 in each dimension. */
export const RING: Mixture = {
  pi: new Array<number>(MODES).fill(1 / MODES),
  mu: Array.from({ length: MODES }, (_, k) => {
    const angle = 2 * Math.PI * k / MODES;
    return [RADIUS * Math.cos(angle), RADIUS * Math.sin(angle)];
  }),
  std: new Array<number>(MODES).fill(STD),
};

/** The ring as a task; the distance is the squared MMD from as many fresh points. */
export const ring: Task = {
  dimensions: 2,
  clip: [-2, 2],
  data(seed, first, count) {
    const values = new Float32Array(2 * count);
    for (let done = 0; done < count;) {
      const block = Math.floor((first + done) / BLOCK), from = (first + done) % BLOCK;
      const points = draw(seed, STREAM.training, block, BLOCK);
      const taken = Math.min(count - done, BLOCK - from);
      values.set(points.subarray(2 * from, 2 * (from + taken)), 2 * done);
      done += taken;
    }
    return values;
  },
  fresh: (seed, count) => draw(seed, STREAM.fresh, 0, count),
  distance: (samples, seed) => squaredMmd(samples, ring.fresh(seed, samples.length / 2), 2),
  excess({ target, seed }, { model }) {
    const sums = levels(target).map(({ t, alpha, sigma, x0: cx, epsilon: ce }, i) => {
      const data = draw(seed, STREAM.probe, 2 * i, PROBES);
      const noise = randomStream(seed, STREAM.probe, 2 * i + 1).normals(2 * PROBES);
      const x = data.map((value, j) => alpha * value + sigma * noise[j]!);
      const predicted = tf.tidy(() =>
        (model.predict([tf.tensor2d(x, [PROBES, 2]), tf.fill([PROBES, 1], t)]) as tf.Tensor)
          .dataSync()
      );
      let sum = 0;
      for (let p = 0; p < PROBES; p++) {
        const mean = posteriorMean(x[2 * p]!, x[2 * p + 1]!, alpha, sigma);
        for (const j of [0, 1] as const) {
          const best = cx * mean[j] + ce * (x[2 * p + j]! - alpha * mean[j]) / sigma;
          sum += (predicted[2 * p + j]! - best) ** 2;
        }
      }
      return sum / (2 * PROBES);
    });
    return sums.reduce((a, b) => a + b, 0) / LEVELS;
  },
};

/** The mean loss over t of the best denoiser there is, by quadrature. */
export function ringFloor(target: TargetName): number {
  const losses = levels(target).map(({ alpha, sigma, x0, epsilon }) =>
    ((x0 * sigma - epsilon * alpha) / sigma) ** 2 * mmse(alpha, sigma)
  );
  return losses.reduce((a, b) => a + b, 0) / LEVELS;
}

const mmses = new Map<string, number>();

/** The error of the best estimate of the data, computed once for each level. */
function mmse(alpha: number, sigma: number): number {
  const key = `${alpha} ${sigma}`;
  const value = mmses.get(key) ?? mixtureMmse(RING, alpha, sigma);
  mmses.set(key, value);
  return value;
}

/** The middle of each of so many ranges of t, its amplitudes and the target's factors there. */
function levels(target: TargetName) {
  const path = noisePath(pathOf(target));
  return Array.from({ length: LEVELS }, (_, i) => {
    const t = (i + 0.5) / LEVELS, level = path(t), { alpha, sigma } = level;
    return { t, alpha, sigma, ...targetCoefficients(target, level) };
  });
}

/** E[x0 | x_t] on the ring. */
export function posteriorMean(
  x: number,
  y: number,
  alpha: number,
  sigma: number,
): [number, number] {
  const s = alpha ** 2 * STD ** 2 + sigma ** 2, gain = alpha * STD ** 2 / s;
  const exponents = RING.mu.map(([a, b]) =>
    -((x - alpha * a!) ** 2 + (y - alpha * b!) ** 2) / (2 * s)
  );
  const most = Math.max(...exponents);
  let total = 0, first = 0, second = 0;
  for (const [k, [a, b]] of RING.mu.entries()) {
    const weight = Math.exp(exponents[k]! - most);
    total += weight;
    first += weight * (a! + gain * (x - alpha * a!));
    second += weight * (b! + gain * (y - alpha * b!));
  }
  return [first / total, second / total];
}

function draw(seed: number, purpose: number, counter: number, count: number): Float32Array {
  const random = randomStream(seed, purpose, counter);
  const values = random.normals(2 * count);
  for (let i = 0; i < count; i++) {
    const [a, b] = RING.mu[Math.floor(random.uniform() * MODES)]!;
    values[2 * i] = a! + STD * values[2 * i]!;
    values[2 * i + 1] = b! + STD * values[2 * i + 1]!;
  }
  return values;
}
