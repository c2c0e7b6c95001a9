import type { Optimizer, Tensor } from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { isBetter, type MonitorMode, monitorMode, monitorName } from "../src/logs/monitor.ts";
import { learningRateOf, setLearningRate } from "../src/optimizers/learning_rate.ts";
import {
  isWhole,
  nonNegative,
  type OptionTable,
  resolveOptions,
  whole,
} from "../src/options/options.ts";
import { pure } from "../src/pure.ts";
import { isWriter } from "../src/parallel/team_fit.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

/** Options of {@linkcode ReduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions {
  /**
   * What to watch: a name in the history of `fit`.
   * @default "val_loss"
   */
  readonly monitor?: string;
  /**
   * What the learning rate is multiplied by, in (0, 1).
   * @default 0.1
   */
  readonly factor?: number;
  /**
   * Epochs without improvement until the rate is reduced, a whole number >= 0.
   * @default 10
   */
  readonly patience?: number;
  /**
   * The least change that is an improvement, a finite number >= 0.
   * @default 0.0001
   */
  readonly minDelta?: number;
  /**
   * Epochs after a reduction in which none is counted, a whole number >= 0.
   * @default 0
   */
  readonly cooldown?: number;
  /**
   * The least learning rate, a finite number >= 0.
   * @default 0
   */
  readonly minLr?: number;
  /**
   * Whether less is better ("min") or more ("max"); "auto" takes more for names with "acc", "auc",
   * "precision", "recall" or "f1" in them, else less.
   * @default "auto"
   */
  readonly mode?: MonitorMode;
  /**
   * 1 prints a line at each reduction.
   * @default 0
   */
  readonly verbose?: 0 | 1;
}

/** The state of a {@linkcode ReduceLROnPlateau}, plain data for JSON. */
export interface ReduceLROnPlateauState {
  /** What these data are, with their version: others are refused. */
  readonly format: "signalfit-plateau-1";
  /** The best value so far, or null before the first. */
  readonly best: number | null;
  /** Epochs without improvement. */
  readonly wait: number;
  /** Epochs left of the cooldown. */
  readonly cooldown: number;
}

const NAME = "ReduceLROnPlateau";

const OPTIONS: OptionTable<Required<ReduceLROnPlateauOptions>> = /* @__PURE__ */ pure(() => ({
  monitor: monitorName("val_loss"),
  factor: {
    fallback: 0.1,
    rule: "must be in (0, 1)",
    accepts: (value) => typeof value === "number" && value > 0 && value < 1,
  },
  patience: whole(10, 0),
  minDelta: nonNegative(1e-4),
  cooldown: whole(0, 0),
  minLr: nonNegative(0),
  mode: monitorMode,
  verbose: { fallback: 0, rule: "must be 0 or 1", accepts: (value) => value === 0 || value === 1 },
}));

/**
 * Reduces the learning rate when what it watches has stopped improving, as the callback of that name in
 * Keras 3. It works with the optimizers of this library and with all of `tf.train`; groups of variables
 * with a rate of their own keep it. The rate of each epoch stands in the history as "lr".
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { adamf, ReduceLROnPlateau } from "@signalfit/tfjs";
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: adamf({ learningRate: 0.1 }), loss: "meanSquaredError" });
 * const { history } = await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), {
 *   epochs: 3,
 *   verbose: 0,
 *   callbacks: [new ReduceLROnPlateau({ monitor: "loss", patience: 0, minDelta: 100 })],
 * });
 * console.assert(history.lr?.[0] === 0.1);
 * console.assert(history.lr?.[2] === 0.1 * 0.1);
 * ```
 */
export class ReduceLROnPlateau extends OwnCallback {
  readonly #options: Required<ReduceLROnPlateauOptions>;
  #best: number | null = null;
  #wait = 0;
  #cooldown = 0;
  /** Whether the state was set, so that the next fit goes on with it. */
  #goesOn = false;
  #warned = false;

