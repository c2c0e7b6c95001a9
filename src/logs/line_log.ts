import { isWhole } from "../options/options.ts";
import { AppendFile } from "../io/append_file.ts";
import { checkCounts, TrainingClock } from "./training_clock.ts";

/** Lines wait at most so many milliseconds for others before they are written. */
const PATIENCE = 1000;

/** Bytes of a file that tell what it is. */
const HEAD = 1 << 16;

/** The state of a log, plain data for JSON. */
export interface LogState {
  /** What these data are, with their version: others are refused. */
  readonly format: "signalfit-log-1";
  /** Length of the file. */
  readonly bytes: number;
  /** Epochs and batches that have ended. */
  readonly epochs: number;
  /** Number of steps that were taken so far. */
  readonly steps: number;
}

/** A file of lines that a callback writes while a model is fitted. */
export class LineLog {
  readonly clock: TrainingClock = new TrainingClock();
  readonly #owner: string;
  readonly #file: AppendFile;
  readonly #append: boolean;
  #isOpen = false;
  /** The length at which to go on, after a state was set. */
  #goOnAt: number | undefined;

  /**
   * @param owner the callback, for messages
   * @param append whether to keep the lines that are there already
   */
  constructor(owner: string, path: string, append: boolean) {
    this.#owner = owner;
    this.#file = new AppendFile(path);
    this.#append = append;
  }

  /**
   * Makes the file, or takes it up, when the first fit begins.
   *
   * @param check is given the beginning of what is kept, and throws if that is none of ours; nothing has
   * changed then
   */
  async begin(check: (head: string) => void): Promise<void> {
    if (this.#isOpen) return;
    const file = this.#file, goOnAt = this.#goOnAt;
    const keeps = goOnAt !== undefined || this.#append;
    check(keeps ? await file.head(Math.min(goOnAt ?? HEAD, HEAD)) : "");
    let found = await file.open(goOnAt ?? (this.#append ? "lines" : "nothing"));
    if (goOnAt !== undefined && found.missing > 0) {
      console.warn(
        `${this.#owner}: ${file.path} has lost ${found.missing} bytes since the state was saved; ` +
          "the log goes on after its last whole line",
      );
      found = await file.open("lines");
    } else if (goOnAt === undefined && this.#append && found.dropped > 0) {
      console.warn(
        `${this.#owner}: the last line of ${file.path} was cut short; its ${found.dropped} bytes ` +
          "are dropped",
      );
    }
    this.#isOpen = true;
    this.#goOnAt = undefined;
  }

  /** Adds a line, without its end. */
  add(line: string): void {
    this.#file.add(`${line}\n`);
  }

  /** Writes what waits, if it has waited long. */
  async flushIfDue(): Promise<void> {
    if (this.#file.waited >= PATIENCE) await this.#file.flush();
  }

  /** Writes what waits. */
  flush(): Promise<void> {
    return this.#file.flush();
  }

  /** The position as plain data, everything being written. */
  async getState(): Promise<LogState> {
    await this.flush();
    const { epochs, steps } = this.clock;
    const bytes = this.#goOnAt ?? this.#file.bytes;
    return { format: "signalfit-log-1", bytes, epochs, steps };
  }

  /**
   * Goes on at a saved position: the next fit drops lines that were written after it.
   *
   * @throws {Error} if it is no such state; nothing has changed then
   */
  setState(state: LogState): void {
    const refuse = (rule: string, value: unknown): never => {
      throw new Error(`Cannot restore ${this.#owner}: ${rule}, got ${value}`);
    };
    if (state?.format !== "signalfit-log-1") {
      refuse('the format must be "signalfit-log-1"', state?.format);
    }
    if (!isWhole(state.bytes)) refuse("bytes must be a whole number >= 0", state.bytes);
    checkCounts(this.#owner, state);
    this.clock.restore(state);
    this.#goOnAt = state.bytes;
    this.#isOpen = false;
  }
}
