import { isNumberList } from "../../options/check.ts";
import { sigmoid } from "../noise/logsnr.ts";
import { normalQuantile } from "../numeric/normal_quantile.ts";
import type { RandomStream } from "../numeric/random.ts";
import { checkDistribution, type TimeDistribution } from "./time_distribution.ts";

/** The inverse of a distribution function: from a number in (0, 1) to a time. */
export type TimeQuantile = (u: number) => number;

/** Cells of the table that a density of one's own is sampled from. */
const CELLS = 4096;

/**
 * The inverse distribution function of a checked distribution. Exact to rounding for uniform times and
 * lists, to 1e-9 in logit(t) for logit-normal ones; a density of one's own is sampled from its 4096
 * cells of equal width, each with its right probability, and uniformly within a cell.
 *
 * @throws RangeError opening with `Cannot <doing>`, for what is not a distribution
 */
export function timeQuantile(doing: string, distribution: TimeDistribution): TimeQuantile {
  const { cdf } = checkDistribution(doing, distribution);
  if (distribution === "uniform") return (u) => u;
  if (isNumberList(distribution)) {
    const times = Float64Array.from(distribution).sort();
    return (u) => times[Math.floor(u * times.length)]!;
  }
  if (typeof distribution === "object") {
    const { mean = 0, std = 1 } = distribution;
    return (u) => sigmoid(mean + std * normalQuantile(u));
  }
  const sums = cdf(Array.from({ length: CELLS + 1 }, (_, i) => i / CELLS));
  return (u) => {
    const cell = lastAtMost(sums, u * sums[CELLS]!);
    const width = sums[cell + 1]! - sums[cell]!;
    return (cell + (u * sums[CELLS]! - sums[cell]!) / width) / CELLS;
  };
}

/** The last cell that begins at or below the value and is not empty. */
function lastAtMost(sums: readonly number[], value: number): number {
  let low = 0, high = sums.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sums[middle]! <= value) low = middle;
    else high = middle;
  }
  while (low > 0 && sums[low + 1] === sums[low]) low--;
  return low;
}

/**
 * The times of a batch.
 *
 * @param stratified one time from each of `count` equally likely ranges, in random order, in place of
 * independent times: each has the same distribution, their mean varies less
 */
export function drawTimes(
  quantile: TimeQuantile,
  count: number,
  stratified: boolean,
  random: RandomStream,
): Float64Array {
  const order = stratified ? random.permutation(count) : undefined;
  return Float64Array.from({ length: count }, (_, i) => {
    const u = random.uniform();
    return quantile(order === undefined ? u : (order[i]! + u) / count);
  });
}
