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
  /** Called if a run goes on, with the number of batches that it had done. */
  readonly onResume?: (batches: number) => void;
  /** Stops the training after the batch at hand when aborted. */
  readonly signal: AbortSignal;
}

type BatchLogs = Parameters<tfl.Callback["onBatchEnd"]>[1];

/** What a {@link ProgressCallback} has recorded, for a checkpoint. */
export interface ProgressState {
  /** Loss of each batch, of all epochs. */
  readonly losses: readonly number[];
  /** What the epoch at hand has come to. */
  readonly epoch: Sums;
}

/** An epoch so far. */
interface Sums {
  readonly epoch: number;
  readonly batches: number;
  readonly images: number;
  readonly loss: number;
  readonly right: number;
}

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
  #sums: Sums = beginning(0);
  #lastReport = 0;

  constructor(options: ProgressOptions) {
    super();
    this.#options = options;
  }

  /** Mean loss of the last epoch, NaN before the first batch. */
  get meanLoss(): number {
    return this.#sums.loss / this.#sums.images;
  }

  /** What there is, for a run that is resumed. */
  async getState(): Promise<ProgressState> {
    await this.#read();
    return { losses: [...this.losses], epoch: this.#sums };
  }

  /** Goes on from there. */
  setState({ losses, epoch }: ProgressState): void {
    this.losses.splice(0, Infinity, ...losses);
    this.#sums = epoch;
  }

  override onEpochBegin(epoch: number): Promise<void> {
    if (epoch !== this.#sums.epoch) this.#sums = beginning(epoch); // else it was resumed
    return Promise.resolve();
  }

  override async onBatchEnd(_batch: number, logs?: BatchLogs): Promise<void> {
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
    await this.#read();
    const { epoch, batches, images, loss, right } = this.#sums;
    if (images === 0) return;
    this.#options.onProgress(
      { epoch: epoch + 1, batch: batches, loss: loss / images, accuracy: right / images },
      isEpochEnd,
    );
  }

  /** Reads what is still on the device. */
  async #read(): Promise<void> {
    const unread = this.#unread;
    this.#unread = [];
    const values = await Promise.all(unread.map(({ loss, accuracy }) => read(loss, accuracy)));
    for (const [index, [loss, accuracy]] of values.entries()) {
      const { size } = unread[index]!, sums = this.#sums;
      this.losses.push(loss);
      this.#sums = {
        epoch: sums.epoch,
        batches: sums.batches + 1,
        images: sums.images + size,
        loss: sums.loss + loss * size,
        right: sums.right + accuracy * size,
      };
    }
  }
}

function beginning(epoch: number): Sums {
  return { epoch, batches: 0, images: 0, loss: 0, right: 0 };
}

async function read(loss: tf.Tensor, accuracy: tf.Tensor): Promise<[number, number]> {
  const [[lossValue], [accuracyValue]] = await Promise.all([loss.data(), accuracy.data()]);
  loss.dispose();
  accuracy.dispose();
  return [lossValue!, accuracyValue!];
}
