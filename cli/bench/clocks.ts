import process from "node:process";

/** What some steps took, in milliseconds. */
export interface Timing {
  /** On the wall, until everything was done. */
  readonly wall: number;
  /** Of all the process's threads together: a software driver computes on its own. */
  readonly processor: number;
  /** Until the calls returned, without waiting for a device. */
  readonly calls: number;
}

/** The clocks there are. */
export type Clock = keyof Timing;

/** Times work that is done when it returns, or else when `finish` has waited for it. */
export function timed(work: () => void): Timing;
export function timed(work: () => void, finish?: () => Promise<void>): Timing | Promise<Timing>;
export function timed(work: () => void, finish?: () => Promise<void>): Timing | Promise<Timing> {
  const usage = process.cpuUsage();
  const start = performance.now();
  work();
  const calls = performance.now() - start;
  const timing = (wall: number): Timing => {
    const { user, system } = process.cpuUsage(usage);
    return { wall, processor: (user + system) / 1000, calls };
  };
  return finish === undefined
    ? timing(calls)
    : finish().then(() => timing(performance.now() - start));
}

/** The same for one of several steps. */
export function perStep({ wall, processor, calls }: Timing, steps: number): Timing {
  return { wall: wall / steps, processor: processor / steps, calls: calls / steps };
}
