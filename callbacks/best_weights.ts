import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { copyTensor } from "../src/logs/copy_tensor.ts";
import { isBetter, type MonitorMode, monitorMode, monitorName } from "../src/logs/monitor.ts";
import { type Logs, resolveLogs } from "../src/logs/resolve_logs.ts";
import { TrainingClock } from "../src/logs/training_clock.ts";
import { matchNames } from "../src/optimizers/match_names.ts";
import {
  flag,
  isWhole,
  nonNegative,
  type OptionTable,
  resolveOptions,
  whole,
} from "../src/options/options.ts";
import type { NamedTensor } from "../src/optimizers/saved_weights.ts";
import { pure } from "../src/pure.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

/** Options of {@linkcode BestWeights}. */
export interface BestWeightsOptions {
  /**
   * What to watch: a name in the history of `fit`.
   * @default "val_loss"
   */
  readonly monitor?: string;
  /**
   * Whether less is better ("min") or more ("max"); "auto" takes more for names with "acc", "auc",
   * "precision", "recall" or "f1" in them, else less.
   * @default "auto"
   */
  readonly mode?: MonitorMode;
  /**
   * By how much an epoch must be better than the best one, a finite number >= 0.
   * @default 0
   */
  readonly minDelta?: number;
  /**
   * Epochs at the start that do not count, a whole number >= 0.
   * @default 0
   */
  readonly startFromEpoch?: number;
  /**
   * Put the best weights back when a fit ends.
   * @default true
   */
  readonly restoreAtEnd?: boolean;
}

/** The state of a {@linkcode BestWeights} without its weights, plain data for JSON. */
export interface BestWeightsState {
  /** What these data are, with their version: others are refused. */
  readonly format: "signalfit-best-1";
  /** The best value and its epoch, counted from 0 over all fits; null before the first. */
  readonly best: number | "Infinity" | "-Infinity" | null;
  /** The epoch in which the best value was seen, counted as fit does, or null before any. */
  readonly bestEpoch: number | null;
  /** Epochs that have ended. */
  readonly epochs: number;
}

const NAME = "BestWeights";

const OPTIONS: OptionTable<Required<BestWeightsOptions>> = /* @__PURE__ */ pure(() => ({
  monitor: monitorName("val_loss"),
  mode: monitorMode,
  minDelta: nonNegative(0),
  startFromEpoch: whole(0, 0),
  restoreAtEnd: flag(true),
}));

/**
 * Keeps the weights of the best epoch, on the device, and puts them back when training ends, also on an
 * early stop. All weights are kept, those that are not trained included. An epoch counts with the weights
 * at its end; several fits look for one best epoch. The optimizer's state is left as it is.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { BestWeights } from "@signalfit/tfjs";
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
 * const [x, y] = [tf.ones([8, 2]), tf.ones([8, 1])];
 * const best = new BestWeights({ monitor: "loss" });
 * const stop = tfl.callbacks.earlyStopping({ monitor: "loss", patience: 2 });
 * await best.guard(() => model.fit(x, y, { epochs: 9, verbose: 0, callbacks: [best, stop] }));
 * console.log(best.best, best.bestEpoch);
 * best.dispose();
 * ```
 */
export class BestWeights extends OwnCallback {
  readonly #options: Required<BestWeightsOptions>;
  readonly #clock = new TrainingClock();
  /** Copies of the weights that belong to the best epoch, by variable. */
  #kept = new Map<tf.Variable, tf.Tensor>();
  /** Loaded weights that no variable has claimed, by name. */
  #loaded = new Map<string, tf.Tensor>();
  #best: number | null = null;
  #bestEpoch: number | null = null;
  #warned = false;

  /**
   * Prepares the callback; nothing happens before a fit begins.
   *
   * @param options see {@linkcode BestWeightsOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: BestWeightsOptions = {}) {
    super();
    this.#options = resolveOptions<Required<BestWeightsOptions>>(NAME, OPTIONS, options);
  }

  /** The best value so far, or null before the first. */
  get best(): number | null {
    return this.#best;
  }

  /** The epoch of the best value, counted from 0 over all fits, or null before the first. */
  get bestEpoch(): number | null {
    return this.#bestEpoch;
  }

  /**
   * Puts the best weights back; false if there are none yet. Training ends with this, unless it throws:
   * then call it, or fit under `guard`.
   */
  restore(): boolean {
    this.#claim();
    for (const [variable, tensor] of this.#kept) {
      const own = copyTensor(tensor); // the variable must not share the buffer of what is kept
      variable.assign(own);
      own.dispose();
    }
    return this.#kept.size > 0;
  }

  /**
   * Runs a function that trains, and puts the best weights back if it throws.
   *
   * @param f such as `() => model.fit(x, y, { callbacks: [best] })`
   * @returns what it gives
   */
  async guard<Result>(f: () => Promise<Result>): Promise<Result> {
    try {
      return await f();
    } catch (error) {
      this.restore();
      throw error;
    }
  }

