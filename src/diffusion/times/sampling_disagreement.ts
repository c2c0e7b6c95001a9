import { checkNumber, fail, isNumberList } from "../../options/check.ts";
import { checkDistribution, type TimeDistribution } from "./time_distribution.ts";

/** What a comparison of sampled times with their assumed distribution found. */
export interface SamplingDisagreement {
  /** True if the times are unlikely under the distribution: `pValue` below the threshold. */
  readonly disagrees: boolean;
  /** Largest distance D between the cumulative distributions, in [0, 1]. */
  readonly statistic: number;
  /** Upper bound of the probability of such a distance, min(1, 2 exp(-2 n D^2)); 0 if impossible. */
  readonly pValue: number;
  /** Number of times n. */
  readonly count: number;
}

/** Options of {@linkcode samplingDisagreement}. */
export interface SamplingDisagreementOptions {
  /**
   * Probability of a false alarm that is accepted for one comparison, in (0, 1). Eight times are the
   * fewest that can disagree at the default.
   *
   * @default {0.000001}
   */
  readonly threshold?: number;
}

const DOING = "compare sampled times";
/** Rounding of sampled times, relative to the larger of 1 and the time: a hundred units of float32. */
const SAME = 1e-5;

/**
 * Whether sampled times disagree with the distribution that the weights were normalized under.
 *
 * Kolmogorov-Smirnov's statistic D with the Dvoretzky-Kiefer-Wolfowitz bound in Massart's form,
 * `P(D >= d) <= 2 exp(-2 n d^2)`, which holds for every n and for discrete distributions, so that the
 * threshold is a true bound on false alarms for independent times. Stratified or low-discrepancy times
 * have a smaller D and do not alarm. For a list, each time is taken for the nearest entry. A single
 * time that the distribution cannot yield (none of the list, or outside [0, 1], by more than 1e-5)
 * disagrees at once, with D = 1 and a probability of 0.
 *
 * @param assumed the distribution that was assumed
 * @param sampledTimes the times that were drawn, at least one, finite
 * @throws RangeError for a bad distribution, list of times or threshold
 */
export function samplingDisagreement(
  assumed: TimeDistribution,
  sampledTimes: ArrayLike<number>,
  options: SamplingDisagreementOptions = {},
): SamplingDisagreement {
  const inside = (value: number) => value > 0 && value < 1;
  const threshold = checkNumber(DOING, "threshold", "in (0, 1)", options.threshold ?? 1e-6, inside);
  if (!isNumberList(sampledTimes) || sampledTimes.length === 0) {
    fail(DOING, "sampledTimes must be a list of at least one number", sampledTimes);
  }
  const times = Array.from(sampledTimes).sort((a, b) => a - b);
  const bad = times.find((t) => !Number.isFinite(t));
  if (bad !== undefined) fail(DOING, "sampledTimes must hold finite numbers", bad);
  const { cdf, support } = checkDistribution(DOING, assumed);
  const count = times.length;
  const possible = support === undefined ? inUnit(times) : allAmong(times, support);
  if (!possible) return { disagrees: true, statistic: 1, pValue: 0, count };
  const statistic = support === undefined
    ? continuousDistance(times, cdf(times))
    : discreteDistance(times, support, cdf(support));
  const pValue = Math.min(1, 2 * Math.exp(-2 * count * statistic ** 2));
  return { disagrees: pValue < threshold, statistic, pValue, count };
}

function inUnit(ascending: readonly number[]): boolean {
  return ascending[0]! >= -SAME && ascending.at(-1)! <= 1 + SAME;
}

function allAmong(ascending: readonly number[], support: readonly number[]): boolean {
  let i = 0;
  return ascending.every((t) => {
    while (i + 1 < support.length && support[i + 1]! - t <= t - support[i]!) i++;
    return Math.abs(t - support[i]!) <= SAME * Math.max(1, Math.abs(support[i]!));
  });
}

/** Largest distance between the times' steps and a continuous distribution function at the times. */
function continuousDistance(times: readonly number[], cdf: readonly number[]): number {
  const n = times.length;
  return cdf.reduce((most, value, i) => Math.max(most, value - i / n, (i + 1) / n - value), 0);
}

/** The same for finitely many times, each sampled one being taken for the nearest of them. */
function discreteDistance(
  times: readonly number[],
  support: readonly number[],
  cdf: readonly number[],
): number {
  let next = 0, most = 0;
  for (const [i, entry] of support.entries()) {
    const edge = (entry + (support[i + 1] ?? Infinity)) / 2;
    while (next < times.length && times[next]! <= edge) next++;
    most = Math.max(most, Math.abs(next / times.length - cdf[i]!));
  }
  return most;
}

/** Number of times that are looked at. */
const ENOUGH = 512;

/** Warns, once, where times of one's own do not follow the distribution that weights assume. */
export class SamplingCheck {
  readonly #assumed: TimeDistribution;
  #times: number[] = [];
  #done = false;

  constructor(assumed: TimeDistribution) {
    this.#assumed = assumed;
  }

  /** Takes in times that were used. */
  see(times: ArrayLike<number>): void {
    if (this.#done) return;
    this.#times.push(...Array.from(times));
    if (this.#times.length < ENOUGH) return;
    const { disagrees, statistic, count } = samplingDisagreement(this.#assumed, this.#times);
    this.#times = [];
    this.#done = true;
    if (!disagrees) return;
    console.warn(
      `ERD: the times given to erd.pack do not follow the option "distribution", under which the ` +
        `weights have mean 1 (largest distance of the distribution functions ` +
        `${statistic.toFixed(3)} over ${count} times). Give ERD the distribution that you sample.`,
    );
  }
}
