import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import type { Dataset, Rows } from "../data/dataset.ts";
import type { Pair } from "./tensors.ts";

/** How good a model is at a set of rows. */
export interface Score {
  /** Mean cross-entropy; of numbers, the mean squared error as the model sees it. */
  readonly loss: number;
  /** Share of right answers, 0 to 1. */
  readonly accuracy?: number;
  /** Root of the mean squared error, in the unit of what is predicted. */
  readonly rmse?: number;
  /** Mean absolute error, in the same unit. */
  readonly mae?: number;
  /** Share of the variance that is explained, at most 1; none where all rows have the same number. */
  readonly r2?: number;
}

/** Rows that are scored at a time. */
const BATCH_SIZE = 512;

/** Compiles a model for what is to be learned. */
export function compile(model: tfl.LayersModel, optimizer: tf.Optimizer, dataset: Dataset): void {
  const isClasses = dataset.task === "classification";
  model.compile({
    optimizer,
    loss: isClasses ? "categoricalCrossentropy" : "meanSquaredError",
    metrics: [isClasses ? "accuracy" : "mae"],
  });
}

/** Scores a compiled model. */
export async function scoreOf(
  model: tfl.LayersModel,
  { x, y }: Pair,
  dataset: Dataset,
  rows: Rows,
): Promise<Score> {
  const results = model.evaluate(x, y, { batchSize: BATCH_SIZE }) as tf.Scalar[];
  const values = await Promise.all(results.map(async (result) => (await result.data())[0]!));
  tf.dispose(results);
  const [loss = NaN, metric = NaN] = values;
  if (dataset.task === "classification") return { loss, accuracy: metric };
  const scale = dataset.table?.target.scale ?? 1, variance = varianceOf(rows.targets);
  return {
    loss,
    rmse: Math.sqrt(loss) * scale,
    mae: metric * scale,
    ...variance > 0 ? { r2: 1 - loss / variance } : {},
  };
}

/** What a score says, for people: "loss 0.081, accuracy 97.50 %". */
export function describe(score: Score): string {
  const { loss, accuracy, rmse, mae, r2 } = score;
  const parts = [`loss ${short(loss)}`];
  if (accuracy !== undefined) parts.push(`accuracy ${(100 * accuracy).toFixed(2)} %`);
  if (rmse !== undefined) parts.push(`RMSE ${short(rmse)}`);
  if (mae !== undefined) parts.push(`mean absolute error ${short(mae)}`);
  if (r2 !== undefined) parts.push(`R² ${r2.toFixed(3)}`);
  return parts.join(", ");
}

/** A number with four digits. */
export function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}

function varianceOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
