import { nonNegative, type OptionTable, orNull, positive, whole } from "../options/options.ts";
import { rate, resolveSchedule } from "./options.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import { pure } from "../pure.ts";

/** Options of {@linkcode inverseSquareRoot}. */
export interface InverseSquareRootOptions {
  /** Rate at the end of the warm-up, a finite number >= 0. */
  readonly peakRate: number;
  /**
   * Steps of the linear warm-up, a whole number >= 0.
   * @default 0
   */
  readonly warmupSteps?: number;
  /**
   * Rate at step 0 of the warm-up, a finite number >= 0.
   * @default 0
   */
  readonly initialRate?: number;
  /**
   * Steps after which the rate is divided by the root of 2, counted from the end of the warm-up: a
   * finite number > 0, or null for `warmupSteps`. Without warm-up it must be given.
   * @default null
   */
  readonly timescale?: number | null;
}

const OWNER = "inverseSquareRoot";
const OPTIONS: OptionTable<Required<InverseSquareRootOptions>> = /* @__PURE__ */ pure(() => ({
  peakRate: rate,
  warmupSteps: whole(0, 0),
  initialRate: nonNegative(0),
  timescale: orNull(positive(1)),
}));

/**
 * A linear warm-up to `peakRate`, then `peakRate / sqrt(1 + (step - warmupSteps) / timescale)`. With the
 * default `timescale` that is `peakRate * sqrt(warmupSteps / step)`, the decay of the Transformer (arXiv
 * 1706.03762) and of fairseq's `inverse_sqrt`; T5's `1 / sqrt(max(step, k))` (arXiv 1910.10683) is
 * `{ peakRate: 1 / sqrt(k), initialRate: 1 / sqrt(k), warmupSteps: k }`.
 *
 * @param options rates, warm-up and time scale
 * @throws {RangeError} if an option is missing or out of its range
 * @throws {TypeError} if there is no such option
 */
export function inverseSquareRoot(options: InverseSquareRootOptions): Schedule {
  const resolved = resolveSchedule(OWNER, OPTIONS, options);
  const { peakRate, warmupSteps, initialRate } = resolved;
  const timescale = resolved.timescale ?? warmupSteps;
  if (timescale === 0) {
    throw new RangeError(
      `Cannot create ${OWNER}: timescale must be a finite number > 0 without warm-up, got null`,
    );
  }
  return createSchedule(
    OWNER,
    { kind: "inverse-square-root", ...resolved },
    (step) =>
      step < warmupSteps
        ? initialRate + (peakRate - initialRate) * (step / warmupSteps)
        : peakRate / Math.sqrt(1 + (step - warmupSteps) / timescale),
  );
}
