import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { Checkpoint, resumeTraining, type RuleOptimizer, trainingBatches } from "@signalfit/tfjs";
import { drawSamples, EmaWeights, ERD, type ERDMode } from "@signalfit/tfjs/diffusion";
import { DENOISERS } from "./denoisers.ts";
import { type Digits, pick } from "./digits.ts";
import { drawGrid } from "./grid.ts";
import { type HeldOut, heldOut } from "./held_out.ts";
import { fallingRate } from "../../cli/diffuse/falling_rate.ts";
import { Observer, type RunProgress } from "./observer.ts";
import { OPTIMIZERS } from "./optimizers.ts";
import type { Outcome, Snapshot } from "./outcome.ts";
import type { Settings, WeightingName } from "./settings.ts";
import { Stages } from "../../cli/diffuse/stages.ts";

/** Where the averaged weights come from: each step keeps this much of the average. */
const EMA_DECAY = 0.99;
/** Samples are drawn so many times, at equal distances. */
const STAGES = 5;
/** Test images that the loss is measured on, at most. */
const HELD_OUT = 2048;

/** What the images of training and of measuring are. */
export interface Data {
  readonly train: Digits;
  readonly test: Digits;
  /** Number of classes. */
  readonly classes: number;
  /** Tells the images apart from others. */
  readonly fingerprint: string;
}

/** The samples of a run: which and how they are laid out. */
export interface Samples {
  /** Class of each. */
  readonly labels: Uint8Array;
  /** Images in a row of a grid. */
  readonly columns: number;
}

/** What a run is trained with beside its settings. */
export interface TrainOptions {
  /** Directory that its checkpoints are kept in. */
  readonly directory: string;
  /** Stops the training after the step at hand when aborted. */
  readonly signal: AbortSignal;
  /** Called after each step and each snapshot. */
  readonly onProgress: (progress: RunProgress) => void;
  /** Callbacks that also watch. */
  readonly watchers: readonly tfl.Callback[];
}

type FitData = Parameters<tfl.LayersModel["fitDataset"]>[0];

/** The training of one denoiser with one weighting of the loss. */
export class TrainingRun {
  readonly erd: ERD;
  /** Epochs, as `fit` counts them: stages at whose ends samples are drawn. */
  readonly epochs: number;
  readonly #weighting: WeightingName;
  readonly #settings: Settings;
  readonly #data: Data;
  readonly #samples: Samples;
  readonly #imageShape: readonly number[];
  readonly #denoiser: tfl.LayersModel;
  readonly #model: tfl.LayersModel;
  readonly #optimizer: RuleOptimizer;
  readonly #ema = new EmaWeights({ decay: EMA_DECAY });
  readonly #tensors: readonly tf.Tensor[];
  readonly #stages: Stages;
  #lastSamples: Float32Array;

