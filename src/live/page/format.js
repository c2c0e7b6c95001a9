/**
 * Numbers for people to read.
 *
 * @module
 */

/** What stands where nothing is known. */
export const NOTHING = "–";

/**
 * About four digits.
 * @param {number | null | undefined} value
 */
export function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return whole(value);
  if (size < 1e-3 || size >= 1e7) {
    return value.toExponential(2).replace("e+", "e").replace(/\.?0+e/, "e");
  }
  if (size >= 1000) return whole(value);
  if (size < 0.01) return String(Number(value.toPrecision(3)));
  return value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4);
}

/**
 * A whole number, in groups of three digits.
 * @param {number | null | undefined} value
 */
export function whole(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  return Math.round(value).toLocaleString("en");
}

/**
 * A part of one.
 * @param {number | null | undefined} value
 */
export function percent(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  return `${(100 * value).toFixed(1)} %`;
}

/**
 * An amount of memory.
 * @param {number | null | undefined} value in bytes
 */
export function bytes(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/**
 * A length of time, such as 2:07 or 1:02:07.
 * @param {number | null | undefined} seconds
 */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NOTHING;
  const all = Math.round(seconds);
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/**
 * A point in time.
 * @param {number} time milliseconds since 1970
 */
export function moment(time) {
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/**
 * A mark on an axis, short.
 * @param {number | null} value
 */
export function tick(value) {
  if (value === null) return "";
  const size = Math.abs(value);
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (size >= 1e4) return `${trimmed(value / 1e3)}k`;
  if (size !== 0 && size < 1e-3) return value.toExponential(1).replace(".0e", "e");
  return trimmed(value);
}

/** @param {number} value */
function trimmed(value) {
  return String(Number(value.toPrecision(4)));
}
