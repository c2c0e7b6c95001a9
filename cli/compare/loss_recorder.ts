import * as tfl from "@tensorflow/tfjs-layers";
import { BatchReader } from "../../src/logs/batch_reader.ts";
import type { Logs } from "../../src/logs/resolve_logs.ts";

/** Time between two reports, in milliseconds. */
const REPORT_EVERY = 200;

/** Keeps the loss of every batch, and reports from time to time. */
export class LossRecorder extends tfl.Callback {
  /** The loss of each batch, of all epochs, as far as they have been read. */
  readonly losses: number[] = [];
  readonly #report: (step: number, loss: number | undefined) => void;
  readonly #reader = new BatchReader<null>();
  #step = 0;
  #reported = 0;

  /** @param report is told the steps done and the last loss that is known */
  constructor(report: (step: number, loss: number | undefined) => void) {
    super();
    this.#report = report;
  }

  override async onBatchEnd(_batch: number, logs?: tfl.Logs | Logs): Promise<void> {
    this.#step++;
    this.#reader.keep(null, { loss: (logs as Logs).loss });
    const now = performance.now();
    if (now - this.#reported < REPORT_EVERY) return;
    this.#reported = now;
    this.#add(await this.#reader.take());
    this.#report(this.#step, this.losses.at(-1));
  }

  override async onTrainEnd(): Promise<void> {
    this.#add(await this.#reader.drain());
    this.#report(this.#step, this.losses.at(-1));
  }

  /** Frees what waits on a device, after a fit that threw. */
  dispose(): void {
    this.#reader.dispose();
  }

  #add(rows: readonly { readonly values: Readonly<Record<string, number>> }[]): void {
    for (const { values } of rows) this.losses.push(values.loss ?? NaN);
  }
}
