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

/** Multiples of 1, 2 or 5 times a power of ten. */
function linearTicks(low: number, high: number, count: number): number[] {
  const span = high - low;
  if (!(span > 0 && Number.isFinite(span))) return [low];
  const power = Math.floor(Math.log10(span / count));
  const step = [1, 2, 5, 10].find((digit) => digit * 10 ** power * count >= span) ?? 10;
  // Whole numbers times a power of ten, so that 3 * 0.1 is 0.3.
  const [first, last] = [low, high].map((end) => end / (step * 10 ** power)) as [number, number];
  const ticks: number[] = [];
  for (let i = Math.ceil(first - 1e-9); i <= last + 1e-9; i++) ticks.push(decimal(i * step, power));
  return ticks;
}

/** Powers of ten, every second one or every third if they are many, with 2 and 5 times if few. */
function logTicks(low: number, high: number, count: number): number[] {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  const every = Math.ceil((last - first) / count);
  const digits = 3 * (last - first) <= count ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = Math.ceil(first / every) * every; power <= last; power += every) {
    for (const digit of digits) {
      const tick = decimal(digit, power);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/** `digits` times ten to the `power`, correctly rounded. */
function decimal(digits: number, power: number): number {
  return Number(`${digits}e${power}`);
}

/** A tick as text: 0.001, 12000, 1e-6. */
export function tickText(tick: number): string {
  const size = Math.abs(tick);
  if (size === 0 || (size >= 1e-3 && size < 1e6)) return String(tick);
  return tick.toExponential().replace("e+", "e");
}
