import { type OptionTable, positive } from "../options/options.ts";
import { rate, resolveSchedule, someSteps } from "./options.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import { pure } from "../pure.ts";

/** Options of {@linkcode stepDecay}. */
export interface StepDecayOptions {
  /** Rate at the start, a finite number >= 0. */
  readonly initialRate: number;
  /** Steps between two changes, a whole number >= 1. */
  readonly stepSize: number;
  /**
   * Factor of a change, a finite number > 0.
   * @default 0.1
   */
  readonly gamma?: number;
}

const OWNER = "stepDecay";
const OPTIONS: OptionTable<Required<StepDecayOptions>> = /* @__PURE__ */ pure(() => ({
  initialRate: rate,
  stepSize: someSteps,
  gamma: positive(0.1),
}));

/**
 * A rate that is multiplied by `gamma` every `stepSize` steps: `initialRate * gamma^floor(step /
 * stepSize)`, PyTorch's StepLR.
 *
 * @param options rate, steps and factor
 * @throws {RangeError} if an option is missing or out of its range
 * @throws {TypeError} if there is no such option
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  const resolved = resolveSchedule(OWNER, OPTIONS, options);
  const { initialRate, stepSize, gamma } = resolved;
  return createSchedule(
    OWNER,
    { kind: "step", ...resolved },
    (step) => initialRate * gamma ** Math.floor(step / stepSize),
  );
}
