import { flag, nonNegative, type OptionTable, positive } from "../options/options.ts";
import { rate, resolveSchedule, someSteps } from "./options.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import { pure } from "../pure.ts";

/** Options of {@linkcode polynomialDecay}. */
export interface PolynomialDecayOptions {
  /** Rate at the start, a finite number >= 0. */
  readonly initialRate: number;
  /** Steps of the decay, a whole number >= 1. */
  readonly decaySteps: number;
  /**
   * Rate at the end, a finite number >= 0.
   * @default 0.0001
   */
  readonly endRate?: number;
  /**
   * Exponent, a finite number > 0; 1 is a straight line.
   * @default 1
   */
  readonly power?: number;
  /**
   * After the end, stretch the decay to the next multiple of `decaySteps`: the rate jumps up and falls
   * again.
   * @default false
   */
  readonly cycle?: boolean;
}

const OWNER = "polynomialDecay";
const OPTIONS: OptionTable<Required<PolynomialDecayOptions>> = /* @__PURE__ */ pure(() => ({
  initialRate: rate,
  decaySteps: someSteps,
  endRate: nonNegative(1e-4),
  power: positive(1),
  cycle: flag(false),
}));

/**
 * `(initialRate - endRate) * (1 - step / decaySteps)^power + endRate`, then `endRate`: Keras's
 * PolynomialDecay; PyTorch's PolynomialLR with `endRate: 0`.
 *
 * @param options rates, steps, exponent, and whether to cycle
 * @throws {RangeError} if an option is missing or out of its range
 * @throws {TypeError} if there is no such option
 */
export function polynomialDecay(options: PolynomialDecayOptions): Schedule {
  const resolved = resolveSchedule(OWNER, OPTIONS, options);
  const { initialRate, decaySteps, endRate, power, cycle } = resolved;
  return createSchedule(OWNER, { kind: "polynomial", ...resolved }, (step) => {
    const rounds = cycle ? Math.max(1, Math.ceil(step / decaySteps)) : 1;
    const done = Math.min(1, step / (rounds * decaySteps));
    return (initialRate - endRate) * (1 - done) ** power + endRate;
  });
}
