import { flag, type OptionTable } from "../options/options.ts";
import { factor, rate, resolveSchedule, someSteps } from "./options.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import { pure } from "../pure.ts";

/** Options of {@linkcode exponentialDecay}. */
export interface ExponentialDecayOptions {
  /** Rate at the start, a finite number >= 0. */
  readonly initialRate: number;
  /** Steps in which the rate is multiplied by `decayRate`, a whole number >= 1. */
  readonly decaySteps: number;
  /** Factor, a finite number > 0. */
  readonly decayRate: number;
  /**
   * Change the rate every `decaySteps` steps alone.
   * @default false
   */
  readonly staircase?: boolean;
}

const OWNER = "exponentialDecay";
const OPTIONS: OptionTable<Required<ExponentialDecayOptions>> = /* @__PURE__ */ pure(() => ({
  initialRate: rate,
  decaySteps: someSteps,
  decayRate: factor,
  staircase: flag(false),
}));

/**
 * `initialRate * decayRate^(step / decaySteps)`, Keras's ExponentialDecay; PyTorch's ExponentialLR with
 * `decaySteps: 1`.
 *
 * @param options rate, steps, factor, and whether to go in stairs
 * @throws {RangeError} if an option is missing or out of its range
 * @throws {TypeError} if there is no such option
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  const resolved = resolveSchedule(OWNER, OPTIONS, options);
  const { initialRate, decaySteps, decayRate, staircase } = resolved;
  return createSchedule(OWNER, { kind: "exponential", ...resolved }, (step) => {
    const exponent = step / decaySteps;
    return initialRate * decayRate ** (staircase ? Math.floor(exponent) : exponent);
  });
}
