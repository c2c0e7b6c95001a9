import { checkFields, checkNumber, fail, isNumberList } from "../../options/check.ts";
import { sigmoid } from "../noise/logsnr.ts";
import { integrate } from "../numeric/quadrature.ts";

/** t = sigmoid(z), z normal with this mean and standard deviation. */
export interface LogitNormal {
  /** Selects the logit-normal distribution. */
  readonly kind: "logit-normal";
  /**
   * Mean of logit(t), finite.
   *
   * @default {0}
   */
  readonly mean?: number;
  /**
   * Standard deviation of logit(t), finite and > 0.
   *
   * @default {1}
   */
  readonly std?: number;
}

/**
 * The distribution that the times t of the training samples are drawn from:
 *
 * - `"uniform"` on [0, 1];
 * - logit-normal;
 * - a list of times, each as likely as the others (repeat one to make it likelier); they may be
 *   anything that the weight function understands, such as the timesteps of a discrete schedule;
 * - a density on [0, 1], a function finite and >= 0 there, which need not integrate to 1.
 */
export type TimeDistribution =
  | "uniform"
  | LogitNormal
  | ArrayLike<number>
  | ((t: number) => number);

/** A distribution, checked, as the few operations that are needed of it. */
export interface CheckedDistribution {
  /** Mean of a function of t. */
  mean(f: (t: number) => number): number;
  /** Cumulative distribution function, at times in ascending order. */
  cdf(ascending: readonly number[]): number[];
  /** The times themselves, ascending and each once, where there are finitely many. */
  readonly support?: readonly number[];
}

/** Beyond ten standard deviations a normal density holds less than 2e-23. */
const TAIL = 10;

/**
 * The operations of a distribution.
 *
 * @throws RangeError opening with `Cannot <doing>`, for what is not a distribution
 */
export function checkDistribution(
  doing: string,
  distribution: TimeDistribution,
): CheckedDistribution {
  if (distribution === "uniform") {
    return { mean: (f) => integrate(f, 0, 1), cdf: (times) => times.map(clampToUnit) };
  }
  if (typeof distribution === "function") return fromDensity(doing, distribution);
  if (isNumberList(distribution)) return fromList(doing, distribution);
  if (typeof distribution !== "object" || distribution?.kind !== "logit-normal") {
    fail(
      doing,
      'distribution must be "uniform", { kind: "logit-normal" }, a list of times or a density',
      distribution,
    );
  }
  return logitNormal(doing, distribution);
}

function logitNormal(doing: string, options: LogitNormal): CheckedDistribution {
  checkFields(doing, "field of distribution", ["kind", "mean", "std"], options);
  const mean = checkNumber(doing, "mean", "a finite number", options.mean ?? 0, Number.isFinite);
  const positive = (value: number) => Number.isFinite(value) && value > 0;
  const std = checkNumber(doing, "std", "a finite number > 0", options.std ?? 1, positive);
  return {
    mean: (f) => integrate((z) => normalDensity(z) * f(sigmoid(mean + std * z)), -TAIL, TAIL),
    cdf: (times) => {
      const z = times.map((t) => {
        const logit = t <= 0 ? -Infinity : t >= 1 ? Infinity : Math.log(t) - Math.log1p(-t);
        return Math.min(TAIL, Math.max(-TAIL, (logit - mean) / std));
      });
      return cumulative(normalDensity, -TAIL, z);
    },
  };
}

function fromDensity(doing: string, density: (t: number) => number): CheckedDistribution {
  const checked = (t: number): number =>
    checkNumber(
      doing,
      `the density at t = ${t}`,
      "a finite number >= 0",
      density(t),
      (value) => Number.isFinite(value) && value >= 0,
    );
  const total = integrate(checked, 0, 1);
  if (!(total > 0)) fail(doing, "the integral of the density must be > 0", total);
  return {
    mean: (f) => integrate((t) => checked(t) * f(t), 0, 1) / total,
    cdf: (times) =>
      cumulative(checked, 0, times.map(clampToUnit)).map((sum) => Math.min(1, sum / total)),
  };
}

function fromList(doing: string, list: ArrayLike<number>): CheckedDistribution {
  if (list.length === 0) fail(doing, "the list of times must not be empty", []);
  const times = Float64Array.from(list).sort();
  const bad = times.find((t) => !Number.isFinite(t));
  if (bad !== undefined) fail(doing, "the list of times must hold finite numbers", bad);
  return {
    mean: (f) => times.reduce((sum, t) => sum + f(t), 0) / times.length,
    cdf: (ascending) => {
      let below = 0;
      return ascending.map((t) => {
        while (below < times.length && times[below]! <= t) below++;
        return below / times.length;
      });
    },
    support: [...new Set(times)],
  };
}

function normalDensity(z: number): number {
  return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
}

/** Integrals of f from a start to each of ascending ends. */
function cumulative(f: (x: number) => number, start: number, ends: readonly number[]): number[] {
  let sum = 0, last = start;
  return ends.map((end) => {
    if (end > last) sum += integrate(f, last, end, Math.ceil(32 * (end - last)));
    last = end;
    return sum;
  });
}

function clampToUnit(t: number): number {
  return Math.min(1, Math.max(0, t));
}
