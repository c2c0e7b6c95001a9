import type { OptionSpec } from "../options/options.ts";

/** A step size, or a function from the number of steps made so far to one. */
export type LearningRate = number | ((step: number) => number);

const RULE = "must be a finite number > 0";

/** Whether a value may be a step size that stays. */
const isRate = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value > 0;

/** The specification of a learning rate. */
export function learningRateOption(fallback: number): OptionSpec<LearningRate> {
  return {
    fallback,
    rule: `${RULE} or a schedule`,
    accepts: (value) => typeof value === "function" || isRate(value),
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

/** What the optimizers of tfjs and of this library have in common, as far as they have it. */
interface WithRate {
  getClassName?: () => string;
  /** A number also where it follows a schedule: the one in force. */
  learningRate?: unknown;
  isScheduled?: boolean;
  /** tfjs's SGD and Momentum compute with a tensor that only this renews. */
  setLearningRate?: (rate: number) => void;
}

/** The step size that an optimizer would take now, if it tells one; also one of a schedule. */
export function presentRate(optimizer: unknown): number | undefined {
  const rate = (optimizer as WithRate | null | undefined)?.learningRate;
  return typeof rate === "number" ? rate : undefined;
}

/** The learning rate of an optimizer, or undefined if it has none that is a plain number. */
export function learningRateOf(optimizer: unknown): number | undefined {
  return isScheduled(optimizer) ? undefined : presentRate(optimizer);
}

/** Whether an optimizer's learning rate follows a schedule. */
export function isScheduled(optimizer: unknown): boolean {
  return (optimizer as WithRate).isScheduled === true;
}

/** Sets the learning rate of an optimizer, so that its next step goes by it. */
export function setLearningRate(optimizer: unknown, rate: number): void {
  const target = optimizer as WithRate;
  if (typeof target.setLearningRate === "function") target.setLearningRate(rate);
  else target.learningRate = rate;
}

/**
 * Sets the learning rate of an optimizer that stands behind another.
 *
 * @param owner the one in front, for messages
 * @throws {RangeError} if it is none, or a schedule where the optimizer takes none
 * @throws {TypeError} if the optimizer has no learning rate
 */
export function setInnerRate(owner: string, inner: unknown, rate: LearningRate): void {
  const target = inner as WithRate;
  if (presentRate(inner) === undefined) {
    throw new TypeError(
      `Cannot change ${owner}: ${target.getClassName?.()} must have a learning rate, got ${target.learningRate}`,
    );
  }
  if ("isScheduled" in target) target.learningRate = rate;
  else if (isRate(rate)) setLearningRate(inner, rate);
  else {
    throw new RangeError(
      `Cannot change ${owner}: learningRate ${RULE} with ${target.getClassName?.()}, got ` +
        (typeof rate === "function" ? "a schedule" : typeof rate === "string" ? `"${rate}"` : rate),
    );
  }
}
