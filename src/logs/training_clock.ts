import { isWhole } from "../options/options.ts";

/** Counts over all fits, plain data for JSON. */
export interface ClockState {
  /** What these data are, with their version: others are refused. */
  readonly format: "signalfit-clock-1";
  /** Epochs and batches that have ended. */
  readonly epochs: number;
  /** Number of steps that were taken so far. */
  readonly steps: number;
}

/**
 * Counts epochs and batches over all fits. tfjs counts epochs anew in each fit, unless it is told an
 * initialEpoch; here they go on.
 */
export class TrainingClock {
  #epochs = 0;
  #steps = 0;
  #rate: number | undefined;

  /** Epochs that have ended. */
  get epochs(): number {
    return this.#epochs;
  }

  /** Batches that have ended. */
  get steps(): number {
    return this.#steps;
  }

  /** The learning rate of the last batch that began, if the optimizer tells it. */
  get rate(): number | undefined {
    return this.#rate;
  }

  /** Notes the learning rate that a batch is trained with. */
  beginBatch(rate: number | undefined): void {
    this.#rate = rate;
  }

  /** Counts a batch; gives its number, from 1. */
  endBatch(): number {
    return ++this.#steps;
  }

  /**
   * The number of the present epoch, from 0.
   *
   * @param epoch what tfjs calls it
   */
  epoch(epoch: number): number {
    return Math.max(epoch, this.#epochs);
  }

  /** Counts an epoch; gives its number, from 0. */
  endEpoch(epoch: number): number {
    const present = this.epoch(epoch);
    this.#epochs = present + 1;
    return present;
  }

  /** The counts as plain data. */
  getState(): ClockState {
    return { format: "signalfit-clock-1", epochs: this.#epochs, steps: this.#steps };
  }

  /**
   * Goes on from saved counts.
   *
   * @param owner the callback, for messages
   * @throws {Error} if they are none; nothing has changed then
   */
  setState(owner: string, state: ClockState): void {
    if (state?.format !== "signalfit-clock-1") {
      throw new Error(
        `Cannot restore ${owner}: the format must be "signalfit-clock-1", got ${state?.format}`,
      );
    }
    checkCounts(owner, state);
    this.restore(state);
  }

  /** Goes on from counts that were checked. */
  restore({ epochs, steps }: { readonly epochs: number; readonly steps: number }): void {
    this.#epochs = epochs;
    this.#steps = steps;
  }
}

/**
 * Checks the counts of a state.
 *
 * @throws {Error} naming the field, the rule and the value
 */
export function checkCounts(
  owner: string,
  state: { readonly epochs: number; readonly steps: number },
): void {
  for (const name of ["epochs", "steps"] as const) {
    if (isWhole(state[name])) continue;
    throw new Error(
      `Cannot restore ${owner}: ${name} must be a whole number >= 0, got ${state[name]}`,
    );
  }
}
