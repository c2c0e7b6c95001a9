import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { learningRateChart, type SweepPoints } from "../src/charts/learning_rate_chart.ts";
import { copyOptimizer } from "../src/optimizers/copy_optimizer.ts";
import { withoutLeaks } from "../src/optimizers/gradients.ts";
import { setLearningRate } from "../src/optimizers/learning_rate.ts";
import {
  DivergenceWatch,
  smoothed,
  type Suggestions,
  suggestRates,
  sweepRates,
} from "../src/schedules/rate_sweep.ts";
import { type Batches, batchesOf, type TrainingData } from "../src/training/batches.ts";
import { partsOf, trainedModel } from "../src/training/model_parts.ts";
import { snapshotModel } from "../src/training/model_snapshot.ts";
import {
  decayRate,
  flag,
  type OptionTable,
  positive,
  resolveOptions,
  whole,
} from "../src/options/options.ts";
import { pure } from "../src/pure.ts";

/** Options of {@linkcode findLearningRate}. */
export interface FindLearningRateOptions {
  /**
   * The first rate, a finite number > 0.
   * @default 1e-7
   */
  readonly minRate?: number;
  /**
   * The last rate, a finite number above `minRate`.
   * @default 10
   */
  readonly maxRate?: number;
  /**
   * Steps from the first to the last rate, a whole number >= 10.
   * @default 100
   */
  readonly steps?: number;
  /**
   * Rows in a batch of `[x, y]`, a whole number >= 1. A data set brings its own batches.
   * @default 32
   */
  readonly batchSize?: number;
  /**
   * Whether to take the rows of `[x, y]` in random order, new each time they are over.
   * @default true
   */
  readonly shuffle?: boolean;
  /**
   * Seed of that order, a whole number >= 0.
   * @default 0
   */
  readonly seed?: number;
  /**
   * How much the smoothed loss at a step counts that of the next one, in [0, 1).
   * @default 0.8
   */
  readonly smoothing?: number;
  /**
   * The sweep stops when the running mean of the loss is so many times its least: a finite number > 1.
   * @default 4
   */
  readonly divergence?: number;
  /**
   * Callbacks that the loss needs in order to train, such as an ERD: classes, not plain objects. Those
   * with `getState` and `setState` are put back into their state.
   * @default none
   */
  readonly callbacks?: readonly tfl.Callback[];
}

const OWNER = "a learning rate sweep";

const OPTIONS: OptionTable<Required<FindLearningRateOptions>> = /* @__PURE__ */ pure(() => ({
  minRate: positive(1e-7),
  maxRate: positive(10),
  steps: whole(100, 10),
  batchSize: whole(32, 1),
  shuffle: flag(true),
  seed: whole(0, 0),
  smoothing: decayRate(0.8),
  divergence: {
    fallback: 4,
    rule: "must be a finite number > 1",
    accepts: (value) => typeof value === "number" && Number.isFinite(value) && value > 1,
  },
  callbacks: {
    fallback: [],
    rule: "must be a list of class callbacks",
    accepts: (value) =>
      Array.isArray(value) && value.every((callback) => callback instanceof tfl.Callback),
  },
}));

/** What {@linkcode findLearningRate} finds. */
export interface LearningRateSweep extends SweepPoints {
  /** The picture of the sweep, the text of an SVG file. */
  chart(): string;
}

const DOING = "find a learning rate";

/**
 * The learning rate range test (arXiv 1506.01186): trains for some steps at rates that grow from very
 * small to very large, until the loss explodes. Model and optimizer are left as they were, bit for bit,
 * also after an error: the steps are made by a copy of the optimizer, and the weights are put back.
 *
 * @param model a compiled model
 * @param data `[x, y]` as for `fit`, or a data set as for `fitDataset`; used again from the start if it
 * is over
 * @param options rates, steps, batches and smoothing
 * @throws {RangeError} if an option is out of its range
 * @throws {TypeError} if there is no such option
 * @throws {Error} if the model is not compiled or is being fitted, or the data do not fit it
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { findLearningRate, momentum } from "@signalfit/tfjs";
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * const optimizer = momentum();
 * model.compile({ optimizer, loss: "meanSquaredError" });
 * const x = tf.randomNormal([256, 2], 0, 1, "float32", 1), y = tf.sum(x, 1, true);
 * const { suggestion } = await findLearningRate(model, [x, y]);
 * if (suggestion !== null) optimizer.learningRate = suggestion;
 * ```
 */
