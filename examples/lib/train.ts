import { Checkpoint, resumeTraining } from "@signalfit/tfjs";
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { Batches, type BatchesOptions } from "./batches.ts";
import type { ImageData, LabelledImages } from "../../cli/data/mnist.ts";
import type { ModelEntry } from "../../cli/train/models.ts";
import type { OptimizerEntry, OptimizerExtras, OptimizerName } from "./optimizers.ts";
import { ProgressCallback, type ProgressOptions } from "./progress.ts";
import { SameSetting } from "./same_setting.ts";

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
  /** Directory where checkpoints are kept, and gone on from; none if undefined. */
  readonly checkpoints?: string | undefined;
}

const PLAIN: OptimizerExtras = { schedule: "constant", steps: 1, clip: undefined };

/** Batches that {@link warmUp} trains on. */
const WARM_UP_BATCHES = 4;

/** Images tested at a time. */
const TEST_BATCH_SIZE = 500;

/** Trains with one optimizer, then tests. */
export async function train(
  task: TrainingTask,
  { name, entry, learningRate, extras = PLAIN, callbacks = [], checkpoints }: OptimizerChoice,
  options: ProgressOptions,
): Promise<TrainingResult> {
  const optimizer = entry.create(learningRate, extras);
  const model = build(task, optimizer);
  const spent = timeApplyGradients(optimizer);
  const progress = new ProgressCallback(options);
  const data = batchesOf(task, task.data.train, task);
  const all = [progress, ...callbacks];
  const setting = {
    learningRate,
    ...extras.schedule === "constant" ? {} : extras,
    clip: extras.clip,
  };
  let initialEpoch = 0;
  if (checkpoints !== undefined) {
    const saved = [new SameSetting(setting), ...all];
    const checkpoint = new Checkpoint(checkpoints, { data, callbacks: saved, onSignal: false });
    const from = await resumeTraining(model, checkpoint);
    if (from !== undefined) options.onResume?.(from.globalStep);
    initialEpoch = from?.initialEpoch ?? 0;
    all.push(checkpoint);
  }
  const stepsBefore = progress.losses.length;
  const started = performance.now();
  await fit(model, data, { epochs: task.epochs, initialEpoch, callbacks: all });
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
  const steps = progress.losses.length - stepsBefore;
  return {
    name,
    hyperparameters,
    losses: progress.losses,
    finalLoss: progress.meanLoss,
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
  const callbacks = [new ProgressCallback({ onProgress: () => {}, signal })];
  await fit(model, batchesOf(task, few, task), { epochs: 1, initialEpoch: 0, callbacks });
  model.dispose();
  optimizer.dispose();
}

function build(task: TrainingTask, optimizer: tf.Optimizer): tfl.Sequential {
  const { model: entry, data, seed } = task;
  const model = entry.build({ size: data.train.size, classes: data.classes, seed });
  model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

/** Trains from an epoch on; of a run that had ended before, there is nothing left to do. */
async function fit(
  model: tfl.Sequential,
  data: Batches,
  { epochs, initialEpoch, callbacks }: {
    readonly epochs: number;
    readonly initialEpoch: number;
    readonly callbacks: tfl.Callback[];
  },
): Promise<void> {
  if (initialEpoch >= epochs) return;
  await model.fitDataset(data, { epochs, initialEpoch, callbacks, verbose: 0 });
}

async function test(
  task: TrainingTask,
  model: tfl.Sequential,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (signal.aborted) return undefined;
  const dataset = batchesOf(task, task.data.test, { batchSize: TEST_BATCH_SIZE, signal });
  const scores = await model.evaluateDataset(dataset, {}) as tf.Scalar[];
  const [, accuracy] = await Promise.all(scores.map((score) => score.data()));
  tf.dispose(scores);
  return signal.aborted ? undefined : accuracy![0];
}

function batchesOf(
  { model, data }: TrainingTask,
  images: LabelledImages,
  { batchSize, seed, signal }: Pick<BatchesOptions, "batchSize" | "seed" | "signal">,
): Batches {
  const { classes } = data, inputShape = model.inputShape(images.size);
  return new Batches(images, { batchSize, classes, inputShape, seed, signal });
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
