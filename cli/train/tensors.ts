import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { type Dataset, outputs, type Rows, slice } from "../data/dataset.ts";
import { UsageError } from "../exit_codes.ts";

/** Inputs and what belongs to them. */
export interface Pair {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
}

/** The data as a model takes them. */
export interface Parts {
  readonly train: Pair & { readonly count: number };
  /** Looked at after each epoch, if rows were left out for that. */
  readonly validation: (Pair & { readonly count: number }) | undefined;
  readonly test: Pair;
}

/**
 * The data as tensors of the shape that a model takes; its user disposes of them.
 *
 * @param validationSplit share of the rows to learn from that are left out, the last ones
 */
export function toParts(dataset: Dataset, model: tfl.LayersModel, validationSplit: number): Parts {
  const { train, test } = dataset;
  const { learned, validated } = countsOf(train.count, validationSplit);
  const shape = model.inputs[0]!.shape.slice(1) as number[];
  const pair = (rows: Rows): Pair & { count: number } => ({
    count: rows.count,
    x: tf.tensor(rows.inputs, [rows.count, ...shape]),
    y: tf.tensor2d(targetsOf(rows, dataset), [rows.count, outputs(dataset)]),
  });
  return {
    train: pair(slice(train, 0, learned)),
    validation: validated === 0 ? undefined : pair(slice(train, learned, train.count)),
    test: pair(test),
  };
}

/**
 * How many rows are learned from, and how many are left out for validation.
 *
 * @throws {UsageError} if none would be left to learn from
 */
export function countsOf(rows: number, share: number): { learned: number; validated: number } {
  const validated = share === 0 ? 0 : Math.max(1, Math.round(share * rows));
  if (validated >= rows) {
    throw new UsageError(
      `--validation-split ${share} leaves no row to learn from: there are ${rows}`,
    );
  }
  return { learned: rows - validated, validated };
}

/** Frees tensors that {@link toParts} made. */
export function disposeParts({ train, validation, test }: Parts): void {
  for (const pair of [train, validation, test]) tf.dispose([pair?.x, pair?.y]);
}

/** One column, or one for each class with a 1 at the right one. */
function targetsOf({ targets }: Rows, dataset: Dataset): Float32Array {
  if (dataset.task === "regression") return targets;
  const columns = outputs(dataset), oneHot = new Float32Array(targets.length * columns);
  targets.forEach((label, row) => oneHot[row * columns + label] = 1);
  return oneHot;
}
