import { randomSource, shuffledIndices } from "../lib/random.ts";

/**
 * Which images each step of training sees: all of them in random order, again and again. It depends
 * on the seed and the step alone, so that a run goes on where it stood by its step.
 */
export class BatchOrder {
  readonly #count: number;
  readonly #batchSize: number;
  readonly #seed: number;
  #pass = -1;
  #order: Uint32Array = new Uint32Array(0);

  constructor(options: { count: number; batchSize: number; seed: number }) {
    this.#count = options.count;
    this.#batchSize = options.batchSize;
    this.#seed = options.seed;
  }

  /** The images of `steps` batches from step `first` on, counted from 0. */
  images(first: number, steps: number): Uint32Array {
    const start = first * this.#batchSize;
    return Uint32Array.from(
      { length: steps * this.#batchSize },
      (_, i) => this.#at(start + i),
    );
  }

  #at(position: number): number {
    const pass = Math.floor(position / this.#count);
    if (pass !== this.#pass) {
      this.#order = shuffledIndices(this.#count, randomSource(this.#seed + 7919 * pass));
      this.#pass = pass;
    }
    return this.#order[position % this.#count]!;
  }
}
