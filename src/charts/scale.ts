import { linearTicks, logTicks } from "./ticks.js";

/** Where values stand in a picture. */
export interface Scale {
  /** The place of a value, in pixels. */
  (value: number): number;
  /** Round values to mark, from the least to the greatest. */
  readonly ticks: readonly number[];
}

/** Two ends. */
export type Interval = readonly [from: number, to: number];

/**
 * A linear scale.
 *
 * @param domain the values at the ends, from the lesser to the greater
 * @param range their places
 * @param count about how many ticks
 */
export function linearScale([low, high]: Interval, [from, to]: Interval, count = 6): Scale {
  const span = high - low || 1;
  const place = (value: number): number => from + (to - from) * (value - low) / span;
  return Object.assign(place, { ticks: linearTicks(low, high, count) });
}

/**
 * A logarithmic scale.
 *
 * @param domain the values at the ends, both > 0, from the lesser to the greater
 * @param range their places
 * @param count at most about how many ticks
 */
export function logScale([low, high]: Interval, [from, to]: Interval, count = 8): Scale {
  const span = Math.log(high / low) || 1;
  const place = (value: number): number => from + (to - from) * Math.log(value / low) / span;
  return Object.assign(place, { ticks: logTicks(low, high, count) });
}

/** A tick as text: 0.001, 12000, 1e-6. */
export function tickText(tick: number): string {
  const size = Math.abs(tick);
  if (size === 0 || (size >= 1e-3 && size < 1e6)) return String(tick);
  return tick.toExponential().replace("e+", "e");
}
