import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import type { WeightSwap } from "../src/diffusion/sampling/sampler.ts";
import { copyTensor } from "../src/logs/copy_tensor.ts";
import { matchNames } from "../src/optimizers/match_names.ts";
import {
  decayRate,
  flag,
  type OptionTable,
  resolveOptions,
  whole,
} from "../src/options/options.ts";
import type { NamedTensor } from "../src/optimizers/saved_weights.ts";
import { pure } from "../src/pure.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

/** Options of {@linkcode EmaWeights}. */
export interface EmaWeightsOptions {
  /**
   * What an update keeps of the average, in [0, 1).
   * @default 0.999
   */
  readonly decay?: number;
  /**
   * Let the decay grow with the number of updates n, as (1 + n) / (10 + n), until it reaches `decay`:
   * the first weights are forgotten quickly.
   * @default true
   */
  readonly warmup?: boolean;
  /**
   * Update after every so many batches, with a decay to match: a whole number >= 1.
   * @default 1
   */
  readonly updateEvery?: number;
  /**
   * Data and labels to evaluate with the averaged weights at the end of each epoch. The results stand in
   * the history as "ema_val_loss" and so on; place the callback before one that watches them, and after
   * an ERD, so that they meet the noise of fit's own validation.
   * @default none
   */
  readonly validationData?: readonly [tf.Tensor | tf.Tensor[], tf.Tensor | tf.Tensor[]] | null;
  /**
   * Batch size of that evaluation, a whole number >= 1.
   * @default 32
   */
  readonly validationBatchSize?: number;
}

/** The state of an {@linkcode EmaWeights} without its averages, plain data for JSON. */
export interface EmaWeightsState {
  /** Tells it from the state of anything else. */
  readonly format: "signalfit-ema-1";
  /** Batches since the last update. */
  readonly batches: number;
}

const OPTIONS: OptionTable<Required<EmaWeightsOptions>> = /* @__PURE__ */ pure(() => ({
  decay: decayRate(0.999),
  warmup: flag(true),
  updateEvery: whole(1),
  validationData: {
    fallback: null,
    rule: "must be [data, labels]",
    accepts: (value) => value === null || (Array.isArray(value) && value.length === 2),
  },
  validationBatchSize: whole(32),
}));

const UPDATES = "EmaWeights/updates";

/**
 * Keeps an exponential moving average of a model's trainable weights while it is fitted, and swaps it in
 * for sampling and validation. The averages stay on the device; an update is three operations a weight.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { EmaWeights } from "@signalfit/tfjs/diffusion";
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
 * const ema = new EmaWeights({ decay: 0.9 });
 * await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { callbacks: [ema], verbose: 0 });
 * const predictions = await ema.run(() => model.predict(tf.ones([1, 2])));
 * ```
 */
export class EmaWeights extends OwnCallback implements WeightSwap {
  readonly #options: Required<EmaWeightsOptions>;
  /** The average of each variable. */
  #averages = new Map<tf.Variable, tf.Tensor>();
  /** Loaded averages that no variable has claimed, by name. */
  #loaded = new Map<string, tf.Tensor>();
  /** The variables' own values, while the averages are swapped in. */
  #own: Map<tf.Variable, tf.Tensor> | undefined;
  #updates = 0;
  #batches = 0;

  /**
   * Makes the callback; the averages begin with the first fit.
   *
   * @param options see {@linkcode EmaWeightsOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: EmaWeightsOptions = {}) {
    super();
    this.#options = resolveOptions<Required<EmaWeightsOptions>>("EmaWeights", OPTIONS, options);
  }

  /** Whether the averages are swapped in. */
  get isSwappedIn(): boolean {
    return this.#own !== undefined;
  }

  /** Number of updates of the averages. */
  get updates(): number {
    return this.#updates;
  }

