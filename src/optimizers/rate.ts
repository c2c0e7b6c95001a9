import type { OptionSpec } from "../options/options.ts";

/** A step size, or a function from the number of steps made so far to one. */
export type LearningRate = number | ((step: number) => number);

/** The specification of a learning rate. */
export function learningRateOption(fallback: number): OptionSpec<LearningRate> {
  return {
    fallback,
    rule: "must be a finite number > 0 or a schedule",
    accepts: (value) =>
      typeof value === "function" ||
      (typeof value === "number" && Number.isFinite(value) && value > 0),
  };
}

/**
 * The rate at a step, counted from 0.
 *
 * @throws {RangeError} if a schedule gives anything but a finite number >= 0
 */
export function rateAt(owner: string, learningRate: LearningRate, step: number): number {
  if (typeof learningRate === "number") return learningRate;
  const rate: unknown = learningRate(step);
  if (typeof rate === "number" && Number.isFinite(rate) && rate >= 0) return rate;
  throw new RangeError(
    `Cannot apply gradients with ${owner}: the schedule of learningRate must give a finite ` +
      `number >= 0, got ${rate} at step ${step}`,
  );
}
