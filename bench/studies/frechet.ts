import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** Mean and covariance of rows of numbers. */
export interface Moments {
  readonly mean: readonly number[];
  readonly covariance: Matrix;
}

/** Mean and unbiased covariance of at least two rows of `dimensions` numbers. */
export function momentsOf(rows: ArrayLike<number>, dimensions: number): Moments {
  const n = rows.length / dimensions;
  const mean = new Array<number>(dimensions).fill(0);
  for (let i = 0; i < rows.length; i++) mean[i % dimensions]! += rows[i]! / n;
  const covariance = Matrix.zeros(dimensions, dimensions);
  const centred = new Float64Array(dimensions);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < dimensions; j++) centred[j] = rows[i * dimensions + j]! - mean[j]!;
    for (let j = 0; j < dimensions; j++) {
      for (let k = j; k < dimensions; k++) {
        covariance.set(j, k, covariance.get(j, k) + centred[j]! * centred[k]! / (n - 1));
      }
    }
  }
  for (let j = 0; j < dimensions; j++) {
    for (let k = 0; k < j; k++) covariance.set(j, k, covariance.get(k, j));
  }
  return { mean, covariance };
}

/**
 * Frechet distance of two normal distributions, squared as in FID (arXiv 1706.08500):
 * `|m - n|^2 + tr(A + B - 2 (A^(1/2) B A^(1/2))^(1/2))`.
 */
export function frechetDistance(p: Moments, q: Moments): number {
  const shift = p.mean.reduce((sum, m, i) => sum + (m - q.mean[i]!) ** 2, 0);
  const root = squareRoot(p.covariance);
  const product = root.mmul(q.covariance).mmul(root);
  const cross = eigenvalues(product).reduce((sum, l) => sum + Math.sqrt(Math.max(0, l)), 0);
  return shift + p.covariance.trace() + q.covariance.trace() - 2 * cross;
}

function eigenvalues(matrix: Matrix): number[] {
  return decompose(matrix).realEigenvalues;
}

function squareRoot(matrix: Matrix): Matrix {
  const { eigenvectorMatrix: vectors, realEigenvalues } = decompose(matrix);
  const roots = realEigenvalues.map((l) => Math.sqrt(Math.max(0, l)));
  return vectors.mmul(Matrix.diag(roots)).mmul(vectors.transpose());
}

function decompose(matrix: Matrix): EigenvalueDecomposition {
  const symmetric = Matrix.add(matrix, matrix.transpose()).mul(0.5);
  return new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
}
