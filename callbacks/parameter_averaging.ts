import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { pure } from "../src/pure.ts";
import {
  decayRate,
  type OptionTable,
  positive,
  resolveOptions,
  whole,
} from "../src/options/options.ts";
import type { NamedTensor } from "../src/optimizers/saved_weights.ts";
import { meet } from "../src/parallel/meeting.ts";
import { type TeamFit, teamFitOf } from "../src/parallel/team_fit.ts";
import { batchesBefore } from "../src/training/epoch_start.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

/** The step that is made with the averages, as in DiLoCo (arXiv 2311.08105). */
export interface OuterOptions {
  /**
   * Learning rate of Nesterov's method, a finite number > 0, on what the ranks have moved on average.
   * @default 0.7
   */
  readonly learningRate?: number;
  /**
   * Its momentum, in [0, 1).
   * @default 0.9
   */
  readonly momentum?: number;
}

/** Options of {@linkcode ParameterAveraging}. */
export interface ParameterAveragingOptions {
  /**
   * Batches of an epoch between two averagings, a whole number >= 1; there is one at its end in any case.
   * @default 20
   */
  readonly every?: number;
  /**
   * The step that is made with the averages; null takes the averages themselves (local SGD).
   * @default null
   */
  readonly outer?: OuterOptions | null;
}

const NAME = "ParameterAveraging";

const OUTER: OptionTable<Required<OuterOptions>> = /* @__PURE__ */ pure(() => ({
  learningRate: positive(0.7),
  momentum: decayRate(0.9),
}));

const OPTIONS: OptionTable<Required<ParameterAveragingOptions>> = /* @__PURE__ */ pure(() => ({
  every: whole(20, 1),
  outer: {
    fallback: null,
    rule: "must be an object such as { learningRate: 0.7, momentum: 0.9 }, or null",
    accepts: (value) => value === null || typeof value === "object",
  },
}));

/** Ends the names of saved tensors. */
const ANCHOR = "/anchor", MOMENTUM = "/momentum";

/**
 * Lets each rank of a team train on its own rows and averages the parameters now and then, at the end of a
 * batch: local SGD (arXiv 1805.09767), and DiLoCo (arXiv 2311.08105) with `outer`. That is the way on WebGPU,
 * whose numbers come to those who wait, and on slow networks: it takes 1 / `every` of the traffic of
 * `distributed`, in whose place it stands. The run is another one than that of a single rank.
 *
 * It comes after a `TeamCallback`. Each rank keeps an optimizer's state of its own; a checkpoint has that
 * of rank 0, and is best taken when parameters have just been averaged (`everySteps` a multiple of `every`,
 * or the end of an epoch).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { adamw, trainingBatches } from "@signalfit/tfjs";
 * import { joinMpi, ParameterAveraging, TeamCallback } from "@signalfit/tfjs/mpi";
 *
 * const team = await joinMpi();
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: adamw(), loss: "meanSquaredError" });
 * const data = trainingBatches(tf.ones([64, 2]), tf.ones([64, 1]), { batchSize: 16, team });
 * const averaging = new ParameterAveraging({ every: 2, outer: {} });
 * const callbacks = [new TeamCallback(team), averaging];
 * await model.fitDataset(data, { epochs: 2, verbose: 0, callbacks });
 * ```
 */
export class ParameterAveraging extends OwnCallback {
  readonly #every: number;
  readonly #outer: Required<OuterOptions> | null;
  #fit: TeamFit | undefined;
  /** The parameters after the last averaging, and what the outer step keeps, by name. */
  #anchor = new Map<string, Float32Array>();
  #momentum = new Map<string, Float32Array>();

