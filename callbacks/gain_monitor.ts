import * as tf from "@tensorflow/tfjs-core";
import { observeFilter } from "../src/optimizers/observe_filter.ts";
import { type OptionTable, resolveOptions, whole } from "../src/options/options.ts";
import { pure } from "../src/pure.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

/** Options of {@linkcode GainMonitor}. */
export interface GainMonitorOptions {
  /**
   * Look at every so many steps, and at the first: a whole number >= 1.
   * @default 50
   */
  readonly everySteps?: number;
}

const OPTIONS: OptionTable<Required<GainMonitorOptions>> = /* @__PURE__ */ pure(() => ({
  everySteps: whole(50),
}));

/** Mean and quantiles of a number over the parameters of a variable. */
export interface Distribution {
  /** The mean. */
  readonly mean: number;
  /** The 10 %, 50 % and 90 % quantiles, of up to 256 parameters evenly apart. */
  readonly quantiles: readonly [number, number, number];
}

/** The filter in one variable. */
export interface VariableGain {
  /** The variable's name. */
  readonly variable: string;
  /** The filter's gain K before its power gamma, in [0, 1): near 0 the mean is trusted, near 1 the gradient. */
  readonly gain: Distribution;
  /** Square of the gradient's mean over its variance, >= 0. */
  readonly signalToNoise: Distribution;
}

/** What a {@linkcode GainMonitor} saw at a step. */
export interface GainRecord {
  /** The optimizer's step, counted from 1. */
  readonly step: number;
  /** What was seen of each variable, in the model's order. */
  readonly variables: readonly VariableGain[];
}

/**
 * Watches the filter while a model is fitted: its gain and the gradients' signal-to-noise ratio, by
 * variable. Works with every optimizer that filters (`sgdf`, `adamf`, `filter: true`). Looking costs
 * two passes over the gradients and one read, at every `everySteps` steps; nothing between.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import { GainMonitor, sgdf } from "@signalfit/tfjs";
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: sgdf({ learningRate: 0.1 }), loss: "meanSquaredError" });
 * const monitor = new GainMonitor({ everySteps: 2 });
 * const [x, y] = [tf.randomNormal([32, 2]), tf.randomNormal([32, 1])];
 * await model.fit(x, y, { batchSize: 8, callbacks: [monitor], verbose: 0 });
 * console.assert(monitor.records.map(({ step }) => step).join() === "1,3");
 * console.assert(monitor.records[0]!.variables.length === 2); // kernel and bias
 * ```
 */
export class GainMonitor extends OwnCallback {
  readonly #everySteps: number;
  #records: GainRecord[] = [];
  #pending: { step: number; names: string[]; numbers: tf.Tensor } | undefined;

  /**
   * Prepares the callback; nothing happens before a fit begins.
   *
   * @param options see {@linkcode GainMonitorOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: GainMonitorOptions = {}) {
    super();
    const { everySteps } = resolveOptions<Required<GainMonitorOptions>>(
      "GainMonitor",
      OPTIONS,
      options,
    );
    this.#everySteps = everySteps;
  }

  /** What was seen, the latest last. */
  get records(): readonly GainRecord[] {
    return this.#records;
  }

  /** The latest record by layer, weights and biases together; no layers before the first. */
  report(): { layers: { name: string; gain: number; snr: number }[] } {
    const groups = new Map<string, VariableGain[]>();
    for (const each of this.#records.at(-1)?.variables ?? []) {
      const name = each.variable.replace(/\/[^/]*$/, "");
      groups.set(name, [...groups.get(name) ?? [], each]);
    }
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    return {
      layers: [...groups].map(([name, group]) => ({
        name,
        gain: mean(group.map(({ gain }) => gain.mean)),
        snr: mean(group.map(({ signalToNoise }) => signalToNoise.mean)),
      })),
    };
  }

  /** The records as plain data. */
  getState(): { records: GainRecord[] } {
    return structuredClone({ records: this.#records });
  }

  /** Takes up records that `getState` gave. */
  setState({ records }: { records: readonly GainRecord[] }): void {
    this.#records = structuredClone([...records]);
  }

  /** Forgets what a broken-off fit has left. */
  override onTrainBegin(): Promise<void> {
    this.#drop();
    return Promise.resolve();
  }

  /** Asks the optimizer for what it sees at this step, if it is the step's turn. */
  override onBatchBegin(): Promise<void> {
    const { optimizer } = this.model;
    if (optimizer.iterations % this.#everySteps !== 0) return Promise.resolve();
    observeFilter(optimizer, (observed) => {
      this.#drop();
      this.#pending = {
        step: optimizer.iterations + 1,
        names: observed.map(({ variable }) => variable),
        numbers: tf.tidy(() =>
          tf.keep(tf.concat(observed.flatMap(({ gain, signalToNoise }) => [
            summary(gain),
            summary(signalToNoise),
          ])))
        ),
      };
    });
    return Promise.resolve();
  }

  /** Writes the step's gains down. */
  override async onBatchEnd(): Promise<void> {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    const numbers = [...await pending.numbers.data()];
    pending.numbers.dispose();
    const next = (): Distribution => {
      const [mean, count] = numbers.splice(0, 2) as [number, number];
      const sorted = numbers.splice(0, count).sort((a, b) => a - b);
      const quantile = (q: number) => sorted[Math.round(q * (sorted.length - 1))]!;
      return { mean, quantiles: [quantile(0.1), quantile(0.5), quantile(0.9)] };
    };
    const variables = pending.names.map((variable) => ({
      variable,
      gain: next(),
      signalToNoise: next(),
    }));
    this.#records.push({ step: pending.step, variables });
  }

  #drop(): void {
    this.#pending?.numbers.dispose();
    this.#pending = undefined;
  }
}

/** Values that quantiles are taken from. */
const SAMPLE = 256;

/** The mean, how many values follow, and values evenly apart. */
function summary(values: tf.Tensor): tf.Tensor {
  const flat = tf.reshape(values, [-1]);
  const stride = Math.ceil(flat.size / SAMPLE);
  const sample = stride === 1 ? flat : tf.stridedSlice(flat, [0], [flat.size], [stride]);
  return tf.concat([tf.reshape(tf.mean(flat), [1]), tf.tensor1d([sample.size]), sample]);
}
