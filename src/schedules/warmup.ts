import { nonNegative, type OptionTable } from "../options/options.ts";
import { halfCosine } from "./cosine_decay.ts";
import { resolveSchedule, someSchedule, someSteps } from "./options.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import { pure } from "../pure.ts";

interface WarmupOptions {
  readonly schedule: Schedule;
  readonly steps: number;
  readonly from?: number;
}

const OPTIONS: OptionTable<Required<WarmupOptions>> = /* @__PURE__ */ pure(() => ({
  schedule: someSchedule,
  steps: someSteps,
  from: nonNegative(0),
}));

/**
 * Lets the rate rise in a straight line to the first rate of a schedule, which begins after the
 * warm-up: its step 0 is step `steps`.
 *
 * @param schedule what follows
 * @param steps steps of the warm-up, a whole number >= 1
 * @param from rate at step 0, a finite number >= 0; 0 by default
 * @throws {RangeError} if an argument is out of its range
 */
export function linearWarmup(schedule: Schedule, steps: number, from = 0): Schedule {
  return linearWarmupFrom({ schedule, steps, from });
}

/**
 * Lets the rate rise along half a cosine wave to the first rate of a schedule, which begins after the
 * warm-up: its step 0 is step `steps`.
 *
 * @param schedule what follows
 * @param steps steps of the warm-up, a whole number >= 1
 * @param from rate at step 0, a finite number >= 0; 0 by default
 * @throws {RangeError} if an argument is out of its range
 */
export function cosineWarmup(schedule: Schedule, steps: number, from = 0): Schedule {
  return cosineWarmupFrom({ schedule, steps, from });
}

/** {@linkcode linearWarmup} of options. */
export function linearWarmupFrom(options: WarmupOptions): Schedule {
  return warmup("linearWarmup", "linear-warmup", options, (done) => done);
}

/** {@linkcode cosineWarmup} of options. */
export function cosineWarmupFrom(options: WarmupOptions): Schedule {
  return warmup("cosineWarmup", "cosine-warmup", options, (done) => 1 - halfCosine(done));
}

/** @param rise from 0 at 0 to 1 at 1 */
function warmup(
  owner: string,
  kind: "linear-warmup" | "cosine-warmup",
  given: WarmupOptions,
  rise: (done: number) => number,
): Schedule {
  const { schedule, steps, from } = resolveSchedule(owner, OPTIONS, given);
  const target = schedule(0);
  return createSchedule(
    owner,
    { kind, schedule: schedule.config, steps, from },
    (step) => step < steps ? from + (target - from) * rise(step / steps) : schedule(step - steps),
  );
}
