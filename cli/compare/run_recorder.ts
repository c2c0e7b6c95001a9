import type * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { BatchReader, type Row } from "@signalfit/tfjs/parts";
import type { Logs } from "@signalfit/tfjs";

/** How far a run is. */
export interface RunProgress {
  /** Steps done. */
  readonly step: number;
  /** The epoch at hand, counted from 1. */
  readonly epoch: number;
  /** The last loss that is known. */
  readonly loss: number | undefined;
  /** Means of the epoch at hand over its rows, as far as they are known, by metric. */
  readonly means: Readonly<Record<string, number>>;
}

/** What a run is told to. */
export interface RunListener {
  /** A few times a second, and at its end. */
  step(progress: RunProgress): void;
  /** At the end of each epoch. */
  epoch(progress: RunProgress): void;
}

/** What has been recorded, for a checkpoint. */
export interface RecorderState {
  readonly losses: readonly number[];
  readonly epoch: Sums;
  readonly milliseconds: number;
  readonly optimizerMilliseconds: number;
}

/** Sums over the rows of an epoch. */
interface Sums {
  readonly epoch: number;
  readonly rows: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Whose a batch is. */
interface Note {
  readonly epoch: number;
  readonly rows: number;
}

/** Time between two reports, in milliseconds. */
const REPORT_EVERY = 200;

const beginning = (epoch: number): Sums => ({ epoch, rows: 0, metrics: {} });

/**
 * Keeps the loss of every batch, the means of the epoch and the time that was taken, and reports from
 * time to time. What it knows goes with a checkpoint.
 */
export class RunRecorder extends tfl.Callback {
  /** The loss of each batch, of all epochs, as far as they have been read. */
  readonly losses: number[] = [];
  readonly #listener: RunListener;
  readonly #reader = new BatchReader<Note>();
  readonly #optimizer: { readonly milliseconds: number };
  #epoch: Sums = beginning(0);
  #now = 0;
  #step = 0;
  #reported = 0;
  #began = NaN;
  #milliseconds = 0;
  #optimizerBefore = 0;

  /**
   * @param optimizer its steps are timed from now on
   * @param listener is told how far the run is
   */
  constructor(optimizer: tf.Optimizer, listener: RunListener) {
    super();
    this.#listener = listener;
    this.#optimizer = timeApplyGradients(optimizer);
  }

  /** Mean loss of the last epoch over its rows, NaN before the first batch. */
  get epochLoss(): number {
    return this.#means().loss ?? NaN;
  }

  /** Milliseconds of all steps so far. */
  get milliseconds(): number {
    return this.#milliseconds;
  }

  /** Those of them that the optimizer took. */
  get optimizerMilliseconds(): number {
    return this.#optimizerBefore + this.#optimizer.milliseconds;
  }

  /** What there is, for a run that is resumed. */
  async getState(): Promise<RecorderState> {
    this.#add(await this.#reader.drain());
    this.#tick();
    return {
      losses: [...this.losses],
      epoch: this.#epoch,
      milliseconds: this.#milliseconds,
      optimizerMilliseconds: this.optimizerMilliseconds,
    };
  }

  /** Goes on from there. */
  setState({ losses, epoch, milliseconds, optimizerMilliseconds }: RecorderState): void {
    this.losses.splice(0, Infinity, ...losses);
    this.#step = losses.length;
    this.#epoch = epoch;
    this.#milliseconds = milliseconds;
    this.#optimizerBefore = optimizerMilliseconds - this.#optimizer.milliseconds;
  }

  override onTrainBegin(): Promise<void> {
    this.#began = performance.now();
    return Promise.resolve();
  }

  override onEpochBegin(epoch: number): Promise<void> {
    this.#now = epoch;
    if (epoch !== this.#epoch.epoch) this.#epoch = beginning(epoch); // else it was resumed
    return Promise.resolve();
  }

  override async onBatchEnd(_batch: number, logs?: tfl.Logs | Logs): Promise<void> {
    this.#step++;
    const { size, batch: _, ...metrics } = logs as Logs;
    this.#reader.keep({ epoch: this.#now, rows: Number(size) }, metrics);
    const now = performance.now();
    if (now - this.#reported < REPORT_EVERY) return;
    this.#reported = now;
    this.#add(await this.#reader.take());
    this.#listener.step(this.#progress());
  }

  override async onEpochEnd(): Promise<void> {
    this.#add(await this.#reader.drain());
    this.#listener.epoch(this.#progress());
  }

  override async onTrainEnd(): Promise<void> {
    this.#add(await this.#reader.drain());
    this.#tick();
    this.#listener.step(this.#progress());
  }

  /** Frees what waits on a device, after a fit that threw. */
  dispose(): void {
    this.#reader.dispose();
  }

  #tick(): void {
    const now = performance.now();
    if (!Number.isNaN(this.#began)) this.#milliseconds += now - this.#began;
    this.#began = now;
  }

  #progress(): RunProgress {
    return {
      step: this.#step,
      epoch: this.#now + 1,
      loss: this.losses.at(-1),
      means: this.#means(),
    };
  }

  #means(): Record<string, number> {
    const { rows, metrics } = this.#epoch;
    return Object.fromEntries(
      Object.entries(metrics).map(([name, sum]) => [name, sum / rows]),
    );
  }

  #add(rows: readonly Row<Note>[]): void {
    for (const { note, values } of rows) {
      this.losses.push(values.loss ?? NaN);
      if (note.epoch !== this.#epoch.epoch) continue;
      const metrics = Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          (this.#epoch.metrics[name] ?? 0) + value * note.rows,
        ]),
      );
      this.#epoch = { epoch: note.epoch, rows: this.#epoch.rows + note.rows, metrics };
    }
  }
}

/** Adds up the time that an optimizer spends applying gradients. */
function timeApplyGradients(optimizer: tf.Optimizer): { readonly milliseconds: number } {
  const spent = { milliseconds: 0 };
  const apply = optimizer.applyGradients.bind(optimizer);
  optimizer.applyGradients = (gradients) => {
    const started = performance.now();
    apply(gradients);
    spent.milliseconds += performance.now() - started;
  };
  return spent;
}
