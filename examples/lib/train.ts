import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { Batches } from "./batches.ts";
import type { ImageData, LabelledImages } from "./mnist.ts";
import type { ModelEntry } from "./models.ts";
import type { OptimizerEntry, OptimizerExtras, OptimizerName } from "./optimizers.ts";
import { ProgressCallback, type ProgressOptions } from "./progress.ts";

/** What all optimizers are trained on, with the same weights and the same order of batches. */
export interface TrainingTask {
  readonly model: ModelEntry;
  readonly data: ImageData;
  /** Passes over the training images. */
  readonly epochs: number;
  /** Images in a batch. */
  readonly batchSize: number;
  /** Seed of the initial weights and of the order of the images. */
  readonly seed: number;
}

/** What came out of the training with one optimizer. */
export interface TrainingResult {
  /** Name of the optimizer. */
  readonly name: OptimizerName;
  /** The optimizer's options, from its own configuration. */
  readonly hyperparameters: tf.serialization.ConfigDict;
  /** Loss of each batch. */
  readonly losses: readonly number[];
  /** Mean loss of the last epoch, NaN if no batch was done. */
  readonly finalLoss: number;
  /** Share of right answers on the test images, 0 to 1; undefined if it was stopped. */
  readonly testAccuracy: number | undefined;
  /** Mean milliseconds of a step that the optimizer takes to apply the gradients. */
  readonly optimizerMs: number;
  /** Mean milliseconds of a whole step. */
  readonly stepMs: number;
}

/** An optimizer by name, at a learning rate. */
export interface OptimizerChoice {
  readonly name: OptimizerName;
  readonly entry: OptimizerEntry;
  readonly learningRate: number;
  readonly extras?: OptimizerExtras;
  /** Callbacks beside the progress. */
  readonly callbacks?: readonly tfl.Callback[];
}

const PLAIN: OptimizerExtras = { schedule: "constant", steps: 1, clip: undefined };

/** Batches that {@link warmUp} trains on. */
const WARM_UP_BATCHES = 4;

/** Images tested at a time. */
const TEST_BATCH_SIZE = 500;

/** Trains with one optimizer, then tests. */
export async function train(
  task: TrainingTask,
  { name, entry, learningRate, extras = PLAIN, callbacks = [] }: OptimizerChoice,
  options: ProgressOptions,
): Promise<TrainingResult> {
  const optimizer = entry.create(learningRate, extras);
  const model = build(task, optimizer);
  const spent = timeApplyGradients(optimizer);
  const progress = new ProgressCallback(options);
  const started = performance.now();
  const finalLoss = await fit(task, model, [progress, ...callbacks], options.signal);
  const elapsed = performance.now() - started;
  const testAccuracy = await test(task, model, options.signal);
  const isScheduled = entry.from === "signalfit" && extras.schedule !== "constant";
  const hyperparameters = {
    ...optimizer.getConfig(),
    learningRate,
    ...isScheduled ? { schedule: extras.schedule } : {},
  };
  model.dispose();
  optimizer.dispose();
  const steps = progress.losses.length;
  return {
    name,
    hyperparameters,
    losses: progress.losses,
    finalLoss,
    testAccuracy,
    optimizerMs: spent.milliseconds / steps,
    stepMs: elapsed / steps,
  };
}

/**
 * Trains a model that is thrown away for a few batches, so that what happens only once, such as
 * compiling, is not counted against the optimizer that happens to be first.
 */
export async function warmUp(task: TrainingTask, signal: AbortSignal): Promise<void> {
  const optimizer = tf.train.sgd(0.01);
  const model = build(task, optimizer);
  const { train } = task.data;
  const few = { ...train, count: Math.min(train.count, WARM_UP_BATCHES * task.batchSize) };
  const fewOnly = { ...task, epochs: 1, data: { ...task.data, train: few } };
  await fit(fewOnly, model, [new ProgressCallback({ onProgress: () => {}, signal })], signal);
  model.dispose();
  optimizer.dispose();
}

function build(task: TrainingTask, optimizer: tf.Optimizer): tfl.Sequential {
  const { model: entry, data, seed } = task;
  const model = entry.build({ size: data.train.size, classes: data.classes, seed });
  model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

/**
 * Trains by `model.fit`, one call an epoch, so that every optimizer sees the images in the same
 * order: the shuffle of `fit` itself takes no seed. Returns the mean loss of the last epoch.
 */
async function fit(
  task: TrainingTask,
  model: tfl.Sequential,
  callbacks: tfl.Callback[],
  signal: AbortSignal,
): Promise<number> {
  const { epochs, batchSize, seed } = task;
  const { train } = task.data;
  const wholeEpochs = new Batches(train, {
    batchSize: train.count,
    seed,
    signal,
    ...dataShape(task, train),
  });
  let finalLoss = NaN;
  for (let epoch = 0; epoch < epochs && !signal.aborted; epoch++) {
    await new Promise((resolve) => setTimeout(resolve)); // a turn for Ctrl-C
    const { value, done } = await (await wholeEpochs.iterator()).next();
    if (done) break; // stopped
    const { xs, ys } = value;
    const { history } = await model.fit(xs, ys, {
      initialEpoch: epoch,
      epochs: epoch + 1,
      batchSize,
      shuffle: false,
      verbose: 0,
      callbacks,
    });
    tf.dispose([xs, ys]);
    finalLoss = Number(history.loss?.at(-1) ?? NaN);
    if (model.stopTraining) break; // by a callback
  }
  return finalLoss;
}

async function test(
  task: TrainingTask,
  model: tfl.Sequential,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (signal.aborted) return undefined;
  const { test } = task.data;
  const dataset = new Batches(test, {
    batchSize: TEST_BATCH_SIZE,
    signal,
    ...dataShape(task, test),
  });
  const scores = await model.evaluateDataset(dataset, {}) as tf.Scalar[];
  const [, accuracy] = await Promise.all(scores.map((score) => score.data()));
  tf.dispose(scores);
  return signal.aborted ? undefined : accuracy![0];
}

function dataShape(
  { model, data }: TrainingTask,
  { size }: LabelledImages,
): { classes: number; inputShape: number[] } {
  return { classes: data.classes, inputShape: model.inputShape(size) };
}

/** Adds up the time that an optimizer spends applying gradients. */
function timeApplyGradients(optimizer: tf.Optimizer): { readonly milliseconds: number } {
  const spent = { milliseconds: 0 };
  const apply = optimizer.applyGradients.bind(optimizer);
  optimizer.applyGradients = (gradients) => {
    const started = performance.now();
    apply(gradients);
    spent.milliseconds += performance.now() - started;
  };
  return spent;
}
