/** Columns that are multiplied at a time, so that a block of all rows stays in the cache. */
const BLOCK = 2048;

/**
 * The products of all pairs of rows, in float64: a symmetric matrix, row by row. The product of two
 * float32 numbers is exact; about 1e9 multiplications a second, half of rows^2 times columns in all.
 */
export function gram(rows: readonly (Float32Array | Float64Array)[]): Float64Array {
  const n = rows.length, length = rows[0]?.length ?? 0;
  const products = new Float64Array(n * n);
  for (let begin = 0; begin < length; begin += BLOCK) {
    const end = Math.min(length, begin + BLOCK);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) products[i * n + j]! += dot(rows[i]!, rows[j]!, begin, end);
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) products[j * n + i] = products[i * n + j]!;
  }
  return products;
}

/** The product of two rows from one column to another; four sums, so that additions overlap. */
function dot(
  x: Float32Array | Float64Array,
  y: Float32Array | Float64Array,
  begin: number,
  end: number,
): number {
  let a = 0, b = 0, c = 0, d = 0, i = begin;
  for (; i + 3 < end; i += 4) {
    a += x[i]! * y[i]!;
    b += x[i + 1]! * y[i + 1]!;
    c += x[i + 2]! * y[i + 2]!;
    d += x[i + 3]! * y[i + 3]!;
  }
  for (; i < end; i++) a += x[i]! * y[i]!;
  return a + b + (c + d);
}
