import { type OptionTable, positive } from "../options/options.ts";
import { increasingSteps, rate, resolveSchedule } from "./options.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import { pure } from "../pure.ts";

/** Options of {@linkcode multiStep}. */
export interface MultiStepOptions {
  /** Rate at the start, a finite number >= 0. */
  readonly initialRate: number;
  /** The first step of each new rate: whole numbers >= 1, increasing. */
  readonly milestones: readonly number[];
  /**
   * Factor of a change, a finite number > 0.
   * @default 0.1
   */
  readonly gamma?: number;
}

const OWNER = "multiStep";
const OPTIONS: OptionTable<Required<MultiStepOptions>> = /* @__PURE__ */ pure(() => ({
  initialRate: rate,
  milestones: increasingSteps,
  gamma: positive(0.1),
}));

/**
 * A rate that is multiplied by `gamma` at each milestone, PyTorch's MultiStepLR.
 *
 * @param options rate, milestones and factor
 * @throws {RangeError} if an option is missing or out of its range
 * @throws {TypeError} if there is no such option
 */
export function multiStep(options: MultiStepOptions): Schedule {
  const resolved = resolveSchedule(OWNER, OPTIONS, options);
  const { initialRate, gamma } = resolved;
  const milestones = [...resolved.milestones];
  return createSchedule(
    OWNER,
    { kind: "multi-step", ...resolved },
    (step) => initialRate * gamma ** milestones.filter((milestone) => milestone <= step).length,
  );
}
