import { nearest } from "@signalfit/tfjs/parts";
import type { LearningRate } from "@signalfit/tfjs";
import { SCHEDULE_KINDS } from "@signalfit/tfjs/parts";
import type { ScheduleConfig, ScheduleKind } from "@signalfit/tfjs";
import { scheduleFrom } from "@signalfit/tfjs";
import { linearWarmup } from "@signalfit/tfjs";

/** A schedule as the command line asks for it. */
export interface ScheduleChoice {
  readonly kind: ScheduleKind;
  /** Options that were given beside the rate and the number of steps. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What each kind needs, filled in from the highest rate and the steps of the whole training. */
const FILLED_IN: {
  readonly [Kind in Exclude<ScheduleKind, "join">]: (
    rate: number,
    steps: number,
  ) => Readonly<Record<string, unknown>>;
} = {
  "constant": (rate) => ({ rate }),
  "step": (rate, steps) => ({ initialRate: rate, stepSize: Math.ceil(steps / 3) }),
  "multi-step": (rate, steps) => {
    const half = Math.max(1, Math.round(steps / 2));
    return { initialRate: rate, milestones: [half, Math.max(half + 1, Math.round(0.75 * steps))] };
  },
  "exponential": (rate, steps) => ({ initialRate: rate, decaySteps: steps, decayRate: 0.01 }),
  "polynomial": (rate, steps) => ({ initialRate: rate, decaySteps: steps, endRate: 0 }),
  "cosine": (rate, steps) => ({ initialRate: rate, decaySteps: steps }),
  "cosine-restarts": (rate, steps) => ({
    initialRate: rate,
    firstDecaySteps: Math.ceil(steps / 3),
  }),
  "linear-warmup": (rate, steps) => ({
    schedule: { kind: "constant", rate },
    steps: Math.ceil(steps / 10),
  }),
  "cosine-warmup": (rate, steps) => ({
    schedule: { kind: "constant", rate },
    steps: Math.ceil(steps / 10),
  }),
  "one-cycle": (rate, steps) => ({ maxRate: rate, totalSteps: steps }),
  "inverse-square-root": (rate, steps) => ({
    peakRate: rate,
    warmupSteps: Math.ceil(steps / 10),
  }),
};

/** The kinds that the command line can ask for. */
export const CHOSEN_KINDS = SCHEDULE_KINDS.filter((kind) => kind !== "join");

/**
 * Reads `cosine` or `cosine:alpha=0.1,warmupSteps=100`: a kind, and options of it by the names that
 * the library has. Values are read as JSON where they are, such as `milestones=[100,200]`.
 *
 * @throws {Error} if there is no such kind or option, naming the nearest one, or a value is wrong
 */
export function parseSchedule(text: string): ScheduleChoice {
  const [kind = "", ...rest] = text.split(":");
  if (!CHOSEN_KINDS.some((each) => each === kind)) {
    const near = nearest(kind, CHOSEN_KINDS);
    throw new TypeError(
      `Cannot create a schedule: unknown kind "${kind}"; ` +
        (near === undefined
          ? `the kinds are ${CHOSEN_KINDS.join(", ")}`
          : `did you mean "${near}"?`),
    );
  }
  const options: Record<string, unknown> = {};
  for (const part of rest.join(":").split(/,(?![^[]*\])/)) {
    if (part.trim() === "") continue;
    const [name = "", ...value] = part.split("=");
    options[name.trim()] = valueOf(value.join("=").trim());
  }
  const choice = { kind: kind as ScheduleKind, options };
  scheduleOf(choice, 1, 1000); // what is wrong is told of before anything begins
  return choice;
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * The rate over a training.
 *
 * @param choice the schedule, constant if undefined
 * @param rate its highest rate
 * @param steps of the whole training
 * @param warmup steps of it in which the rate rises to the schedule's first
 */
export function rateOver(
  choice: ScheduleChoice | undefined,
  rate: number,
  steps: number,
  warmup: number,
): LearningRate {
  if (choice === undefined && warmup === 0) return rate;
  const after = Math.max(1, steps - warmup);
  const schedule = scheduleOf(choice ?? { kind: "constant", options: {} }, rate, after);
  return warmup === 0 ? schedule : linearWarmup(schedule, warmup);
}

function scheduleOf({ kind, options }: ScheduleChoice, rate: number, steps: number) {
  const filledIn = FILLED_IN[kind as Exclude<ScheduleKind, "join">](rate, steps);
  return scheduleFrom({ ...filledIn, ...options, kind } as ScheduleConfig);
}