  constructor(settings: Settings, weighting: WeightingName, data: Data, samples: Samples) {
    const { target, path, seed, size, width, batchSize, steps } = settings;
    const entry = DENOISERS[settings.model];
    this.#weighting = weighting;
    this.#settings = settings;
    this.#data = data;
    this.#samples = samples;
    this.#imageShape = [size, size, 1];
    this.#denoiser = entry.build({ shape: [size, size, 1], classes: data.classes, width, seed });
    const mode: ERDMode = weighting === "erd" ? "closed" : weighting;
    this.erd = new ERD({ target, path, mode, seed, stratified: true, measure: true });
    this.#optimizer = OPTIMIZERS[settings.optimizer].create(fallingRate(settings.lr, steps));
    this.#model = this.erd.wrap(this.#denoiser);
    this.#model.compile({
      optimizer: this.#optimizer,
      loss: this.erd.loss,
      metrics: [this.erd.rawLoss],
    });
    const x = this.#inputs(data.train), labels = this.erd.labels(x);
    this.#tensors = [...x, labels];
    this.#stages = new Stages(trainingBatches(x, labels, { batchSize, seed }), {
      steps,
      stages: STAGES,
      images: data.fingerprint,
    });
    this.epochs = this.#stages.count;
    this.#lastSamples = new Float32Array(samples.labels.length * size * size).fill(-1);
  }

  /**
   * Trains from where the checkpoints stand to the end, or until it is stopped.
   *
   * @returns what came of it so far, and what a process exits with after a signal, else 0
   */
  async train(options: TrainOptions): Promise<{ outcome: Outcome; exitCode: number }> {
    const { signal, onProgress, watchers } = options;
    const observer = new Observer({
      weighting: this.#weighting,
      endOf: (epoch) => this.#stages.endOf(epoch),
      look: () => this.#look(),
      weightAt: (t) => this.erd.weightAt(t),
      onProgress,
      signal,
    });
    const callbacks = [this.erd, this.#ema, observer];
    const checkpoint = new Checkpoint(join(options.directory, this.#weighting), {
      data: this.#stages,
      callbacks,
    });
    const start = await resumeTraining(this.#model, checkpoint);
    if (start === undefined || start.epoch < this.epochs) {
      await this.#model.fitDataset(this.#stages as FitData, {
        epochs: this.epochs,
        ...start && { initialEpoch: start.initialEpoch },
        verbose: 0,
        callbacks: [...callbacks, ...watchers, checkpoint],
      });
    }
    return { outcome: observer.outcome, exitCode: checkpoint.exitCode };
  }

  /** The samples drawn last, [n, size, size, 1] in [-1, 1]; black before there are any. */
  pictures(): tf.Tensor {
    const { size } = this.#settings;
    return tf.tensor(this.#lastSamples, [this.#samples.labels.length, size, size, 1]);
  }

  dispose(): void {
    this.#ema.dispose();
    this.erd.dispose();
    this.#model.dispose(); // with the denoiser
    this.#optimizer.dispose();
    tf.dispose([...this.#tensors]);
  }

  async #look(): Promise<Omit<Snapshot, "step">> {
    const { labels, columns } = this.#samples, { size } = this.#settings;
    const values = this.#lastSamples = await this.#sample(labels);
    const grid = drawGrid({ count: labels.length, size, values, labels }, columns);
    return { grid, heldOut: await this.#measure() };
  }

  /** The raw loss of the averaged weights on test images, the same noise at each call. */
  async #measure(): Promise<HeldOut> {
    const { test } = this.#data;
    const count = Math.min(HELD_OUT, test.count);
    const x = this.#inputs(pick(test, Array.from({ length: count }, (_, i) => i)));
    try {
      return await this.#ema.run(() => heldOut(this.#model, x, this.#settings.batchSize));
    } finally {
      tf.dispose(x);
    }
  }

  /** Samples of the averaged weights by class, in [-1, 1], the same noise at each call. */
  async #sample(labels: Uint8Array): Promise<Float32Array> {
    const { target, path, seed, samplerSteps } = this.#settings;
    const condition = this.#oneHot(labels);
    const images = await drawSamples(this.#denoiser, {
      method: "heun",
      steps: samplerSteps,
      clip: [-1, 1],
      target,
      path,
      seed,
      shape: [labels.length, ...this.#imageShape],
      conditions: [condition],
      ema: this.#ema,
    }).finally(() => condition.dispose());
    try {
      return await images.data<"float32">();
    } finally {
      images.dispose();
    }
  }

  /** The training model's inputs: images and one-hot classes. */
  #inputs({ count, values, labels }: Digits): tf.Tensor[] {
    return [tf.tensor(values, [count, ...this.#imageShape]), this.#oneHot(labels)];
  }

  #oneHot(labels: Uint8Array): tf.Tensor {
    const { classes } = this.#data, rows = new Float32Array(labels.length * classes);
    labels.forEach((label, row) => rows[row * classes + label] = 1);
    return tf.tensor2d(rows, [labels.length, classes]);
  }
}
