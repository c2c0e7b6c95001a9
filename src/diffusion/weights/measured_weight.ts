import type { BinMeans } from "./bin_statistics.ts";
import type { TimeNode } from "../times/time_plan.ts";

/** Measurements that the weights are to follow, all checked by who makes them. */
export interface MeasuredBins {
  /** The measurements, one a bin. */
  readonly means: readonly BinMeans[];
  /** The bin of a time. */
  readonly binOf: (t: number) => number;
  /** The least recoverability that counts, in [0, 1]. */
  readonly rMin: number;
  /** 0 for the closed form, 1 for what was measured, between them a mixture. */
  readonly mix: number;
}

/**
 * The weight by measured recoverability, mixed with the closed form; its mean over the drawn times is 1.
 *
 * A bin with enough samples weighs `sqrt(max(R, rMin))`. A thin one keeps the closed form, scaled so that
 * over the bins with enough samples both have one mean; then all are divided by the mean over all.
 *
 * @param closed the closed-form weight, of mean 1
 * @param nodes the times that are drawn, with their probabilities
 */
export function measuredWeight(
  closed: (t: number) => number,
  nodes: readonly TimeNode[],
  { binOf, means, rMin, mix }: MeasuredBins,
): (t: number) => number {
  const measured = means.map(({ thin, recoverability }) =>
    thin ? undefined : Math.sqrt(Math.max(recoverability, rMin))
  );
  let byMeasure = 0, byFormula = 0, rest = 0;
  for (const { t, probability } of nodes) {
    const weight = measured[binOf(t)];
    byMeasure += probability * (weight ?? 0);
    if (weight === undefined) rest += probability * closed(t);
    else byFormula += probability * closed(t);
  }
  if (mix === 0 || !(byMeasure > 0 && byFormula > 0)) return closed;
  const scale = byMeasure / byFormula, mean = byMeasure + scale * rest;
  return (t) => {
    const weight = (measured[binOf(t)] ?? scale * closed(t)) / mean;
    return (1 - mix) * closed(t) + mix * weight;
  };
}

/** How much of the measured weight counts after a number of batches: 0 in the warm-up, then up to 1. */
export function rampMix(step: number, warmup: number, ramp: number): number {
  if (step <= warmup) return 0;
  return Math.min(1, (step - warmup) / Math.max(1, ramp));
}
