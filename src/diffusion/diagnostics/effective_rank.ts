import * as tf from "@tensorflow/tfjs-core";
import { gram } from "../numeric/gram.ts";
import { symmetricEigenvalues } from "../numeric/symmetric_eigenvalues.ts";

/** Square of the relative rounding of float32: features that vary by less are constant. */
const ROUNDING = 2 ** -46;

/**
 * The effective rank of features: how many directions their variation fills.
 *
 * The features of n samples are flattened to a matrix [n, d] and centred (each column less its mean);
 * with its singular values s_i and `p_i = s_i / sum_j s_j`, the effective rank is
 * `exp(-sum_i p_i log p_i)` (Roy and Vetterli 2007; for diffusion models arXiv 2605.10790). It is k for k
 * orthogonal directions of equal size, at most `min(n - 1, d)`, and 0 for features that are the same, up
 * to the rounding of float32, for all samples. It grows with n until n is well above the rank: compare
 * only what was measured on equally many samples.
 *
 * One reading of the device. The rest is done on the host in float64, by way of the products of all
 * pairs of rows or columns, whichever are fewer (`min(n, d)`): singular values below about 1e-7 of the
 * largest, which is as fine as float32 features are, count as 0. In float32 the products would drown all
 * below 1e-3. 256 samples of 12544 features take about a second.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { effectiveRank } from "@signalfit/tfjs/diffusion";
 *
 * const features = tf.tensor2d([[1, 0, 5], [-1, 0, 5], [0, 1, 5], [0, -1, 5]]);
 * assert.ok(Math.abs(await effectiveRank(features) - 2) < 1e-9);
 * features.dispose();
 * ```
 *
 * @param features [n, ...], n >= 2 samples; not disposed
 * @throws {RangeError} if there are fewer samples, no features, or numbers that are not finite
 */
export async function effectiveRank(features: tf.Tensor): Promise<number> {
  if (!(features instanceof tf.Tensor)) {
    throw new RangeError(`${DOING}: features must be a tensor, got ${features}`);
  }
  if (features.rank < 2) {
    throw new RangeError(
      `${DOING}: features must have the shape [n, ...], got [${features.shape}]`,
    );
  }
  checkCounts(features.shape[0]!, features.size);
  return matrixRank(await features.data<"float32">(), features.shape[0]!);
}

const DOING = "Cannot compute the effective rank";

function checkCounts(samples: number, size: number): void {
  if (samples < 2) {
    throw new RangeError(`${DOING}: there must be at least 2 samples, got ${samples}`);
  }
  if (size === 0) throw new RangeError(`${DOING}: there must be at least 1 feature, got 0`);
}

/** The effective rank of a matrix given row by row; see {@linkcode effectiveRank}. */
export function matrixRank(values: ArrayLike<number>, samples: number): number {
  checkCounts(samples, values.length);
  const { columns, isConstant } = centredColumns(values, samples);
  if (isConstant) return 0;
  const vectors = columns.length <= samples ? columns : transposed(columns);
  const squares = symmetricEigenvalues(gram(vectors), vectors.length);
  const least = squares[0]! * vectors.length * Number.EPSILON;
  return entropyRank(squares.map((square) => square > least ? Math.sqrt(square) : 0));
}

/** `exp(-sum p log p)` of numbers >= 0 divided by their sum; 0 if all are 0. */
export function entropyRank(values: ArrayLike<number>): number {
  let sum = 0, entropy = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  if (sum === 0) return 0;
  for (let i = 0; i < values.length; i++) {
    const p = values[i]! / sum;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return Math.exp(entropy);
}

function centredColumns(
  values: ArrayLike<number>,
  samples: number,
): { columns: Float64Array[]; isConstant: boolean } {
  const count = values.length / samples;
  let varying = 0, all = 0;
  const columns = Array.from({ length: count }, (_, j) => {
    const column = new Float64Array(samples);
    let sum = 0;
    for (let i = 0; i < samples; i++) {
      const value = column[i] = values[i * count + j]!;
      sum += value;
      all += value * value;
    }
    for (let i = 0; i < samples; i++) varying += (column[i]! -= sum / samples) ** 2;
    return column;
  });
  if (!Number.isFinite(all)) {
    const bad = Array.from(values).find((value) => !Number.isFinite(value));
    throw new RangeError(`${DOING}: all features must be finite, got ${bad}`);
  }
  return { columns, isConstant: varying <= ROUNDING * all };
}

function transposed(columns: readonly Float64Array[]): Float64Array[] {
  const rows = Array.from({ length: columns[0]!.length }, () => new Float64Array(columns.length));
  columns.forEach((column, j) => column.forEach((value, i) => rows[i]![j] = value));
  return rows;
}
