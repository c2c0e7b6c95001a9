/** The mean of some numbers and how far it is off. */
export interface Mean {
  readonly mean: number;
  /** Standard error of the mean; null of a single number. */
  readonly error: number | null;
  readonly count: number;
}

/** Mean and standard error of at least one number. */
export function meanOf(values: readonly number[]): Mean {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: count < 2 ? null : Math.sqrt(squares / (count - 1) / count), count };
}
