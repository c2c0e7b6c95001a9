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

  /** Goes on from saved counts. */
  restore({ epochs, steps }: { readonly epochs: number; readonly steps: number }): void {
    this.#epochs = epochs;
    this.#steps = steps;
  }
}
