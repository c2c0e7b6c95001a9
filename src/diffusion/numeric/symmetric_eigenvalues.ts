/** Iterations of QL for one eigenvalue; 2 or 3 are usual. */
const MOST_ITERATIONS = 60;

/**
 * The eigenvalues of a symmetric matrix, the largest first. Householder's reduction to a tridiagonal
 * matrix, then QL with implicit shifts, as EISPACK's tred1 and imtql1: about 4/3 n^3 multiplications.
 * Their error is a few times 2^-53 of the largest in absolute value, times sqrt(n).
 *
 * @param matrix row by row, size^2 finite numbers; only the lower triangle is looked at; left as it is
 * @throws {RangeError} if it is no such matrix
 */
export function symmetricEigenvalues(matrix: ArrayLike<number>, size: number): Float64Array {
  const doing = "Cannot compute eigenvalues";
  if (matrix.length !== size * size) {
    throw new RangeError(
      `${doing}: a matrix of size ${size} must have ${size * size} numbers, got ${matrix.length}`,
    );
  }
  const work = Float64Array.from(matrix);
  const scale = work.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!Number.isFinite(scale)) throw new RangeError(`${doing}: the numbers must be finite`);
  if (scale === 0) return new Float64Array(size);
  // Neither the squares of the largest numbers overflow, nor do those of the smallest vanish.
  for (let i = 0; i < work.length; i++) work[i]! /= scale;
  const { diagonal, beside } = tridiagonal(work, size);
  qlIterations(diagonal, beside);
  return diagonal.sort().reverse().map((value) => value * scale);
}

/** The diagonal and, from entry 1 on, what stands left of it, of a similar tridiagonal matrix. */
function tridiagonal(
  a: Float64Array,
  size: number,
): { diagonal: Float64Array; beside: Float64Array } {
  const diagonal = new Float64Array(size), beside = new Float64Array(size);
  const q = new Float64Array(size);
  for (let i = size - 1; i > 0; i--) {
    // The reflection by v takes the row left of the diagonal to (0, …, 0, beside[i]).
    const v = a.subarray(i * size, i * size + i);
    diagonal[i] = a[i * size + i]!;
    let square = 0;
    for (let k = 0; k < i - 1; k++) square += v[k]! * v[k]!;
    const last = v[i - 1]!;
    if (square === 0) {
      beside[i] = last;
      continue;
    }
    const norm = Math.sqrt(square + last * last), to = last > 0 ? -norm : norm;
    beside[i] = to;
    v[i - 1] = last - to;
    reflect(a, size, v, norm * (norm + Math.abs(last)), q);
  }
  diagonal[0] = a[0]!;
  return { diagonal, beside };
}

/** Replaces the leading matrix A by H A H, H = 1 - v v' / h, of which the lower triangle is kept. */
function reflect(
  a: Float64Array,
  size: number,
  v: Float64Array,
  h: number,
  q: Float64Array,
): void {
  const n = v.length;
  q.fill(0, 0, n);
  for (let j = 0; j < n; j++) { // q = A v
    const row = j * size, vj = v[j]!;
    let sum = a[row + j]! * vj;
    for (let k = 0; k < j; k++) {
      const value = a[row + k]!;
      sum += value * v[k]!;
      q[k]! += value * vj;
    }
    q[j]! += sum;
  }
  let product = 0;
  for (let j = 0; j < n; j++) product += v[j]! * (q[j]! /= h);
  const half = product / (2 * h);
  for (let j = 0; j < n; j++) q[j]! -= half * v[j]!;
  for (let j = 0; j < n; j++) {
    const row = j * size, vj = v[j]!, qj = q[j]!;
    for (let k = 0; k <= j; k++) a[row + k]! -= vj * q[k]! + qj * v[k]!;
  }
}

/** Turns the diagonal of a tridiagonal matrix into its eigenvalues. */
function qlIterations(d: Float64Array, beside: Float64Array): void {
  const n = d.length, e = new Float64Array(n);
  e.set(beside.subarray(1)); // e[i] stands between d[i] and d[i + 1]
  for (let l = 0; l < n; l++) {
    for (let iteration = 0;; iteration++) {
      let m = l;
      while (
        m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))
      ) {
        m++;
      }
      if (m === l) break;
      if (iteration === MOST_ITERATIONS) {
        throw new RangeError(
          `Cannot compute eigenvalues: no convergence in ${iteration} iterations`,
        );
      }
      qlSweep(d, e, l, m);
    }
  }
}

/** One implicit QL step on the block from l to m. */
function qlSweep(d: Float64Array, e: Float64Array, l: number, m: number): void {
  const slope = (d[l + 1]! - d[l]!) / (2 * e[l]!), root = Math.hypot(slope, 1);
  let g = d[m]! - d[l]! + e[l]! / (slope + (slope < 0 ? -root : root));
  let sine = 1, cosine = 1, moved = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = sine * e[i]!, b = cosine * e[i]!;
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) { // an eigenvalue came out in the middle of the block
      d[i + 1]! -= moved;
      e[m] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1]! - moved;
    const s = (d[i]! - g) * sine + 2 * cosine * b;
    moved = sine * s;
    d[i + 1] = g + moved;
    g = cosine * s - b;
  }
  d[l]! -= moved;
  e[l] = g;
  e[m] = 0;
}
