import { nearest } from "../options/nearest.ts";
import { constantFrom } from "./constant_rate.ts";
import { cosineDecay } from "./cosine_decay.ts";
import { cosineRestarts } from "./cosine_restarts.ts";
import { exponentialDecay } from "./exponential_decay.ts";
import { inverseSquareRoot } from "./inverse_square_root.ts";
import { joinFrom } from "./join_schedules.ts";
import { multiStep } from "./multi_step.ts";
import { oneCycle } from "./one_cycle.ts";
import { polynomialDecay } from "./polynomial_decay.ts";
import type { Schedule, ScheduleConfig, ScheduleKind } from "./schedule.ts";
import { stepDecay } from "./step_decay.ts";
import { cosineWarmupFrom, linearWarmupFrom } from "./warmup.ts";

/** How each kind is made of its options, whose own configurations are schedules already. */
const MAKERS: { readonly [Kind in ScheduleKind]: (options: never) => Schedule } = {
  "constant": constantFrom,
  "step": stepDecay,
  "multi-step": multiStep,
  "exponential": exponentialDecay,
  "polynomial": polynomialDecay,
  "cosine": cosineDecay,
  "cosine-restarts": cosineRestarts,
  "linear-warmup": linearWarmupFrom,
  "cosine-warmup": cosineWarmupFrom,
  "one-cycle": oneCycle,
  "inverse-square-root": inverseSquareRoot,
  "join": joinFrom,
};

/**
 * Builds a schedule from its `config`, as it is or through JSON or a saved model.
 *
 * @param config the kind and the options of a schedule
 * @throws {TypeError} if the kind or an option is unknown, naming the nearest one
 * @throws {RangeError} if an option is out of its range
 */
export function scheduleFrom(config: ScheduleConfig): Schedule {
  const kind: unknown = config?.kind;
  if (typeof kind !== "string" || !Object.hasOwn(MAKERS, kind)) {
    const kinds = Object.keys(MAKERS);
    const near = typeof kind === "string" ? nearest(kind, kinds) : undefined;
    const hint = near === undefined
      ? `the kinds are ${kinds.join(", ")}`
      : `did you mean "${near}"?`;
    throw new TypeError(`Cannot create a schedule: unknown kind ${JSON.stringify(kind)}; ${hint}`);
  }
  const { kind: _, ...options } = config;
  const { schedule, schedules } = options;
  if (isConfig(schedule)) Object.assign(options, { schedule: scheduleFrom(schedule) });
  if (Array.isArray(schedules)) {
    Object.assign(options, { schedules: schedules.map((inner) => scheduleFrom(inner)) });
  }
  return MAKERS[kind as ScheduleKind](options as never);
}

function isConfig(value: unknown): value is ScheduleConfig {
  return typeof value === "object" && value !== null && "kind" in value;
}