  /**
   * Prepares the callback; nothing happens before a fit begins.
   *
   * @param options see {@linkcode ParameterAveragingOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: ParameterAveragingOptions = {}) {
    super();
    const { every, outer } = resolveOptions<Required<ParameterAveragingOptions>>(
      NAME,
      OPTIONS,
      options,
    );
    this.#every = every;
    this.#outer = outer === null
      ? null
      : resolveOptions<Required<OuterOptions>>(`${NAME}'s outer step`, OUTER, outer);
  }

  /** Takes the model whose parameters are averaged. */
  override setModel(model: Parameters<tfl.Callback["setModel"]>[0]): void {
    super.setModel(model);
    this.#fit = teamFitOf(this.model);
    if (this.#fit !== undefined) this.#fit.averages = true;
  }

  /** Refuses to go without a TeamCallback, and notes where the outer optimizer begins. */
  override async onTrainBegin(): Promise<void> {
    if (this.#fit === undefined) {
      throw new Error(`Cannot average parameters: a TeamCallback must stand before ${NAME}`);
    }
    this.#fit.isTogether = true;
    if (this.#outer === null || this.#anchor.size > 0) return;
    for (const { name, values } of await readAll(this.#variables(true))) {
      this.#anchor.set(name, values);
      this.#momentum.set(name, new Float32Array(values.length));
    }
  }

  /** Averages the parameters over the ranks, if it is the batch's turn. */
  override async onBatchEnd(batch: number): Promise<void> {
    const { steps } = this.params as { steps?: number | null };
    const done = batchesBefore(this.model) + batch + 1;
    this.#fit!.isTogether = done % this.#every === 0 || done === steps;
    if (this.#fit!.isTogether) await this.#average();
  }

  /** Averages what was not averaged since. */
  override async onEpochEnd(): Promise<void> {
    if (this.#fit!.isTogether) return;
    await this.#average();
    this.#fit!.isTogether = true;
  }

  /**
   * What the outer step keeps: the parameters after the last averaging, and its momentum; yours to dispose.
   * Nothing without an outer step.
   */
  getWeights(): NamedTensor[] {
    const named = (all: ReadonlyMap<string, Float32Array>, ending: string) =>
      [...all].map(([name, values]) => ({ name: name + ending, tensor: tf.tensor1d(values) }));
    return [...named(this.#anchor, ANCHOR), ...named(this.#momentum, MOMENTUM)];
  }

  /**
   * Goes on from what `getWeights` gave.
   *
   * @param weights not disposed
   */
  async setWeights(weights: readonly NamedTensor[]): Promise<void> {
    const read = async (ending: string) =>
      new Map(
        await Promise.all(
          weights.filter(({ name }) => name.endsWith(ending)).map(async ({ name, tensor }) =>
            [name.slice(0, -ending.length), (await tensor.data<"float32">()).slice()] as const
          ),
        ),
      );
    const [anchor, momentum] = [await read(ANCHOR), await read(MOMENTUM)];
    this.#anchor = anchor;
    this.#momentum = momentum;
  }

  /** The variables that are averaged: those that are trained, or the others that can be. */
  #variables(trained: boolean): tf.Variable[] {
    const { trainableWeights, nonTrainableWeights } = this.model;
    return (trained ? trainableWeights : nonTrainableWeights)
      .map((weight) => weight.read() as tf.Variable)
      .filter(({ dtype }) => dtype === "float32");
  }

  async #average(): Promise<void> {
    const { team } = this.#fit!;
    meet(team, "the averaging of parameters");
    const all = [
      ...await readAll(this.#variables(true)),
      ...await readAll(this.#variables(false)),
    ];
    const packed = new Float32Array(all.reduce((sum, { values }) => sum + values.length, 0));
    let at = 0;
    for (const { values } of all) {
      for (let i = 0; i < values.length; i++) packed[at + i] = values[i]! / team.size;
      at += values.length;
    }
    team.allReduce(packed, "the averaging of parameters");
    at = 0;
    for (const { name, variable, values } of all) {
      const mean = packed.slice(at, at += values.length);
      this.#stepOutside(name, mean);
      const tensor = tf.tensor(mean, variable.shape);
      variable.assign(tensor);
      tensor.dispose();
    }
  }

  /** Makes the outer step of a variable, in the place of its mean over the ranks. */
  #stepOutside(name: string, mean: Float32Array): void {
    const anchor = this.#anchor.get(name), momentum = this.#momentum.get(name);
    if (this.#outer === null || anchor === undefined || momentum === undefined) return;
    const { learningRate, momentum: kept } = this.#outer;
    for (let i = 0; i < mean.length; i++) {
      const moved = anchor[i]! - mean[i]!;
      momentum[i] = kept * momentum[i]! + moved;
      anchor[i] = mean[i] = anchor[i]! - learningRate * (moved + kept * momentum[i]!);
    }
  }
}

/** Copies of the values of variables, all of them asked for before the first is waited for. */
async function readAll(
  variables: readonly tf.Variable[],
): Promise<{ name: string; variable: tf.Variable; values: Float32Array }[]> {
  return await Promise.all(variables.map(async (variable) => ({
    name: variable.name,
    variable,
    values: (await variable.data<"float32">()).slice(),
  })));
}