  /** What is known of the best epoch, as plain data; `getWeights` has its weights. */
  getState(): BestWeightsState {
    const best = this.#best === null || Number.isFinite(this.#best)
      ? this.#best
      : this.#best > 0
      ? "Infinity"
      : "-Infinity";
    const { epochs } = this.#clock;
    return { format: "signalfit-best-1", best, bestEpoch: this.#bestEpoch, epochs };
  }

  /**
   * Goes on from a saved state, after `setWeights`.
   *
   * @throws {Error} if it is no such state; nothing has changed then
   */
  setState(state: BestWeightsState): void {
    const refuse = (rule: string, value: unknown): never => {
      throw new Error(`Cannot restore ${NAME}: ${rule}, got ${value}`);
    };
    if (state?.format !== "signalfit-best-1") {
      refuse('the format must be "signalfit-best-1"', state?.format);
    }
    const { bestEpoch, epochs } = state;
    const best = state.best === null ? null : Number(state.best);
    if (best !== null && Number.isNaN(best)) refuse("best must be a number or null", state.best);
    if ((best === null) !== (bestEpoch === null) || !isWhole(bestEpoch ?? 0)) {
      refuse("bestEpoch must be a whole number >= 0, or null with best", bestEpoch);
    }
    if (!isWhole(epochs)) refuse("epochs must be a whole number >= 0", epochs);
    this.#best = best;
    this.#bestEpoch = bestEpoch;
    this.#clock.restore({ epochs, steps: 0 });
  }

  /** Copies of the best weights, named as their variables; yours to dispose. */
  getWeights(): NamedTensor[] {
    return [...this.#kept].map(([{ name }, tensor]) => ({ name, tensor }))
      .concat([...this.#loaded].map(([name, tensor]) => ({ name, tensor })))
      .map(({ name, tensor }) => ({ name, tensor: copyTensor(tensor) }));
  }

  /**
   * Replaces the best weights by saved ones. A model takes up its own when it is fitted, also if its
   * layers' names have gained a suffix since.
   *
   * @param weights what `getWeights` gave; not disposed
   */
  setWeights(weights: readonly NamedTensor[]): void {
    this.#free();
    for (const { name, tensor } of weights) this.#loaded.set(name, copyTensor(tensor));
  }

  /** Frees the weights and forgets the best epoch. */
  dispose(): void {
    this.#free();
    this.#best = this.#bestEpoch = null;
    this.#clock.restore({ epochs: 0, steps: 0 });
  }

  /** Forgets weights that belong to another model; what was best of this one stays. */
  override onTrainBegin(): Promise<void> {
    const variables = new Set(variablesOf(this.model));
    if ([...this.#kept.keys()].some((variable) => !variables.has(variable))) this.dispose();
    this.#claim();
    return Promise.resolve();
  }

  /** Keeps the weights, if the monitored value is the best so far. */
  override async onEpochEnd(epoch: number, logs?: tfl.Logs | Logs): Promise<void> {
    const { monitor, startFromEpoch } = this.#options;
    const values = await resolveLogs(logs as Logs), value = values[monitor];
    const present = this.#clock.endEpoch(epoch);
    if (value === undefined) return this.#warn(Object.keys(values));
    if (present < startFromEpoch || !isBetter(value, this.#best, this.#options)) return;
    this.#free();
    for (const variable of variablesOf(this.model)) {
      this.#kept.set(variable, copyTensor(variable));
    }
    this.#best = value;
    this.#bestEpoch = present;
  }

  /** Puts the best weights into the model, unless told not to. */
  override onTrainEnd(): Promise<void> {
    if (this.#options.restoreAtEnd) this.restore();
    return Promise.resolve();
  }

  /** Gives loaded weights to the variables of the model. */
  #claim(): void {
    if (this.#loaded.size === 0 || !this.model) return;
    const variables = variablesOf(this.model);
    const names = matchNames([...this.#loaded.keys()], variables.map(({ name }) => name));
    for (const { name, shape } of variables) {
      const saved = names.get(name), loaded = this.#loaded.get(saved ?? "");
      if (String(loaded?.shape) === String(shape)) continue;
      throw new Error(
        `Cannot restore ${NAME}: "${name}" must have saved weights of shape [${shape}], got ` +
          (loaded === undefined ? "none" : `[${loaded.shape}]`),
      );
    }
    for (const variable of variables) {
      const saved = names.get(variable.name)!;
      this.#kept.set(variable, this.#loaded.get(saved)!);
      this.#loaded.delete(saved);
    }
  }

  #free(): void {
    tf.dispose([...this.#kept.values(), ...this.#loaded.values()]);
    this.#kept = new Map();
    this.#loaded = new Map();
  }

  #warn(there: readonly string[]): void {
    if (this.#warned) return;
    this.#warned = true;
    const { monitor } = this.#options;
    console.warn(
      `${NAME} watches "${monitor}", but there is only ${there.join(", ") || "nothing"}`,
    );
  }
}

function variablesOf(model: tfl.LayersModel): tf.Variable[] {
  return model.weights.map((weight) => weight.read() as tf.Variable);
}
