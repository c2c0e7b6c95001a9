import * as tf from "@tensorflow/tfjs-core";
import type { Share } from "../../parallel/share.ts";

/** Rows of a batch as numbers, with where they come from. */
export interface BatchRows {
  /** `columns` numbers a sample. */
  readonly rows: Float32Array;
  /** Whether the times were the user's own. */
  readonly packed: boolean;
  /** Which rows of the team's batch they are, until those of the others have joined them. */
  readonly share?: Share | undefined;
}

/** The same before it is read: rows on the device. */
interface DeviceRows {
  readonly rows: tf.Tensor;
  readonly packed: boolean;
  readonly share: Share | undefined;
}

/**
 * Rows of batches that wait on the device until all are read at once. The rows of the batch that is
 * under way are set aside and join the others by `commit`, so that a batch that fails leaves nothing.
 */
export class PendingRows {
  #current: DeviceRows | undefined;
  #read: BatchRows[] = [];
  #onDevice: DeviceRows[] = [];
  /** The last reading, done or not: readings do not overlap. */
  #reading: Promise<void> = Promise.resolve();

  /** Number of batches that wait. */
  get size(): number {
    return this.#read.length + this.#onDevice.length;
  }

  /** Sets aside the rows of the present batch; they may be disposed of by the caller's tidy. */
  set(rows: tf.Tensor, packed: boolean, share?: Share): void {
    this.discard();
    this.#current = { rows: tf.keep(tf.clone(rows)), packed, share };
  }

  /** Lets the rows of the present batch wait; false if there are none. */
  commit(): boolean {
    if (this.#current === undefined) return false;
    this.#onDevice.push(this.#current);
    this.#current = undefined;
    return true;
  }

  /** Forgets the rows of the present batch. */
  discard(): void {
    this.#current?.rows.dispose();
    this.#current = undefined;
  }

  /** All rows that wait, in order, by one reading of the device. They go on waiting. */
  async readAll(): Promise<readonly BatchRows[]> {
    const before = this.#reading;
    const reading = before.then(() => this.#readDevice());
    this.#reading = reading.catch(() => {});
    await reading;
    return this.#read;
  }

  /** What waits and has been read. */
  get read(): readonly BatchRows[] {
    return this.#read;
  }

  /** Replaces all that waits. */
  replace(read: readonly BatchRows[]): void {
    this.discard();
    for (const { rows } of this.#onDevice) rows.dispose();
    this.#onDevice = [];
    this.#read = [...read];
  }

  async #readDevice(): Promise<void> {
    const waiting = this.#onDevice;
    if (waiting.length === 0) return;
    const all = tf.concat(waiting.map(({ rows }) => rows));
    let values: Float32Array;
    try {
      values = await all.data<"float32">();
    } finally {
      all.dispose();
    }
    if (waiting[0]!.rows.isDisposed) return; // replaced in the meantime
    let begin = 0;
    for (const { rows, packed, share } of waiting) {
      this.#read.push({ rows: values.slice(begin, begin += rows.size), packed, share });
      rows.dispose();
    }
    this.#onDevice = this.#onDevice.slice(waiting.length);
  }
}
