import { meanOf } from "../../cli/compare/statistics.ts";

/** A mean and its standard error; NaN where there are too few numbers. */
export interface Estimate {
  readonly mean: number;
  readonly error: number;
  readonly count: number;
}

/** Mean of numbers, and the standard error of it: the root of the unbiased variance over the count. */
export function estimate(values: readonly number[]): Estimate {
  const { mean, error, count } = meanOf(values);
  return { mean, error: error ?? NaN, count };
}

/**
 * The mean of paired differences `values[i] - others[i]`, in % of the mean of the others. The error is
 * that of the mean difference alone: the others' mean is taken as it is.
 */
export function pairedChange(values: readonly number[], others: readonly number[]): Estimate {
  const { mean, error, count } = estimate(values.map((value, i) => value - others[i]!));
  const unit = estimate(others).mean / 100;
  return { mean: mean / unit, error: error / Math.abs(unit), count };
}

/** What a difference says, distances being better when they are smaller. */
export type Finding = "better" | "worse" | "undecided" | "too few seeds";

/** Pairs below which nothing is found. */
export const LEAST_PAIRS = 3;

/** The rule: a mean difference beyond two standard errors, from at least three pairs. */
export function findingOf({ mean, error, count }: Estimate): Finding {
  if (count < LEAST_PAIRS) return "too few seeds";
  if (!(Math.abs(mean) > 2 * error)) return "undecided";
  return mean < 0 ? "better" : "worse";
}

/** The verdict where there are too few pairs to tell. */
export const TOO_FEW = "not tested, too few seeds";

/** The verdict on a claim about several targets. */
export function verdictOf(findings: readonly Finding[]): string {
  const count = (finding: Finding): number => findings.filter((f) => f === finding).length;
  const [better, worse] = [count("better"), count("worse")];
  if (findings.length === 0 || count("too few seeds") > 0) return TOO_FEW;
  if (better === findings.length) return "reproduced";
  return better > 0 && worse === 0 ? "reproduced in part" : "not reproduced";
}
