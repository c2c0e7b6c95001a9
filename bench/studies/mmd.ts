/** Bandwidths of the kernel, in units of the data. */
const BANDWIDTHS = [0.1, 0.2, 0.5, 1, 2] as const;

/**
 * Squared maximum mean discrepancy of two sets of points, without bias (arXiv 0805.2368, U-statistic):
 * 0 on average where both are drawn from one distribution, and then as often below 0 as above.
 * The kernel is the mean of `exp(-|x - y|^2 / (2 h^2))` over h = 0.1, 0.2, 0.5, 1 and 2.
 *
 * @param x, y rows of `dimensions` numbers, at least two rows each
 */
export function squaredMmd(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  dimensions: number,
): number {
  return meanKernel(x, x, dimensions) + meanKernel(y, y, dimensions) -
    2 * meanKernel(x, y, dimensions);
}

/** The mean of the kernel over all pairs; of one set with itself, over pairs of different rows. */
function meanKernel(x: ArrayLike<number>, y: ArrayLike<number>, d: number): number {
  const [n, m] = [x.length / d, y.length / d], same = x === y;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = same ? i + 1 : 0; j < m; j++) {
      let square = 0;
      for (let k = 0; k < d; k++) square += (x[i * d + k]! - y[j * d + k]!) ** 2;
      for (const h of BANDWIDTHS) {
        const exponent = square / (2 * h * h);
        if (exponent < 40) sum += Math.exp(-exponent);
      }
    }
  }
  return sum / BANDWIDTHS.length / (same ? n * (n - 1) / 2 : n * m);
}
