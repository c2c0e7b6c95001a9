import { fail, isNumberList } from "../../options/check.ts";

/** The lowest and the highest log signal-to-noise ratio of a path, `[min, max]`. */
export type LogSnrRange = readonly [min: number, max: number];

/** `[-10, 10]`, as in the code that accompanies arXiv 2605.10790. */
export const DEFAULT_LOG_SNR_RANGE: LogSnrRange = [-10, 10];

/** Beyond exp(200) squares of amplitudes start to leave float64. */
const LIMIT = 200;

/** The range, or its default, checked: two numbers, min < max, both in [-200, 200]. */
export function checkLogSnrRange(doing: string, range: unknown): LogSnrRange {
  if (range === undefined) return DEFAULT_LOG_SNR_RANGE;
  if (isNumberList(range) && range.length === 2) {
    const [min, max] = [Number(range[0]), Number(range[1])];
    if (min >= -LIMIT && min < max && max <= LIMIT) return [min, max];
  }
  return fail(
    doing,
    `logSnrRange must be [min, max] with -${LIMIT} <= min < max <= ${LIMIT}`,
    range,
  );
}

/** Log-snr at time t: max at t = 0, min at t = 1, linear between; exact at both ends. */
export function logSnrAt([min, max]: LogSnrRange, t: number): number {
  return (1 - t) * max + t * min;
}

/** `1 / (1 + exp(-x))`, to full relative accuracy for both signs of x. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