  /**
   * Prepares the callback; nothing happens before a fit begins.
   *
   * @param options see {@linkcode ReduceLROnPlateauOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: ReduceLROnPlateauOptions = {}) {
    super();
    this.#options = resolveOptions<Required<ReduceLROnPlateauOptions>>(NAME, OPTIONS, options);
  }

  /** What has been seen so far, as plain data. */
  getState(): ReduceLROnPlateauState {
    const [best, wait, cooldown] = [this.#best, this.#wait, this.#cooldown];
    return { format: "signalfit-plateau-1", best, wait, cooldown };
  }

  /**
   * Takes up a state; the next fit goes on from it, where others start anew. The learning rate itself is
   * the optimizer's.
   *
   * @param state what `getState` gave
   * @throws {Error} if it is none; nothing has changed then
   */
  setState(state: ReduceLROnPlateauState): void {
    const refuse = (rule: string, value: unknown): never => {
      throw new Error(`Cannot restore ${NAME}: ${rule}, got ${value}`);
    };
    if (state?.format !== "signalfit-plateau-1") {
      refuse('the format must be "signalfit-plateau-1"', state?.format);
    }
    const { best, wait, cooldown } = state;
    if (best !== null && !Number.isFinite(best)) {
      refuse("best must be a finite number or null", best);
    }
    if (!isWhole(wait)) refuse("wait must be a whole number >= 0", wait);
    if (!isWhole(cooldown)) refuse("cooldown must be a whole number >= 0", cooldown);
    [this.#best, this.#wait, this.#cooldown] = [best, wait, cooldown];
    this.#goesOn = true;
  }

  /** Checks that the optimizer's rate can be set. */
  // deno-lint-ignore require-await
  override async onTrainBegin(): Promise<void> {
    this.#rate(this.model.optimizer);
    if (!this.#goesOn) [this.#best, this.#wait, this.#cooldown] = [null, 0, 0];
    this.#goesOn = false;
    this.#warned = false;
  }

  /** Lowers the rate, if the monitored value has not improved for long enough. */
  override async onEpochEnd(
    epoch: number,
    logs: tfl.Logs | Record<string, unknown> = {},
  ): Promise<void> {
    const { monitor, patience, cooldown } = this.#options;
    const watched: unknown = logs[monitor];
    this.#warnWithout(logs);
    (logs as Record<string, unknown>).lr = this.#rate(this.model.optimizer);
    if (watched === undefined) return;
    const value = typeof watched === "number" ? watched : (await (watched as Tensor).data())[0]!;

    if (this.#cooldown > 0) this.#cooldown--;
    if (Number.isFinite(value) && isBetter(value, this.#best, this.#options)) {
      this.#best = value;
      this.#wait = 0;
    } else if (this.#cooldown === 0 && ++this.#wait >= patience && this.#reduce(epoch)) {
      this.#cooldown = cooldown;
      this.#wait = 0;
    }
  }

  /** Reduces the learning rate; false if it is as low as it may be. */
  #reduce(epoch: number): boolean {
    const { factor, minLr, verbose } = this.#options, { optimizer } = this.model;
    const old = this.#rate(optimizer), rate = Math.max(old * factor, minLr);
    if (!(old > minLr) || rate === 0) return false;
    setLearningRate(optimizer, rate);
    if (verbose && isWriter(this.model)) {
      console.log(`Epoch ${epoch + 1}: ${NAME} reducing learning rate to ${rate}.`);
    }
    return true;
  }

  #rate(optimizer: Optimizer): number {
    const rate = learningRateOf(optimizer);
    if (rate !== undefined) return rate;
    throw new TypeError(
      `Cannot use ${NAME} with ${optimizer.getClassName()}: its learning rate is no number that can ` +
        `be reduced, as with a schedule. Create it with a number, such as { learningRate: 0.001 }, ` +
        `or leave out the callback`,
    );
  }

  #warnWithout(logs: Readonly<Record<string, unknown>>): void {
    const { monitor } = this.#options;
    if (logs[monitor] !== undefined || this.#warned) return;
    this.#warned = true;
    const there = Object.keys(logs).filter((name) => name !== "lr").join(", ");
    console.warn(`${NAME} watches "${monitor}", but there is only ${there || "nothing"}`);
  }
}
