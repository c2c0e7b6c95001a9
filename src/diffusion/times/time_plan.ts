import { fail, isNumberList } from "../../options/check.ts";
import { type TimeQuantile, timeQuantile } from "./draw_times.ts";
import type { DiffusionProcess } from "../noise/process.ts";
import { checkDistribution, type TimeDistribution } from "./time_distribution.ts";

/** A time that stands for its neighbourhood, and how likely that is. */
export interface TimeNode {
  readonly t: number;
  readonly probability: number;
}

/** How the times of training samples are drawn, and what follows for sums over them. */
export interface TimePlan {
  /** From a number in (0, 1) to a time. */
  readonly quantile: TimeQuantile;
  /** The times that can be drawn, or the middles of narrow cells of [0, 1]. */
  readonly nodes: readonly TimeNode[];
  /** The distribution, for comparisons with sampled times. */
  readonly distribution: TimeDistribution;
  /** The mean of a function of t over the times that are drawn. */
  mean(f: (t: number) => number): number;
}

/**
 * The plan for a process and a distribution of times. On a discrete process a continuous distribution
 * is rounded up to the next timestep, so that "uniform" makes all timesteps equally likely.
 *
 * @param cells how many nodes a continuous distribution gets, at least
 * @throws RangeError opening with `Cannot <doing>`, also for listed times that are no timesteps
 */
export function timePlan(
  doing: string,
  process: DiffusionProcess,
  distribution: TimeDistribution,
  cells: number,
): TimePlan {
  const quantile = timeQuantile(doing, distribution);
  if (isNumberList(distribution)) {
    const nodes = Array.from(distribution, (t) => ({ t, probability: 1 / distribution.length }));
    for (const { t } of nodes) checkListed(doing, process, t);
    return { quantile, nodes, distribution, mean: (f) => meanOf(nodes, f) };
  }
  const { timesteps } = process;
  const count = timesteps ?? cells;
  const checked = checkDistribution(doing, distribution);
  const sums = checked.cdf(Array.from({ length: count + 1 }, (_, i) => i / count));
  const nodes = Array.from({ length: count }, (_, i) => ({
    t: timesteps === undefined ? (i + 0.5) / count : (i + 1) / count,
    probability: (sums[i + 1]! - sums[i]!) / (sums[count]! - sums[0]!),
  }));
  if (timesteps === undefined) {
    return { quantile, nodes, distribution, mean: checked.mean };
  }
  return {
    quantile: (u) => Math.max(1, Math.ceil(quantile(u) * timesteps)) / timesteps,
    nodes,
    distribution: distribution === "uniform" ? nodes.map(({ t }) => t) : distribution,
    mean: (f) => meanOf(nodes, f),
  };
}

function meanOf(nodes: readonly TimeNode[], f: (t: number) => number): number {
  return nodes.reduce((sum, { t, probability }) => sum + probability * f(t), 0);
}

function checkListed(doing: string, process: DiffusionProcess, t: number): void {
  if (!(t >= 0 && t <= 1)) fail(doing, "each time of the distribution must be in [0, 1]", t);
  const { timesteps } = process;
  if (timesteps !== undefined && Math.abs(t * timesteps - Math.round(t * timesteps)) > 1e-3) {
    const grid = `1/${timesteps}, 2/${timesteps}, … 1`;
    fail(doing, `each time of the distribution must be a timestep of the path, ${grid}`, t);
  }
}
