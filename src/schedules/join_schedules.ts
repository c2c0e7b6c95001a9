import type { OptionTable } from "../options/options.ts";
import { increasingSteps, resolveSchedule, someSchedules } from "./options.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import { pure } from "../pure.ts";

interface JoinOptions {
  readonly schedules: readonly Schedule[];
  readonly boundaries: readonly number[];
}

const OWNER = "joinSchedules";
const OPTIONS: OptionTable<JoinOptions> = /* @__PURE__ */ pure(() => ({
  schedules: someSchedules,
  boundaries: increasingSteps,
}));

/**
 * Schedules one after another, each with steps counted from its own first one: optax's
 * `join_schedules`, PyTorch's SequentialLR.
 *
 * @param schedules at least one
 * @param boundaries the first step of the second schedule, of the third and so on: whole numbers >= 1,
 * increasing, one less than there are schedules
 * @throws {RangeError} if an argument is out of its range
 */
export function joinSchedules(
  schedules: readonly Schedule[],
  boundaries: readonly number[],
): Schedule {
  return joinFrom({ schedules, boundaries });
}

/** {@linkcode joinSchedules} of options. */
export function joinFrom(given: JoinOptions): Schedule {
  const options = resolveSchedule(OWNER, OPTIONS, given);
  const schedules = [...options.schedules], boundaries = [...options.boundaries];
  if (boundaries.length !== schedules.length - 1) {
    throw new RangeError(
      `Cannot create ${OWNER}: boundaries must be one less than the ${schedules.length} schedules, ` +
        `got ${boundaries.length}`,
    );
  }
  const configs = schedules.map(({ config }) => config);
  return createSchedule(OWNER, { kind: "join", schedules: configs, boundaries }, (step) => {
    const after = boundaries.findLastIndex((boundary) => boundary <= step);
    return schedules[after + 1]!(step - (boundaries[after] ?? 0));
  });
}
