import type { ResumableData } from "@signalfit/tfjs";
import * as tf from "@tensorflow/tfjs-core";
import type { LabelledImages } from "../../cli/data/mnist.ts";
import { Turns } from "../../src/training/stop_signals.ts";
import { randomSource, shuffledIndices } from "./random.ts";

/** What `fitDataset` and `evaluateDataset` take from a data set: one batch. */
export interface Batch {
  readonly xs: tf.Tensor;
  readonly ys: tf.Tensor;
}

/** How images are cut into batches. */
export interface BatchesOptions {
  /** Images in a batch, at least 1; the last one of an epoch may have fewer. */
  readonly batchSize: number;
  /** Number of classes of the one-hot labels. */
  readonly classes: number;
  /** Shape of one image for the model: `[784]` or `[28, 28, 1]`. */
  readonly inputShape: readonly number[];
  /**
   * Seed of the order; it is another one each epoch, which depends on the seed and the epoch alone.
   * @default {the order of the file}
   */
  readonly seed?: number | undefined;
  /** Ends the epoch early when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** What the seeds of two epochs differ by. */
const BETWEEN_EPOCHS = 0x2545f491;

/**
 * Labelled images as a data set for `fitDataset` and `evaluateDataset`.
 *
 * Two instances with the same seed give the same batches in the same order, which `model.fit` with
 * its unseeded shuffle does not, and they can begin with any batch, so that a run can be resumed.
 * Pixels become floats in [0, 1] only in the batch at hand, so MNIST takes 47 MB instead of 188 MB.
 */
export class Batches implements ResumableData {
  /** Batches in an epoch. */
  readonly size: number;
  readonly #images: LabelledImages;
  readonly #options: BatchesOptions;
  #next = { epoch: 0, step: 0 };

  constructor(images: LabelledImages, options: BatchesOptions) {
    this.size = Math.ceil(images.count / options.batchSize);
    this.#images = images;
    this.#options = options;
  }

  /** What the order depends on. */
  get order(): Readonly<Record<string, string | number | boolean>> {
    const { batchSize, seed } = this.#options;
    return { images: this.#images.count, batchSize, ...seed === undefined ? {} : { seed } };
  }

  /** Lets the next epoch be this one, from batch `step` on, both counted from 0. */
  seek(epoch: number, step: number): void {
    this.#next = { epoch, step };
  }

  /** Starts an epoch. */
  iterator(): Promise<AsyncIterator<Batch>> {
    return Promise.resolve(this.#epoch());
  }

  async *#epoch(): AsyncGenerator<Batch, void> {
    const { count } = this.#images;
    const { batchSize, seed, signal } = this.#options;
    const { epoch, step } = this.#next;
    this.#next = { epoch: epoch + 1, step: 0 };
    const order = seed !== undefined
      ? shuffledIndices(count, randomSource(seed + BETWEEN_EPOCHS * epoch))
      : Uint32Array.from({ length: count }, (_, index) => index);
    const turns = new Turns();
    for (let start = step * batchSize; start < count && !signal?.aborted; start += batchSize) {
      await turns.takeIfDue();
      yield this.#batch(order.subarray(start, start + batchSize));
    }
  }

  #batch(indices: Uint32Array): Batch {
    const { pixels, labels } = this.#images;
    const { classes, inputShape } = this.#options;
    const length = inputShape.reduce((product, size) => product * size, 1);
    const xs = new Float32Array(indices.length * length);
    const ys = new Float32Array(indices.length * classes);
    indices.forEach((index, row) => {
      const from = index * length;
      const to = row * length;
      for (let pixel = 0; pixel < length; pixel++) xs[to + pixel] = pixels[from + pixel]! / 255;
      ys[row * classes + labels[index]!] = 1;
    });
    return {
      xs: tf.tensor(xs, [indices.length, ...inputShape]),
      ys: tf.tensor2d(ys, [indices.length, classes]),
    };
  }
}
