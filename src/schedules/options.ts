import {
  checkOption,
  nonNegative,
  type OptionSpec,
  type OptionTable,
  positive,
  required,
  resolveOptions,
  spec,
  whole,
} from "../options/options.ts";
import { isSchedule, type Schedule } from "./schedule.ts";
import { pure } from "../pure.ts";

/** A learning rate, >= 0, that must be given. */
export const rate: OptionSpec<number> = /* @__PURE__ */ pure(() => required(nonNegative(0)));

/** A learning rate, > 0, that must be given. */
export const positiveRate: OptionSpec<number> = /* @__PURE__ */ pure(() => required(positive(1)));

/** A factor, > 0, that must be given. */
export const factor: OptionSpec<number> = /* @__PURE__ */ pure(() => required(positive(1)));

/** A number of steps, a whole number >= 1, that must be given. */
export const someSteps: OptionSpec<number> = /* @__PURE__ */ pure(() => required(whole(1)));

/** Steps at which something changes, that must be given. */
export const increasingSteps: OptionSpec<readonly number[]> = /* @__PURE__ */ spec(
  undefined as never,
  "must be a list of whole numbers >= 1, each greater than the one before",
  (value) =>
    Array.isArray(value) &&
    value.every((step, i) => Number.isSafeInteger(step) && step > (i === 0 ? 0 : value[i - 1])),
);

const OF_A_SCHEDULE = "made by functions of this library, such as cosineDecay({ ... })";

/** A schedule, that must be given. */
export const someSchedule: OptionSpec<Schedule> = /* @__PURE__ */ pure(() =>
  spec(undefined as never, `must be a schedule ${OF_A_SCHEDULE}`, isSchedule)
);

/** Schedules, at least one. */
export const someSchedules: OptionSpec<readonly Schedule[]> = /* @__PURE__ */ pure(() =>
  spec(
    undefined as never,
    `must be a list of schedules ${OF_A_SCHEDULE}`,
    (value) => Array.isArray(value) && value.length > 0 && value.every(isSchedule),
  )
);

/**
 * All options of a schedule: checked, and the required ones given.
 *
 * @throws {RangeError} if a value is out of its range or missing
 * @throws {TypeError} if there is no such option
 */
export function resolveSchedule<Options extends object>(
  owner: string,
  table: OptionTable<Options>,
  given: Partial<Options>,
): Options {
  const options = resolveOptions(owner, table, given);
  for (const name of Object.keys(table) as (keyof Options & string)[]) {
    if (options[name] === undefined) {
      checkOption(`Cannot create ${owner}`, table, name, undefined);
    }
  }
  return options;
}
