import type * as tfl from "@tensorflow/tfjs-layers";
import { presentRate } from "../src/optimizers/learning_rate.ts";
import type { Logs } from "../src/logs/resolve_logs.ts";
import { type ClockState, TrainingClock } from "../src/logs/training_clock.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

/** From which batch on a learning rate was trained with. */
export interface RateChange {
  /** The batch, counted from 1 over all fits. */
  readonly step: number;
  /** The rate from that step on. */
  readonly learningRate: number;
}

/**
 * Writes the optimizer's learning rate into the logs of an epoch as "lr", so that it stands in the history
 * and in whatever callback comes later: the rate that the epoch's last batch was trained with. Every
 * change between batches is kept in `changes`. It works with all optimizers that have a numeric
 * `learningRate`: this library's and those of `tf.train`. Place it after a callback that sets the rate.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { adamf, LearningRateLogger } from "@signalfit/tfjs";
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: adamf({ learningRate: 0.01 }), loss: "meanSquaredError" });
 * const callbacks = [new LearningRateLogger()];
 * const { history } = await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { verbose: 0, callbacks });
 * console.assert(history.lr![0] === 0.01);
 * ```
 */
export class LearningRateLogger extends OwnCallback {
  readonly #clock = new TrainingClock();
  #changes: RateChange[] = [];
  #last = NaN;

  /** The rates by batch: one entry for each batch whose rate is not that of the batch before. */
  get changes(): readonly RateChange[] {
    return this.#changes;
  }

  /** The rate that a batch was trained with, counted from 1 over all fits; undefined before the first. */
  at(step: number): number | undefined {
    return this.#changes.findLast((change) => change.step <= step)?.learningRate;
  }

  /** Forgets all rates. */
  reset(): void {
    this.#changes = [];
    this.#last = NaN;
    this.#clock.restore({ epochs: 0, steps: 0 });
  }

  /** The count of batches as plain data; the rates are not saved. */
  getState(): ClockState {
    return this.#clock.getState();
  }

  /**
   * Goes on counting from a saved state, and forgets all rates.
   *
   * @throws {Error} if it is no such state; nothing has changed then
   */
  setState(state: ClockState): void {
    this.#clock.setState("LearningRateLogger", state);
    this.#changes = [];
    this.#last = NaN;
  }

  /** Refuses an optimizer without a learning rate. */
  override onTrainBegin(): Promise<void> {
    const { optimizer } = this.model;
    if (presentRate(optimizer) !== undefined) return Promise.resolve();
    return Promise.reject(
      new TypeError(
        `Cannot log the learning rate of ${optimizer.getClassName()}: ` +
          `its learningRate must be a number, got ${
            (optimizer as { learningRate?: unknown }).learningRate
          }`,
      ),
    );
  }

  /** Notes the rate of the step to come. */
  override onBatchBegin(): Promise<void> {
    const rate = presentRate(this.model.optimizer)!;
    if (rate !== this.#last) {
      // A batch that was never finished leaves its place to the next.
      const step = this.#clock.steps + 1;
      if (this.#changes.at(-1)?.step === step) this.#changes.pop();
      if (this.#changes.at(-1)?.learningRate !== rate) {
        this.#changes.push({ step, learningRate: rate });
      }
      this.#last = rate;
    }
    return Promise.resolve();
  }

  /** Counts the batch. */
  override onBatchEnd(): Promise<void> {
    this.#clock.endBatch();
    return Promise.resolve();
  }

  /** Adds the rate to the epoch's logs. */
  override onEpochEnd(epoch: number, logs?: tfl.Logs | Logs): Promise<void> {
    this.#clock.endEpoch(epoch);
    if (logs !== undefined && this.#changes.length > 0) (logs as Logs).lr = this.#last;
    return Promise.resolve();
  }
}
