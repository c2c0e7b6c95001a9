import type * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";

/** How far a training run is. */
export interface Progress {
  /** Epoch, counted from 1. */
  readonly epoch: number;
  /** Batches done in this epoch. */
  readonly batch: number;
  /** Mean loss of this epoch so far. */
  readonly loss: number;
  /** Share of right answers in this epoch so far, 0 to 1. */
  readonly accuracy: number;
}

/** What a {@link ProgressCallback} reports to. */
export interface ProgressOptions {
  /** Called a few times a second, and with `isEpochEnd` at the end of each epoch. */
  readonly onProgress: (progress: Progress, isEpochEnd: boolean) => void;
  /** Stops the training after the batch at hand when aborted. */
  readonly signal: AbortSignal;
}

type BatchLogs = Parameters<tfl.Callback["onBatchEnd"]>[1];

/** Time between two reports, in milliseconds. */
const REPORT_EVERY = 200;

/**
 * Records the loss of every batch and reports progress.
 *
 * A class, not a plain object of functions: for those tfjs waits for every value in the logs at
 * every batch, which stalls a GPU. Here the values stay on the device until the next report and are
 * then read together.
 */
export class ProgressCallback extends tfl.Callback {
  /** Loss of each batch, of all epochs. */
  readonly losses: number[] = [];
  readonly #options: ProgressOptions;
  #unread: { loss: tf.Tensor; accuracy: tf.Tensor; size: number }[] = [];
  #epoch = 0;
  #batch = 0;
  #images = 0;
  #lossSum = 0;
  #rightSum = 0;
  #lastReport = 0;

  constructor(options: ProgressOptions) {
    super();
    this.#options = options;
  }

  override onEpochBegin(epoch: number): Promise<void> {
    this.#epoch = epoch + 1;
    this.#batch =
      this.#images =
      this.#lossSum =
      this.#rightSum =
        0;
    return Promise.resolve();
  }

  override async onBatchEnd(batch: number, logs?: BatchLogs): Promise<void> {
    this.#batch = batch + 1;
    const { loss, acc, size } = logs as { loss: tf.Tensor; acc: tf.Tensor; size: number };
    this.#unread.push({ loss: loss.clone(), accuracy: acc.clone(), size });
    if (this.#options.signal.aborted) {
      this.model.stopTraining = true;
    } else if (performance.now() - this.#lastReport > REPORT_EVERY) {
      await this.#report(false);
    }
  }

  override async onEpochEnd(): Promise<void> {
    if (this.#options.signal.aborted) this.model.stopTraining = true;
    await this.#report(true);
  }

  async #report(isEpochEnd: boolean): Promise<void> {
    this.#lastReport = performance.now();
    const unread = this.#unread;
    this.#unread = [];
    const values = await Promise.all(unread.map(({ loss, accuracy }) => read(loss, accuracy)));
    for (const [index, [loss, accuracy]] of values.entries()) {
      const { size } = unread[index]!;
      this.losses.push(loss);
      this.#images += size;
      this.#lossSum += loss * size;
      this.#rightSum += accuracy * size;
    }
    if (this.#images === 0) return;
    this.#options.onProgress({
      epoch: this.#epoch,
      batch: this.#batch,
      loss: this.#lossSum / this.#images,
      accuracy: this.#rightSum / this.#images,
    }, isEpochEnd);
  }
}

async function read(loss: tf.Tensor, accuracy: tf.Tensor): Promise<[number, number]> {
  const [[lossValue], [accuracyValue]] = await Promise.all([loss.data(), accuracy.data()]);
  loss.dispose();
  accuracy.dispose();
  return [lossValue!, accuracyValue!];
}
