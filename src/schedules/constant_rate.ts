import type { OptionTable } from "../options/options.ts";
import { rate, resolveSchedule } from "./options.ts";
import { createSchedule, type Schedule } from "./schedule.ts";

const OWNER = "constantRate";
const OPTIONS: OptionTable<{ rate: number }> = { rate };

/**
 * The same rate at every step.
 *
 * @param rate a finite number >= 0
 * @throws {RangeError} if it is none
 */
export function constantRate(rate: number): Schedule {
  return constantFrom({ rate });
}

/** {@linkcode constantRate} of options. */
export function constantFrom(given: { rate: number }): Schedule {
  const options = resolveSchedule(OWNER, OPTIONS, given);
  return createSchedule(OWNER, { kind: "constant", ...options }, () => options.rate);
}
