import assert from "node:assert/strict";
import { normal } from "../support/random.ts";
import { logLogSlope, Population, SGDF } from "./population.ts";

/** The mean squared errors of SGDF's estimate and of m, the plain moving average, in unit noise. */
function errorsOf(signal: (step: number) => number): { sgdf: number; ema: number; raw: number } {
  const runs = new Population(400, () => 0);
  const next = normal(1);
  const sums = { sgdf: 0, ema: 0, raw: 0 };
  for (let step = 1; step <= 2000; step++) {
    const truth = signal(step);
    for (let i = 0; i < runs.size; i++) runs.gradient[i] = truth + next();
    runs.param.fill(0);
    runs.update(1); // the parameter is now minus the estimate
    if (step <= 100) continue; // until the moving average has seen enough
    for (let i = 0; i < runs.size; i++) {
      sums.sgdf += (runs.param[i]! + truth) ** 2;
      sums.ema += (runs.m[i]! - truth) ** 2;
      sums.raw += (runs.gradient[i]! - truth) ** 2;
    }
  }
  return sums;
}

/** Asserts low <= value <= high. */
function within(value: number, [low, high]: readonly [number, number], what: string): void {
  assert.ok(low <= value && value <= high, `${what} is ${value}, not in ${low}..${high}`);
}

/** A value given as "about" so much: to a tenth of it. */
const about = (value: number) => [0.9 * value, 1.1 * value] as const;

const SIGNALS = [
  { name: "constant 1", signal: () => 1, toEma: [1.8, 2.15], toRaw: [0, 0.13] },
  {
    name: "drift 0.1 a step",
    signal: (step: number) => 0.1 * step,
    toEma: [0.65, 0.78],
    toRaw: about(0.6),
  },
  {
    name: "drift 0.3 a step",
    signal: (step: number) => 0.3 * step,
    toEma: [0.57, 0.65],
    toRaw: about(4.5),
  },
  {
    name: "sine, period 50, amplitude 3",
    signal: (step: number) => 3 * Math.sin(2 * Math.PI * step / 50),
    toEma: about(0.67),
    toRaw: about(1.6),
  },
] as const;

for (const { name, signal, toEma, toRaw } of SIGNALS) {
  Deno.test(`mean squared error of the estimate: ${name}`, () => {
    const { sgdf, ema, raw } = errorsOf(signal);
    within(sgdf / ema, toEma, "SGDF / moving average");
    within(sgdf / raw, toRaw, "SGDF / raw gradient");
  });
}

Deno.test("noisy quadratic: at most half the loss of the moving average over 100 steps", () => {
  const [dimensions, runs, learningRate, sigma] = [20, 100, 0.2, 0.1];
  // The loss |x|^2 / 2 has the gradient x; all runs and dimensions are alike.
  const start = normal(2);
  const sgdf = new Population(dimensions * runs, () => start());
  const [ema, corrected] = [sgdf.param.slice(), sgdf.param.slice()];
  const averages = [new Float64Array(ema.length), new Float64Array(ema.length)] as const;
  const next = normal(3);
  const losses = { sgdf: 0, ema: 0, corrected: 0 };
  for (let step = 1; step <= 100; step++) {
    for (let i = 0; i < ema.length; i++) {
      const noise = sigma * next();
      sgdf.gradient[i] = sgdf.param[i]! + noise;
      averages[0][i] = 0.9 * averages[0][i]! + 0.1 * (ema[i]! + noise);
      averages[1][i] = 0.9 * averages[1][i]! + 0.1 * (corrected[i]! + noise);
      ema[i]! -= learningRate * averages[0][i]!;
      corrected[i]! -= learningRate * averages[1][i]! / (1 - 0.9 ** step);
    }
    sgdf.update(learningRate);
    for (let i = 0; i < ema.length; i++) {
      losses.sgdf += sgdf.param[i]! ** 2;
      losses.ema += ema[i]! ** 2;
      losses.corrected += corrected[i]! ** 2;
    }
  }
  within(losses.sgdf / losses.ema, [0, 0.5], "SGDF / moving average");
  // Most of that is the average's start from 0; the filter is ahead of a corrected average too.
  within(losses.sgdf / losses.corrected, [0, 1], "SGDF / corrected moving average");
});

const HORIZONS = [100, 200, 400, 800, 1600, 3200, 6400];
const decreasing = (step: number) => SGDF.learningRate / Math.sqrt(step);

/** The regret at each horizon of a median that is learnt online: losses |x - z|, convex, z random. */
function regrets(learningRate: (step: number) => number): number[] {
  const runs = new Population(64, () => 0);
  const next = normal(4);
  const seen = Array.from({ length: runs.size }, (): number[] => []);
  let loss = 0;
  const found: number[] = [];
  for (let step = 1; step <= HORIZONS.at(-1)!; step++) {
    seen.forEach((values, i) => {
      const z = 1 + next();
      values.push(z);
      loss += Math.abs(runs.param[i]! - z);
      runs.gradient[i] = Math.sign(runs.param[i]! - z);
    });
    runs.update(learningRate(step));
    if (HORIZONS.includes(step)) found.push((loss - sum(seen.map(leastLoss))) / runs.size);
  }
  return found;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b);

/** The loss of the best fixed number in hindsight: the median. */
function leastLoss(values: readonly number[]): number {
  const median = values.toSorted((a, b) => a - b)[values.length >> 1]!;
  return sum(values.map((value) => Math.abs(value - median)));
}

Deno.test("regret on a convex problem grows no faster than T^0.6, rate falling as 1/sqrt(t)", () => {
  const slope = logLogSlope(HORIZONS, regrets(decreasing));
  within(slope, [0, 0.6], "the slope");
  // A rate that stays makes the same mistake for ever: the measure tells the two apart.
  within(logLogSlope(HORIZONS, regrets(() => SGDF.learningRate)), [0.9, 1.1], "that slope");
});

/** The mean over time of the squared gradient of log(1 + x^2), smooth and not convex, from x = 3. */
function gradientNorms(learningRate: (step: number) => number): number[] {
  const runs = new Population(200, () => 3);
  const next = normal(5);
  let total = 0;
  const found: number[] = [];
  for (let step = 1; step <= HORIZONS.at(-1)!; step++) {
    for (let i = 0; i < runs.size; i++) {
      const x = runs.param[i]!;
      const gradient = 2 * x / (1 + x ** 2);
      total += gradient ** 2;
      runs.gradient[i] = gradient + next();
    }
    runs.update(learningRate(step));
    if (HORIZONS.includes(step)) found.push(total / step / runs.size);
  }
  return found;
}

Deno.test("squared gradient norm on a non-convex problem falls at least as T^-0.45", () => {
  within(logLogSlope(HORIZONS, gradientNorms(decreasing)), [-1, -0.45], "the slope");
  // At a rate that stays, the noise keeps the norm where it is.
  within(logLogSlope(HORIZONS, gradientNorms(() => SGDF.learningRate)), [-0.1, 0.1], "that slope");
});
