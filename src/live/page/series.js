/**
 * A series of numbers over training steps that stays bounded: beyond {@link MOST_POINTS} points,
 * neighbours are merged in pairs, and what comes later is collected in as many. What a series holds
 * depends on the sequence of its points alone, so that the server and every page agree.
 *
 * @module
 */

/** The most points that a series holds; even. */
export const MOST_POINTS = 4000;

/** @typedef {import("../data.ts").Bucket} Bucket */
/** @typedef {import("../data.ts").Series} Series */

/**
 * A series without points.
 * @param {string} name
 * @returns {Series}
 */
export function emptySeries(name) {
  return { name, stride: 1, x: [], y: [], low: [], high: [], rest: null };
}

/**
 * Adds a point.
 * @param {Series} series
 * @param {number} x
 * @param {number | null} y
 */
export function addPoint(series, x, y) {
  if (series.stride === 1) {
    series.x.push(x);
    series.y.push(y);
  } else {
    const rest = series.rest ??= { x, count: 0, sum: 0, finite: 0, low: null, high: null };
    rest.x = x;
    rest.count++;
    if (y !== null) {
      rest.sum += y;
      rest.finite++;
      rest.low = least(rest.low, y);
      rest.high = greatest(rest.high, y);
    }
    if (rest.count < series.stride) return;
    push(series, rest);
    series.rest = null;
  }
  if (series.x.length >= MOST_POINTS) mergePairs(series);
}

/**
 * All points, with what is being collected as the last one.
 * @param {Series} series
 * @returns {Pick<Series, "x" | "y" | "low" | "high">}
 */
export function pointsOf(series) {
  const all = {
    name: series.name,
    stride: series.stride,
    x: [...series.x],
    y: [...series.y],
    low: [...(series.stride === 1 ? series.y : series.low)],
    high: [...(series.stride === 1 ? series.y : series.high)],
    rest: null,
  };
  if (series.rest !== null) push(all, series.rest);
  return all;
}

/**
 * The last value that is known, or null.
 * @param {Series | undefined} series
 * @returns {number | null}
 */
export function lastOf(series) {
  if (series === undefined) return null;
  const { rest, y } = series;
  if (rest !== null && rest.finite > 0) return rest.sum / rest.finite;
  return y.at(-1) ?? null;
}

/**
 * @param {Series} series
 * @param {Bucket} bucket
 */
function push(series, { x, sum, finite, low, high }) {
  series.x.push(x);
  series.y.push(finite === 0 ? null : rounded(sum / finite));
  series.low.push(low);
  series.high.push(high);
}

/** @param {Series} series */
function mergePairs(series) {
  const { x, y } = series;
  const [low, high] = series.stride === 1 ? [y, y] : [series.low, series.high];
  const count = Math.floor(x.length / 2);
  const places = Array.from({ length: count }, (_, i) => 2 * i);
  series.low = places.map((i) => least(low[i] ?? null, low[i + 1] ?? null));
  series.high = places.map((i) => greatest(high[i] ?? null, high[i + 1] ?? null));
  series.y = places.map((i) => mean(y[i] ?? null, y[i + 1] ?? null));
  series.x = places.map((i) => x[i + 1] ?? 0);
  series.stride *= 2;
}

/**
 * @param {number | null} a
 * @param {number | null} b
 */
function mean(a, b) {
  if (a === null || b === null) return a ?? b;
  return rounded((a + b) / 2);
}

/**
 * @param {number | null} a
 * @param {number | null} b
 */
function least(a, b) {
  return a === null || b === null ? a ?? b : Math.min(a, b);
}

/**
 * @param {number | null} a
 * @param {number | null} b
 */
function greatest(a, b) {
  return a === null || b === null ? a ?? b : Math.max(a, b);
}

/**
 * To as many digits as a float32 has.
 * @param {number} value
 */
export function rounded(value) {
  return Number(value.toPrecision(7));
}
