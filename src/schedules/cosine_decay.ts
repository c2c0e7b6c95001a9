import { nonNegative, type OptionTable, orNull, share, whole } from "../options/options.ts";
import { rate, resolveSchedule, someSteps } from "./options.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import { pure } from "../pure.ts";

/** Options of {@linkcode cosineDecay}. */
export interface CosineDecayOptions {
  /** Rate at the start, of the warm-up if there is one: a finite number >= 0. */
  readonly initialRate: number;
  /** Steps of the decay, without those of the warm-up: a whole number >= 1. */
  readonly decaySteps: number;
  /**
   * Share of the rate that is left at the end, in [0, 1].
   * @default 0
   */
  readonly alpha?: number;
  /**
   * Rate at the end of a linear warm-up, from which the decay starts: a finite number >= 0, or null for
   * no warm-up.
   * @default null
   */
  readonly warmupTarget?: number | null;
  /**
   * Steps of the warm-up, a whole number >= 0; >= 1 with `warmupTarget`.
   * @default 0
   */
  readonly warmupSteps?: number;
}

const OWNER = "cosineDecay";
const OPTIONS: OptionTable<Required<CosineDecayOptions>> = /* @__PURE__ */ pure(() => ({
  initialRate: rate,
  decaySteps: someSteps,
  alpha: share(0),
  warmupTarget: orNull(nonNegative(0)),
  warmupSteps: whole(0, 0),
}));

/** Half a wave of the cosine, from 1 at 0 to 0 at 1. */
export function halfCosine(done: number): number {
  return 0.5 * (1 + Math.cos(Math.PI * done));
}

/**
 * `initialRate * ((1 - alpha) * (1 + cos(pi * step / decaySteps)) / 2 + alpha)`, then what is left
 * (arXiv 1608.03983 without restarts), after a linear warm-up if asked for: Keras's CosineDecay;
 * PyTorch's CosineAnnealingLR up to its `T_max`.
 *
 * @param options rates, steps and warm-up
 * @throws {RangeError} if an option is missing or out of its range
 * @throws {TypeError} if there is no such option
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  const resolved = resolveSchedule(OWNER, OPTIONS, options);
  const { initialRate, decaySteps, alpha, warmupTarget, warmupSteps } = resolved;
  if ((warmupTarget === null) !== (warmupSteps === 0)) {
    throw new RangeError(
      `Cannot create ${OWNER}: ` +
        (warmupTarget === null
          ? `warmupTarget must be given with warmupSteps, got null`
          : `warmupSteps must be a whole number >= 1 with warmupTarget, got 0`),
    );
  }
  const peak = warmupTarget ?? initialRate;
  return createSchedule(OWNER, { kind: "cosine", ...resolved }, (step) => {
    if (step < warmupSteps) return (peak - initialRate) * (step / warmupSteps) + initialRate;
    const done = Math.min(1, (step - warmupSteps) / decaySteps);
    return peak * ((1 - alpha) * halfCosine(done) + alpha);
  });
}
