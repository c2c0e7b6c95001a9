import { fail } from "../../options/check.ts";
import type { DiffusionProcess } from "../noise/process.ts";
import type { Target } from "../noise/target.ts";

/** Least alpha / sigma at which an estimate of the noise is turned into one of the data. */
const LEAST_RATIO = 1e-3;

/**
 * The times of a sampler, `steps + 1` of them, falling evenly to 0. On a discrete schedule they are
 * rounded to timesteps. They begin at 1, but for "epsilon" and "score" not before alpha / sigma has
 * reached 1/1000: an estimate of the noise tells nothing of the data where there is none.
 *
 * @throws RangeError if there are more steps than timesteps
 */
export function samplingTimes(process: DiffusionProcess, target: Target, steps: number): number[] {
  const { timesteps } = process;
  const needsData = target === "epsilon" || target === "score";
  const start = needsData ? latestTime(process) : 1;
  if (timesteps === undefined) return Array.from({ length: steps + 1 }, (_, i) => even(i));
  const first = Math.round(start * timesteps);
  if (steps > first) {
    fail("draw samples", `steps must be at most ${first}, the path's timesteps`, steps);
  }
  return Array.from(
    { length: steps + 1 },
    (_, i) => Math.round(first * (1 - i / steps)) / timesteps,
  );

  function even(i: number): number {
    return i === 0 ? start : start * (1 - i / steps);
  }
}

/** The latest time with alpha / sigma of at least 1/1000, to float64; alpha / sigma falls with t. */
function latestTime({ at, timesteps }: DiffusionProcess): number {
  const isEnough = (t: number): boolean => {
    const { alpha, sigma } = at(t);
    return alpha >= LEAST_RATIO * sigma;
  };
  const scale = timesteps ?? 2 ** 40;
  let low = 0, high = scale;
  if (isEnough(1)) return 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle / scale)) low = middle;
    else high = middle;
  }
  return low / scale;
}