  /** Starts averages of a model's trainable weights that have none. `fit` does this. */
  attach(model: tfl.LayersModel): void {
    const fresh = model.trainableWeights.map((weight) => weight.read() as tf.Variable)
      .filter((variable) => !this.#averages.has(variable));
    const names = matchNames([...this.#loaded.keys()], fresh.map(({ name }) => name));
    for (const variable of fresh) {
      const saved = names.get(variable.name) ?? "";
      const loaded = this.#loaded.get(saved);
      if (loaded !== undefined && String(loaded.shape) !== String(variable.shape)) {
        throw new Error(
          `Cannot load averages into EmaWeights: "${saved}" must have shape [${variable.shape}], ` +
            `got [${loaded.shape}]`,
        );
      }
      this.#averages.set(variable, loaded ?? copyTensor(variable));
      this.#loaded.delete(saved);
    }
  }

  /** Puts the averages in the place of the weights, until `swapOut`. Training must wait so long. */
  swapIn(): void {
    if (this.#own !== undefined) throw new Error("Cannot swap in averages: they are in already");
    this.#own = new Map();
    for (const [variable, average] of this.#averages) {
      this.#own.set(variable, tf.keep(tf.clone(variable)));
      variable.assign(average);
    }
  }

  /** Puts the weights back that `swapIn` replaced; does nothing without it. */
  swapOut(): void {
    for (const [variable, own] of this.#own ?? []) {
      variable.assign(own);
      own.dispose();
    }
    this.#own = undefined;
  }

  /** Runs a function with the averages swapped in, and swaps them out whatever happens. */
  async run<Result>(f: () => Result | Promise<Result>): Promise<Result> {
    this.swapIn();
    try {
      return await f();
    } finally {
      this.swapOut();
    }
  }

  /** Copies of the averages, named as their variables, and the number of updates; yours to dispose. */
  getWeights(): NamedTensor[] {
    const named = [...this.#averages].map(([{ name }, tensor]) => ({ name, tensor }))
      .concat([...this.#loaded].map(([name, tensor]) => ({ name, tensor })))
      .map(({ name, tensor }) => ({ name, tensor: copyTensor(tensor) }));
    return [{ name: UPDATES, tensor: tf.scalar(this.#updates, "int32") }, ...named];
  }

  /**
   * Replaces all averages by saved ones. A model takes up its own when it is attached or fitted, also if
   * its layers' names have gained a suffix since.
   *
   * @param weights what `getWeights` gave; not disposed
   */
  async setWeights(weights: readonly NamedTensor[]): Promise<void> {
    const updates = (await weights.find(({ name }) => name === UPDATES)?.tensor.data())?.[0];
    if (updates === undefined) {
      throw new Error(`Cannot load averages into EmaWeights: there is no "${UPDATES}" among them`);
    }
    this.dispose();
    this.#updates = updates;
    for (const { name, tensor } of weights) {
      if (name !== UPDATES) this.#loaded.set(name, copyTensor(tensor));
    }
    if (this.model) this.attach(this.model);
  }

  /** Where it stands between two updates, as plain data; `getWeights` has the averages. */
  getState(): EmaWeightsState {
    return { format: "signalfit-ema-1", batches: this.#batches % this.#options.updateEvery };
  }

  /**
   * Goes on from a saved state, after `setWeights`.
   *
   * @throws {Error} if it is no such state; nothing has changed then
   */
  setState(state: EmaWeightsState): void {
    const { format, batches } = state ?? {};
    if (format !== "signalfit-ema-1") {
      throw new Error(
        `Cannot restore EmaWeights: the format must be "signalfit-ema-1", got ${format}`,
      );
    }
    if (!(Number.isSafeInteger(batches) && batches >= 0)) {
      throw new Error(
        `Cannot restore EmaWeights: batches must be a whole number >= 0, got ${batches}`,
      );
    }
    this.#batches = batches;
  }

  /** Swaps out and frees all averages. */
  dispose(): void {
    this.swapOut();
    tf.dispose([...this.#averages.values(), ...this.#loaded.values()]);
    this.#averages = new Map();
    this.#loaded = new Map();
    this.#updates = 0;
    this.#batches = 0;
  }

  /** Attaches the averages to the model. `fit` calls it. */
  override onTrainBegin(): Promise<void> {
    this.attach(this.model);
    return Promise.resolve();
  }

  /** Refuses to train the averaged weights. `fit` calls it. */
  override onBatchBegin(): Promise<void> {
    if (this.#own === undefined) return Promise.resolve();
    return Promise.reject(
      new Error("Cannot train while averaged weights are swapped in: call swapOut() first"),
    );
  }

  /** Updates the averages. `fit` calls it. */
  override onBatchEnd(): Promise<void> {
    if (++this.#batches % this.#options.updateEvery === 0) this.#update();
    return Promise.resolve();
  }

  /** Evaluates with the averages, if there are data for it. `fit` calls it. */
  override async onEpochEnd(
    _epoch: number,
    logs?: tfl.Logs | Record<string, unknown>,
  ): Promise<void> {
    const { validationData, validationBatchSize: batchSize } = this.#options;
    if (validationData === null || logs === undefined) return;
    const [x, y] = validationData;
    const results = await this.run(() => [this.model.evaluate(x, y, { batchSize })].flat());
    this.model.metricsNames.forEach((name, i) => {
      (logs as Record<string, unknown>)[`ema_val_${name}`] = results[i];
    });
  }

  #update(): void {
    const { decay, warmup, updateEvery } = this.#options;
    const n = this.#updates++, full = decay ** updateEvery;
    const keep = warmup ? Math.min(full, (1 + n) / (10 + n)) : full;
    for (const [variable, average] of this.#averages) {
      const next = tf.tidy(() => tf.add(average, tf.mul(tf.sub(variable, average), 1 - keep)));
      this.#averages.set(variable, tf.keep(next));
      average.dispose();
    }
  }
}
