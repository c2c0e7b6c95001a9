/** How often values lie in buckets side by side. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  /** Number of values, their sum and the sum of their squares. */
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
  /** The upper end of each bucket; the first begins at `min`. */
  readonly limits: readonly number[];
  readonly counts: readonly number[];
  /** Values that are NaN or infinite, in no bucket. */
  readonly nonFinite: number;
}

/** Buckets, as in TensorFlow's summaries. */
const BUCKETS = 30;

/** A histogram of the finite values, in buckets of equal width from the least to the greatest. */
export function histogramOf(values: ArrayLike<number>, buckets = BUCKETS): Histogram {
  let [min, max, count, sum, squares] = [Infinity, -Infinity, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    count++;
    sum += value;
    squares += value * value;
  }
  const nonFinite = values.length - count;
  if (count === 0) {
    return { min: 0, max: 0, count, sum, squares, limits: [0], counts: [0], nonFinite };
  }
  if (min === max) {
    return { min, max, count, sum, squares, limits: [max], counts: [count], nonFinite };
  }
  const counts = Array<number>(buckets).fill(0), scale = buckets / (max - min);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    counts[Math.min(buckets - 1, Math.floor((value - min) * scale))]!++;
  }
  const limits = counts.map((_, b) => b === buckets - 1 ? max : min + (b + 1) / scale);
  return { min, max, count, sum, squares, limits, counts, nonFinite };
}
