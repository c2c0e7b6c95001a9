import type * as tfl from "@tensorflow/tfjs-layers";
import { BatchReader, type Row } from "./batch_reader.ts";
import { LineLog, type LogState } from "./line_log.ts";
import { writeOnFirstRank } from "../parallel/team_fit.ts";
import { OwnCallback } from "../training/own_callback.ts";

/**
 * A callback that writes lines to a file: of batches, as they are read, and of epochs.
 *
 * @internal
 */
export abstract class BatchLog<Note> extends OwnCallback {
  protected readonly log: LineLog;
  protected readonly reader: BatchReader<Note> = new BatchReader<Note>();
  /** The present epoch, counted from 0 over all fits. */
  protected epoch = 0;

  /**
   * @param owner the callback, for messages
   * @param append whether to keep the lines that are there already
   */
  constructor(owner: string, path: string, append: boolean) {
    super();
    this.log = new LineLog(owner, path, append);
  }

  /** Writes the line of a batch. */
  protected abstract write(row: Row<Note>): void;

  /** Writes the lines that wait, those on a device included. `fit` does this at the end of an epoch. */
  async flush(): Promise<void> {
    await this.drain();
    await this.log.flush();
  }

  /** The position in the file and the counts, as plain data; all lines are written. */
  async getState(): Promise<LogState> {
    await this.drain();
    return await this.log.getState();
  }

  /**
   * Goes on from a saved state: the next fit drops the lines that were written after it.
   *
   * @throws {Error} if it is no such state
   */
  setState(state: LogState): void {
    this.log.setState(state);
    this.reader.dispose();
  }

  override setModel(model: Parameters<tfl.Callback["setModel"]>[0]): void {
    super.setModel(model);
    writeOnFirstRank(this);
  }

  override onEpochBegin(epoch: number): Promise<void> {
    this.epoch = this.log.clock.epoch(epoch);
    return Promise.resolve();
  }

  override onTrainEnd(): Promise<void> {
    return this.flush();
  }

  /** Adds the lines of what has been read, and to the file what has waited long. */
  protected async take(): Promise<void> {
    for (const row of await this.reader.take()) this.write(row);
    await this.log.flushIfDue();
  }

  /** Adds the lines of all that was kept. */
  protected async drain(): Promise<void> {
    for (const row of await this.reader.drain()) this.write(row);
  }
}
