import { type OptionTable, positive, share } from "../options/options.ts";
import { halfCosine } from "./cosine_decay.ts";
import { rate, resolveSchedule, someSteps } from "./options.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import { pure } from "../pure.ts";

/** Options of {@linkcode cosineRestarts}. */
export interface CosineRestartsOptions {
  /** Rate at the start, a finite number >= 0. */
  readonly initialRate: number;
  /** Steps of the first decay, a whole number >= 1. */
  readonly firstDecaySteps: number;
  /**
   * How many times as long each decay is as the one before, a finite number >= 1.
   * @default 2
   */
  readonly tMul?: number;
  /**
   * How many times as high each decay starts as the one before, a finite number > 0.
   * @default 1
   */
  readonly mMul?: number;
  /**
   * Share of `initialRate` that is left at the end of a decay, in [0, 1].
   * @default 0
   */
  readonly alpha?: number;
}

const OWNER = "cosineRestarts";
const OPTIONS: OptionTable<Required<CosineRestartsOptions>> = /* @__PURE__ */ pure(() => ({
  initialRate: rate,
  firstDecaySteps: someSteps,
  tMul: {
    fallback: 2,
    rule: "must be a finite number >= 1",
    accepts: (value) => typeof value === "number" && Number.isFinite(value) && value >= 1,
  },
  mMul: positive(1),
  alpha: share(0),
}));

/**
 * Cosine decays, one after another (SGDR, arXiv 1608.03983): Keras's CosineDecayRestarts; PyTorch's
 * CosineAnnealingWarmRestarts with `mMul: 1`. In the decay of number i, from 0,
 * `initialRate * ((1 - alpha) * mMul^i * (1 + cos(pi * share done)) / 2 + alpha)`.
 *
 * @param options rate, steps, and how decays follow each other
 * @throws {RangeError} if an option is missing or out of its range
 * @throws {TypeError} if there is no such option
 */
export function cosineRestarts(options: CosineRestartsOptions): Schedule {
  const resolved = resolveSchedule(OWNER, OPTIONS, options);
  const { initialRate, firstDecaySteps, tMul, mMul, alpha } = resolved;
  return createSchedule(OWNER, { kind: "cosine-restarts", ...resolved }, (step) => {
    const { restarts, done } = position(step / firstDecaySteps, tMul);
    return initialRate * ((1 - alpha) * mMul ** restarts * halfCosine(done) + alpha);
  });
}

/** Number of restarts so far, and the share done of the present decay; time in first decays. */
function position(time: number, tMul: number): { restarts: number; done: number } {
  if (tMul === 1) return { restarts: Math.floor(time), done: time - Math.floor(time) };
  const begin = (restarts: number): number => (tMul ** restarts - 1) / (tMul - 1);
  let restarts = Math.max(0, Math.floor(Math.log1p(time * (tMul - 1)) / Math.log(tMul)));
  // Logarithms round: a restart falls on its very step.
  if (begin(restarts) > time) restarts--;
  else if (begin(restarts + 1) <= time) restarts++;
  return { restarts, done: Math.min(1, (time - begin(restarts)) / tMul ** restarts) };
}
