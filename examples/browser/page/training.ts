import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";

/** Milliseconds after which the browser gets its turn. */
const TURN_EVERY = 25;

/**
 * Lets a `fit` be paused and ended between batches, and gives the browser its turn. Time that passes in
 * a pause does not count.
 */
export class Turns extends tfl.Callback {
  readonly #onBatch: (step: number, logs: Readonly<Record<string, unknown>>) => Promise<void>;
  #paused: PromiseWithResolvers<void> | undefined;
  #isEnding = false;
  #lastTurn = 0;
  #began = performance.now();
  #idle = 0;
  #step = 0;

  /** @param onBatch called after each batch, counted from 1 */
  constructor(onBatch: (step: number, logs: Readonly<Record<string, unknown>>) => Promise<void>) {
    super();
    this.#onBatch = onBatch;
  }

  /** Whether it is paused. */
  get isPaused(): boolean {
    return this.#paused !== undefined;
  }

  /** Seconds of training so far. */
  get seconds(): number {
    return (performance.now() - this.#began - this.#idle) / 1000;
  }

  /** Training waits after the present batch. */
  pause(): void {
    this.#paused ??= Promise.withResolvers();
  }

  /** Training goes on. */
  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  /** Training ends after the present batch. */
  end(): void {
    this.#isEnding = true;
    this.resume();
  }

  override onTrainBegin(): Promise<void> {
    this.#began = performance.now();
    return Promise.resolve();
  }

  override async onBatchEnd(_batch: number, logs: object = {}): Promise<void> {
    await this.#onBatch(++this.#step, logs as Readonly<Record<string, unknown>>);
    if (performance.now() - this.#lastTurn > TURN_EVERY) {
      await turn();
      this.#lastTurn = performance.now();
    }
    while (this.#paused !== undefined) {
      const since = performance.now();
      await this.#paused.promise;
      this.#idle += performance.now() - since;
    }
    if (this.#isEnding) this.model.stopTraining = true;
  }
}

/** Lets the browser draw, and then do whatever else waits, such as clicks. */
async function turn(): Promise<void> {
  await tf.nextFrame();
  await new Promise((resolve) => setTimeout(resolve));
}

/** A value of the logs of a batch, which may lie on a device. */
export async function valueOf(
  logs: Readonly<Record<string, unknown>>,
  name: string,
): Promise<number> {
  const value = logs[name];
  if (value instanceof tf.Tensor) return (await value.data())[0]!;
  return typeof value === "number" ? value : NaN;
}
