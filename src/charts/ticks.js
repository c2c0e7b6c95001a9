/**
 * Round values to mark on an axis. They are counted in whole numbers, so that no rounding can keep a loop
 * from its end, whatever the ends are.
 *
 * @module
 */

/** Lengths of time between marks, in seconds. */
const DURATIONS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600];
const DAY = 86400;

/**
 * Multiples of 1, 2 or 5 times a power of ten, within two ends.
 * @param {number} low
 * @param {number} high
 * @param {number} count about how many
 * @returns {number[]}
 */
export function linearTicks(low, high, count) {
  const span = high - low;
  if (!(span > 0 && Number.isFinite(span))) return [low];
  const power = Math.floor(Math.log10(span / count));
  const step = [1, 2, 5, 10].find((digit) => decimal(digit, power) * count >= span) ?? 10;
  // Whole numbers times a power of ten, so that 3 * 0.1 is 0.3.
  const gap = decimal(step, power), first = Math.ceil(low / gap - 1e-9);
  const last = Math.floor(high / gap + 1e-9);
  const ticks = Array.from(
    { length: Math.min(4 * count, Math.max(0, last - first + 1)) },
    (_, i) => decimal((first + i) * step, power),
  );
  // Where two marks lie closer than numbers do, one of them is left.
  return [...new Set(ticks)];
}

/**
 * Powers of ten within two ends, every second one or every third if they are many, with 2 and 5 times if
 * few; round values as on a linear axis where that leaves less than two.
 * @param {number} low above 0
 * @param {number} high
 * @param {number} count at most about how many
 * @returns {number[]}
 */
export function logTicks(low, high, count) {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  const every = Math.max(1, Math.ceil((last - first) / count));
  const digits = 3 * (last - first) <= count ? [1, 2, 5] : [1];
  /** @type {number[]} */
  const ticks = [];
  for (let power = Math.ceil(first / every) * every; power <= last; power += every) {
    for (const digit of digits) {
      const tick = decimal(digit, power);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  if (ticks.length >= 2) return ticks;
  const linear = linearTicks(low, high, count).filter((tick) => tick > 0);
  return linear.length > ticks.length ? linear : ticks;
}

/**
 * Round lengths of time within two ends, in seconds.
 * @param {number} low
 * @param {number} high
 * @param {number} count about how many
 * @returns {number[]}
 */
export function timeTicks(low, high, count) {
  const gap = DURATIONS.find((gap) => gap * count >= high - low) ??
    DAY * Math.ceil((high - low) / count / DAY);
  const first = Math.ceil(low / gap), last = Math.floor(high / gap);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * gap);
}

/**
 * `digits` times ten to the `power`, correctly rounded.
 * @param {number} digits
 * @param {number} power
 */
function decimal(digits, power) {
  return Number(`${digits}e${power}`);
}
