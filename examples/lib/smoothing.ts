/** A point of a curve. */
export interface Point {
  /** Step, counted from 1. */
  readonly step: number;
  readonly value: number;
}

/**
 * The running mean of a noisy series: exponentially weighted over about `window` steps, without the
 * bias towards zero at the start. A step that is not a number is left out.
 */
export function runningMean(values: readonly number[], window: number): Point[] {
  const keep = 1 - 1 / window;
  const points: Point[] = [];
  let sum = 0;
  let weight = 0;
  for (const [index, value] of values.entries()) {
    if (!Number.isFinite(value)) continue;
    sum = keep * sum + value;
    weight = keep * weight + 1;
    points.push({ step: index + 1, value: sum / weight });
  }
  return points;
}

/** At most about `count` of the points, evenly spaced, the first and the last among them. */
export function thinned(points: readonly Point[], count: number): Point[] {
  const stride = Math.max(1, Math.ceil((points.length - 1) / (count - 1)));
  return points.filter((_, index) => index % stride === 0 || index === points.length - 1);
}
