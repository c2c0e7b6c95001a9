import type { ResumableData, TrainingBatch, TrainingBatches } from "@signalfit/tfjs";

/**
 * So many steps of training batches, cut into stages of equal length. `fitDataset` takes a stage for an
 * epoch, so that what callbacks do at the end of an epoch happens at equal steps.
 */
export class Stages implements ResumableData {
  /** Number of stages. */
  readonly count: number;
  /** Steps in a stage; the last one may have fewer. */
  readonly size: number;
  /** What tells the images apart from others. */
  readonly #images: string;
  readonly #batches: TrainingBatches;
  readonly #steps: number;
  #next = { stage: 0, step: 0 };

  /**
   * @param batches all images, pass after pass
   * @param options `steps` in all, about `stages` stages, and a name for the images
   */
  constructor(
    batches: TrainingBatches,
    { steps, stages, images }: { steps: number; stages: number; images: string },
  ) {
    this.size = Math.ceil(steps / stages);
    this.count = Math.ceil(steps / this.size);
    this.#batches = batches;
    this.#steps = steps;
    this.#images = images;
  }

  /** What the order of the batches depends on. */
  get order(): Readonly<Record<string, string | number | boolean>> {
    return { ...this.#batches.order, stage: this.size, images: this.#images };
  }

  /** Steps done when a stage is. */
  endOf(stage: number): number {
    return Math.min(this.#steps, (stage + 1) * this.size);
  }

  seek(stage: number, step: number): void {
    this.#next = { stage, step };
  }

  iterator(): Promise<AsyncIterator<TrainingBatch>> {
    return Promise.resolve(this.#stage());
  }

  async *#stage(): AsyncGenerator<TrainingBatch, void> {
    const { stage, step } = this.#next;
    this.#next = { stage: stage + 1, step: 0 };
    const end = this.endOf(stage), { size } = this.#batches;
    let done = stage * this.size + step;
    this.#batches.seek(Math.floor(done / size), done % size);
    while (done < end) {
      const pass = await this.#batches.iterator();
      for (; done < end; done++) {
        const { value } = await pass.next();
        if (value === undefined) break;
        yield value;
      }
    }
  }
}
