import { fail } from "../../options/check.ts";
import type { NoiseLevel } from "./level.ts";
import { noisePath, type NoisePathKind, type OwnPath } from "./path.ts";
import { ddpmSchedule, type DdpmScheduleOptions } from "./schedule.ts";

/**
 * How noise grows with time: a noise path by its name or as a function of t (see `noisePath`), or the
 * options of a discrete schedule (see `ddpmSchedule`). A schedule of T timesteps gives the times
 * 1/T, 2/T, … 1, its entry i belonging to the time (i + 1) / T; the time 0 is the data itself.
 */
export type PathOption = NoisePathKind | OwnPath | DdpmScheduleOptions;

/** A path, checked. */
export interface DiffusionProcess {
  /** The noise level at a time in [0, 1]; of a schedule, at one of its times or at 0. */
  at(t: number): NoiseLevel;
  /** T, where time is discrete. */
  readonly timesteps?: number;
}

/** Allowed distance of a time from the nearest timestep, in timesteps: float32 rounding of a time. */
const OFF_GRID = 1e-3;

/**
 * The process behind a path option.
 *
 * @param doing opens the messages, as in "create ERD"
 * @throws RangeError for what is no path
 */
export function diffusionProcess(doing: string, path: PathOption): DiffusionProcess {
  if (typeof path !== "object" || path === null) {
    if (path === undefined) fail(doing, 'path must be given, such as "cosine"', path);
    return { at: noisePath(path) };
  }
  const { alpha, sigma } = ddpmSchedule(path);
  const timesteps = alpha.length;
  const at = (t: number): NoiseLevel => {
    const place = t * timesteps, step = Math.round(place);
    if (!(step >= 0 && step <= timesteps && Math.abs(place - step) <= OFF_GRID)) {
      fail("find a timestep", `t must be one of 0, 1/${timesteps}, 2/${timesteps}, … 1`, t);
    }
    return step === 0
      ? { alpha: 1, sigma: 0 }
      : { alpha: alpha[step - 1]!, sigma: sigma[step - 1]! };
  };
  return { at, timesteps };
}
