/**
 * All kinds of schedules, as `config.kind` names them.
 *
 * @internal
 */
export const SCHEDULE_KINDS = [
  "constant",
  "step",
  "multi-step",
  "exponential",
  "polynomial",
  "cosine",
  "cosine-restarts",
  "linear-warmup",
  "cosine-warmup",
  "one-cycle",
  "inverse-square-root",
  "join",
] as const;

/** The kind of a schedule. */
export type ScheduleKind = typeof SCHEDULE_KINDS[number];

/** What an option of a schedule may be. */
export type ScheduleOption =
  | number
  | boolean
  | string
  | null
  | readonly number[]
  | ScheduleConfig
  | readonly ScheduleConfig[];

/** A schedule as plain data for JSON: its kind and all its options. */
export interface ScheduleConfig {
  /** Which schedule it is. */
  readonly kind: ScheduleKind;
  /** An option of the schedule. */
  readonly [option: string]: ScheduleOption;
}

/**
 * A learning rate for each training step: a finite number >= 0. Steps count from 0, the first training
 * step, and need not be whole.
 */
export interface Schedule {
  (step: number): number;
  /** The schedule as plain data, for `scheduleFrom`. */
  readonly config: ScheduleConfig;
}

/** Whether a value is a schedule, and not any other function of the step. */
export function isSchedule(value: unknown): value is Schedule {
  return typeof value === "function" && "config" in value &&
    SCHEDULE_KINDS.some((kind) => kind === (value.config as ScheduleConfig | undefined)?.kind);
}

/**
 * A schedule of its configuration and its formula, which is only asked about steps >= 0.
 *
 * @param owner the name of the function that makes it, for messages
 */
export function createSchedule(
  owner: string,
  config: ScheduleConfig,
  rateAt: (step: number) => number,
): Schedule {
  const schedule = (step: number): number => {
    const refuse = (rule: string): never => {
      throw new RangeError(`Cannot take a learning rate from ${owner}: ${rule}`);
    };
    if (!(Number.isFinite(step) && step >= 0)) {
      refuse(`step must be a finite number >= 0, got ${step}`);
    }
    const rate = rateAt(step);
    if (!(Number.isFinite(rate) && rate >= 0)) {
      refuse(`it must be a finite number >= 0, got ${rate} at step ${step}`);
    }
    return rate;
  };
  return Object.assign(schedule, { config: frozen(config) });
}

/** A copy that nobody can change. */
function frozen<Value extends ScheduleOption>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  const copy = Array.isArray(value)
    ? value.map(frozen)
    : Object.fromEntries(Object.entries(value).map(([name, option]) => [name, frozen(option)]));
  return Object.freeze(copy) as Value;
}
