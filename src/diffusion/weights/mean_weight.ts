import { checkNumber, fail, isNumberList } from "../../options/check.ts";
import type { NoiseLevel } from "../noise/level.ts";
import type { DdpmSchedule } from "../noise/schedule.ts";
import type { Target } from "../noise/target.ts";
import { checkDistribution, type TimeDistribution } from "../times/time_distribution.ts";
import { lossWeight, type LossWeightOptions, type Weighting } from "./loss_weight.ts";

const DOING = "normalize the weights";

/**
 * Mean of a weight under the distribution of the times that are really sampled, by quadrature to
 * about 1e-13; exact for a list. On the cosine path and uniform t, the bare weights of arXiv 2605.10790
 * have mean 2 / pi for epsilon and x0, 1 / pi for v.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.ok(Math.abs(meanWeight((t) => Math.sin(Math.PI * t / 2), "uniform") - 2 / Math.PI) < 1e-12);
 * ```
 *
 * @param weight weight at a time; called with times in (0, 1), or with the entries of the list
 * @throws RangeError for a bad distribution, a weight that is not finite and >= 0, or a mean of 0
 */
export function meanWeight(weight: (t: number) => number, distribution: TimeDistribution): number {
  const checked = (t: number): number => checkWeight(`the weight at t = ${t}`, weight(t));
  return checkMean(checkDistribution(DOING, distribution).mean(checked));
}

/** Options of {@linkcode pathWeight} and {@linkcode scheduleWeights}. */
export interface NormalizedWeightOptions extends LossWeightOptions {
  /**
   * Divide the weights by their mean under the distribution of t, so that they do not change the
   * effective learning rate. `false` gives the bare weights.
   *
   * @default {true}
   */
  readonly normalize?: boolean;
}

/** A weight as a function of t, and the mean of its bare form. */
export interface PathWeight {
  /** The weight at t: normalized, or bare with `normalize: false`. */
  readonly weight: (t: number) => number;
  /** Mean of the bare weight under the distribution of t. */
  readonly mean: number;
}

/**
 * The loss weight along a noise path, by default with mean 1 under the distribution of t.
 *
 * @param path the noise path, as {@linkcode noisePath} makes them
 * @param distribution how t is sampled; of a list, the entries are times in [0, 1]
 * @throws RangeError as {@linkcode lossWeight} and {@linkcode meanWeight} do
 */
export function pathWeight(
  path: (t: number) => NoiseLevel,
  weighting: Weighting,
  target: Target,
  distribution: TimeDistribution = "uniform",
  options: NormalizedWeightOptions = {},
): PathWeight {
  const bare = (t: number): number => lossWeight(weighting, target, path(t), options);
  const mean = meanWeight(bare, distribution);
  return { weight: options.normalize === false ? bare : (t) => bare(t) / mean, mean };
}

/**
 * The loss weights of a discrete schedule, one for each timestep, by default with mean 1.
 * Where the flow target is weighted by anything but "uniform" and "recoverability" this is an error:
 * a discrete schedule has no derivatives.
 *
 * @param probabilities how likely each timestep is sampled; equally, unless given
 * @throws RangeError as {@linkcode lossWeight} and {@linkcode normalizeWeights} do
 */
export function scheduleWeights(
  schedule: Pick<DdpmSchedule, "alpha" | "sigma">,
  weighting: Weighting,
  target: Target,
  probabilities?: ArrayLike<number>,
  options: NormalizedWeightOptions = {},
): Float64Array {
  const bare = schedule.alpha.map((alpha, i) =>
    lossWeight(weighting, target, { alpha, sigma: schedule.sigma[i]! }, options)
  );
  return options.normalize === false ? bare : normalizeWeights(bare, probabilities);
}

/**
 * Weights divided by their mean `sum_i p_i w_i / sum_i p_i`.
 *
 * @param weights at least one, each finite and >= 0
 * @param probabilities as many, each finite and >= 0, in any unit; equal, unless given
 * @throws RangeError otherwise, and where the mean is 0
 */
export function normalizeWeights(
  weights: ArrayLike<number>,
  probabilities?: ArrayLike<number>,
): Float64Array {
  if (!isNumberList(weights) || weights.length === 0) {
    fail(DOING, "weights must be a list of at least one number", weights);
  }
  if (probabilities !== undefined && probabilities.length !== weights.length) {
    fail(
      DOING,
      `probabilities must have ${weights.length} entries, as the weights`,
      probabilities.length,
    );
  }
  let sum = 0, total = 0;
  for (let i = 0; i < weights.length; i++) {
    const probability = checkWeight(`probability ${i}`, probabilities?.[i] ?? 1);
    sum += probability * checkWeight(`weight ${i}`, weights[i]);
    total += probability;
  }
  if (total === 0) fail(DOING, "the probabilities must not all be 0", total);
  const mean = checkMean(sum / total);
  return Float64Array.from(weights, (weight) => weight / mean);
}

function checkWeight(name: string, value: unknown): number {
  const holds = (weight: number) => Number.isFinite(weight) && weight >= 0;
  return checkNumber(DOING, name, "a finite number >= 0", value, holds);
}

function checkMean(mean: number): number {
  const holds = (value: number) => Number.isFinite(value) && value > 0;
  return checkNumber(DOING, "their mean", "finite and > 0", mean, holds);
}