export async function findLearningRate(
  model: tfl.LayersModel,
  data: TrainingData,
  options: FindLearningRateOptions = {},
): Promise<LearningRateSweep> {
  const resolved = resolveFindOptions(options);
  const trained = trainedModel(model), parts = partsOf(trained);
  if (!parts.optimizer_) throw new Error(`Cannot ${DOING}: the model must be compiled first`);
  if (parts.isTraining) throw new Error(`Cannot ${DOING}: the model is being fitted`);

  parts.isTraining = true;
  const undo: (() => void | Promise<void>)[] = [() => void (parts.isTraining = false)];
  try {
    const batches = await batchesOf(DOING, trained, data, resolved);
    undo.push(() => batches.dispose());
    const snapshot = snapshotModel(trained);
    undo.push(() => snapshot.restore());
    for (const callback of resolved.callbacks) undo.push(await restorerOf(callback));
    const { optimizer, dispose } = await copyOptimizer(parts.optimizer_, resolved.minRate);
    undo.push(dispose);
    parts.optimizer_ = optimizer;
    return await sweep(trained, batches, resolved);
  } finally {
    await all(undo.reverse());
  }
}

/** Trains at growing rates. */
async function sweep(
  model: tfl.LayersModel,
  batches: Batches,
  options: Required<FindLearningRateOptions>,
): Promise<LearningRateSweep> {
  const { minRate, maxRate, steps, smoothing, divergence, callbacks } = options;
  const { makeTrainFunction, optimizer_: optimizer } = partsOf(model);
  const train = makeTrainFunction.call(model);
  const rates: number[] = [], losses: number[] = [];
  const watch = new DivergenceWatch(smoothing, divergence);
  let diverged = false;

  for (const callback of callbacks) {
    callback.setParams({ epochs: 1, steps, verbose: 0, doValidation: false, metrics: ["loss"] });
    callback.setModel(model);
  }
  for (const callback of callbacks) await callback.onTrainBegin();
  for (const callback of callbacks) await callback.onEpochBegin(0);
  for (const [batch, rate] of sweepRates(minRate, maxRate, steps).entries()) {
    setLearningRate(optimizer!, rate);
    const tensors = await batches.next(), size = tensors[0]!.shape[0]!;
    let results: tf.Tensor[] = [], loss: number;
    try {
      for (const callback of callbacks) await callback.onBatchBegin(batch, { batch, size });
      results = withoutLeaks(() => tf.tidy(() => train(tensors)));
      loss = (await results[0]!.data())[0]!;
    } finally {
      tf.dispose([...tensors, ...results]);
    }
    for (const callback of callbacks) await callback.onBatchEnd(batch, { batch, size, loss });
    diverged = watch.see(loss);
    if (Number.isFinite(loss)) {
      rates.push(rate);
      losses.push(loss);
    }
    if (diverged) break;
  }
  for (const callback of callbacks) await callback.onEpochEnd(0, {});
  for (const callback of callbacks) await callback.onTrainEnd();
  return result(rates, losses, smoothing, diverged);
}

function result(
  rates: readonly number[],
  losses: readonly number[],
  smoothing: number,
  diverged: boolean,
): LearningRateSweep {
  const curve = smoothed(losses, smoothing);
  const { steepest, valley, minimum }: Suggestions = suggestRates(rates, curve);
  const found = { rates, losses, smoothed: curve, suggestion: steepest, valley, minimum, diverged };
  return { ...found, chart: () => learningRateChart(found) };
}

/** Puts a callback back into its present state, if it can give and take one, as an ERD can. */
async function restorerOf(callback: tfl.Callback): Promise<() => void | Promise<void>> {
  const stateful = callback as Partial<{
    getState(): unknown;
    setState(state: unknown): void | Promise<void>;
  }>;
  if (stateful.getState === undefined || stateful.setState === undefined) return () => {};
  const state = await stateful.getState();
  return () => stateful.setState!(state);
}

/** Runs all, whatever happens; the first error is thrown at the end. */
async function all(tasks: readonly (() => void | Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const task of tasks) {
    try {
      await task();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** All options, checked. */
function resolveFindOptions(
  given: FindLearningRateOptions,
): Required<FindLearningRateOptions> {
  const options = resolveOptions<Required<FindLearningRateOptions>>(OWNER, OPTIONS, given);
  const { minRate, maxRate } = options;
  if (maxRate <= minRate) {
    throw new RangeError(
      `Cannot create ${OWNER}: maxRate must be above minRate, ${minRate}, got ${maxRate}`,
    );
  }
  return options;
}
