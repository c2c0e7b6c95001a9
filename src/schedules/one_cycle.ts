import { flag, oneOf, type OptionTable, positive, share } from "../options/options.ts";
import { halfCosine } from "./cosine_decay.ts";
import { positiveRate, resolveSchedule, someSteps } from "./options.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import { pure } from "../pure.ts";

/** Options of {@linkcode oneCycle}. */
export interface OneCycleOptions {
  /** The highest rate, a finite number > 0. */
  readonly maxRate: number;
  /** Steps of the whole cycle, a whole number >= 1. */
  readonly totalSteps: number;
  /**
   * Share of the steps in which the rate rises, in [0, 1]; at most 0.5 with `threePhase`.
   * @default 0.3
   */
  readonly pctStart?: number;
  /**
   * The rate starts at `maxRate / divFactor`: a finite number > 0.
   * @default 25
   */
  readonly divFactor?: number;
  /**
   * The rate ends at `maxRate / divFactor / finalDivFactor`: a finite number > 0.
   * @default 10000
   */
  readonly finalDivFactor?: number;
  /**
   * How the rate goes from one to the next: along half a cosine wave, or in a straight line.
   * @default "cos"
   */
  readonly anneal?: "cos" | "linear";
  /**
   * Fall to the first rate in as many steps as the rise, and from there to the last one.
   * @default false
   */
  readonly threePhase?: boolean;
}

const OWNER = "oneCycle";
const OPTIONS: OptionTable<Required<OneCycleOptions>> = /* @__PURE__ */ pure(() => ({
  maxRate: positiveRate,
  totalSteps: someSteps,
  pctStart: share(0.3),
  divFactor: positive(25),
  finalDivFactor: positive(1e4),
  anneal: oneOf("cos", "linear"),
  threePhase: flag(false),
}));

/** A stretch of the cycle: its last step, and the rates it goes from and to. */
interface Phase {
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/**
 * One cycle, up to a high rate and down to a very low one (super-convergence, arXiv 1708.07120), step by
 * step as PyTorch's OneCycleLR. After `totalSteps` steps the last rate stays.
 *
 * @param options highest rate, steps, and the shape of the cycle
 * @throws {RangeError} if an option is missing or out of its range
 * @throws {TypeError} if there is no such option
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const resolved = resolveSchedule(OWNER, OPTIONS, options);
  const { maxRate, totalSteps, pctStart, divFactor, finalDivFactor, threePhase } = resolved;
  if (threePhase && pctStart > 0.5) {
    throw new RangeError(
      `Cannot create ${OWNER}: pctStart must be in [0, 0.5] with threePhase, got ${pctStart}`,
    );
  }
  const first = maxRate / divFactor, last = first / finalDivFactor;
  const rise: Phase = { end: pctStart * totalSteps - 1, from: first, to: maxRate };
  const end = totalSteps - 1;
  const phases: readonly Phase[] = threePhase
    ? [
      rise,
      { end: 2 * pctStart * totalSteps - 2, from: maxRate, to: first },
      { end, from: first, to: last },
    ]
    : [rise, { end, from: maxRate, to: last }];
  const shape = resolved.anneal === "cos" ? halfCosine : (done: number) => 1 - done;

  return createSchedule(OWNER, { kind: "one-cycle", ...resolved }, (step) => {
    const at = Math.min(step, end);
    let begin = 0;
    for (const { end, from, to } of phases.slice(0, -1)) {
      if (at <= end) return between(from, to, begin, end);
      begin = end;
    }
    const { from, to } = phases.at(-1)!;
    return between(from, to, begin, end);

    function between(from: number, to: number, begin: number, end: number): number {
      const done = end > begin ? (at - begin) / (end - begin) : 1;
      return to + (from - to) * shape(done);
    }
  });
}
