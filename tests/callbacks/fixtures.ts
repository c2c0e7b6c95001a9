import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { normal } from "../support/random.ts";

/** A small dense denoiser with seeded weights: inputs [x_t, t], and a condition if asked for. */
export function denseDenoiser(dimensions = 2, conditionSize = 0, units = 16): tfl.LayersModel {
  const x = tfl.input({ shape: [dimensions] }), t = tfl.input({ shape: [1] });
  const conditions = conditionSize > 0 ? [tfl.input({ shape: [conditionSize] })] : [];
  const dense = (size: number, seed: number, activation?: "tanh") =>
    tfl.layers.dense({
      units: size,
      activation,
      kernelInitializer: tfl.initializers.glorotUniform({ seed }),
    });
  const all = tfl.layers.concatenate().apply([x, t, ...conditions]) as tfl.SymbolicTensor;
  const hidden = dense(units, 1, "tanh").apply(all);
  const outputs = dense(dimensions, 2).apply(hidden) as tfl.SymbolicTensor;
  return tfl.model({ inputs: [x, t, ...conditions], outputs });
}

/** Seeded standard normal data. */
export function gaussianData(rows: number, dimensions = 2, seed = 3): tf.Tensor2D {
  const next = normal(seed);
  return tf.tensor2d(Float32Array.from({ length: rows * dimensions }, next), [rows, dimensions]);
}

/** What a data set yields: tensors by the names of inputs, or one tensor; and labels. */
export interface Batch {
  readonly xs: tf.Tensor | Record<string, tf.Tensor>;
  readonly ys: tf.Tensor;
}

type Dataset = Parameters<tfl.LayersModel["fitDataset"]>[0];

/** A data set whose batches are made when they are asked for; `fitDataset` disposes of them. */
export function dataset(batches: number, make: (batch: number) => Batch): Dataset {
  return {
    iterator: () => {
      let batch = 0;
      return Promise.resolve({
        next: () =>
          Promise.resolve(
            batch < batches ? { value: make(batch++), done: false } : { value: null, done: true },
          ),
      });
    },
  } as unknown as Dataset;
}

/** Counts how often the present backend is read while `body` runs. */
export async function countReads(body: () => Promise<void>): Promise<number> {
  const backend = tf.engine().backend;
  const original = backend.read;
  let count = 0;
  backend.read = function (...args) {
    count++;
    return original.apply(this, args);
  };
  try {
    await body();
  } finally {
    backend.read = original;
  }
  return count;
}

/** Runs `body` with console.warn recorded in place of printed. */
export async function warnings(body: () => Promise<void> | void): Promise<string[]> {
  const original = console.warn, seen: string[] = [];
  console.warn = (...args: unknown[]) => void seen.push(args.join(" "));
  try {
    await body();
  } finally {
    console.warn = original;
  }
  return seen;
}
