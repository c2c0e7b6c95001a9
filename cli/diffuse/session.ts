import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import {
  Checkpoint,
  type ResumedTraining,
  resumeTraining,
  TerminateOnNaN,
  trainingBatches,
} from "@signalfit/tfjs";
import {
  drawSamples,
  EmaWeights,
  ERD,
  type ERDReport,
  type SamplingMethod,
} from "@signalfit/tfjs/diffusion";
import { distributed, type Team, TeamCallback } from "@signalfit/tfjs/mpi";
import { onAny } from "../lib/team.ts";
import { createOptimizer } from "../train/optimizers.ts";
import { StopOnAbort } from "../train/stop_on_abort.ts";
import { type DiffusionData, fingerprintOf, first, isImage, type Rows } from "./data.ts";
import type { DenoiserEntry } from "./denoisers.ts";
import { fallingRate } from "./falling_rate.ts";
import { type HeldOut, heldOut } from "./held_out.ts";
import { modeOf, type Settings } from "./settings.ts";
import { Stages } from "./stages.ts";

/** Images that the loss is measured on, at most. */
const HELD_OUT = 2048;

/** Checkpoints are saved so many times, at equal distances. */
const STAGES = 5;

type FitData = Parameters<tfl.LayersModel["fitDataset"]>[0];

/** What to draw. */
export interface Drawing {
  /** Class of each sample. */
  readonly labels: Uint16Array;
  readonly method: SamplingMethod;
  /** Steps that a sample is drawn in. */
  readonly steps: number;
  /** Ends it, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What a training is given beside its settings. */
export interface SessionOptions {
  /** Directory for its checkpoints. */
  readonly directory: string;
  /** Whether to go on with the run that is there. */
  readonly resumes: boolean;
  readonly signal: AbortSignal;
  /** Keeps the settings beside the checkpoints once these are this run's. */
  readonly keeper?: tfl.Callback;
  /** Callbacks whose state a checkpoint keeps too. */
  readonly kept?: readonly tfl.Callback[];
  /** Callbacks that also watch. */
  readonly watchers: readonly tfl.Callback[];
}

const ADVICE = "Try a lower --learning-rate";

/** A denoiser, what it learns and how. */
export class Session {
  readonly erd: ERD;
  readonly #settings: Settings;
  readonly #data: DiffusionData;
  readonly #denoiser: tfl.LayersModel;
  readonly #model: tfl.LayersModel;
  readonly #optimizer: tf.Optimizer;
  readonly #ema: EmaWeights;
  readonly #tensors: readonly tf.Tensor[];
  readonly #stages: Stages;

  readonly #team: Team | null;

  /** @param team the processes that train together, if there are several */
  constructor(
    settings: Settings,
    entry: DenoiserEntry,
    data: DiffusionData,
    team: Team | null = null,
  ) {
    this.#team = team;
    const { target, path, weighting, seed, width, batchSize, steps } = settings;
    this.#settings = settings;
    this.#data = data;
    const { shape, classes } = data;
    this.#denoiser = entry.build({ shape, classes: classes.length, width, seed });
    const mode = modeOf(weighting);
    this.erd = new ERD({ target, path, mode, seed, stratified: batchSize > 1, measure: true });
    this.#ema = new EmaWeights({ decay: settings.emaDecay });
    const rate = fallingRate(settings.optimizerOptions.learningRate as number, steps);
    const optimizer = createOptimizer(settings.optimizer, settings.optimizerOptions, rate);
    this.#optimizer = team === null ? optimizer : distributed(optimizer, team);
    this.#model = this.erd.wrap(this.#denoiser);
    this.#model.compile({
      optimizer: this.#optimizer,
      loss: this.erd.loss,
      metrics: [this.erd.rawLoss],
    });
    const x = this.#inputs(data);
    const labels = this.erd.labels(x);
    this.#tensors = [...x, labels];
    this.#stages = new Stages(trainingBatches(x, labels, { batchSize, seed, team }), {
      steps,
      stages: STAGES,
      images: fingerprintOf(data),
    });
  }

  /** How the loss is weighted. */
  get weighting(): Settings["weighting"] {
    return this.#settings.weighting;
  }

  /** Epochs, as `fit` counts them: parts of the training at whose ends a checkpoint is saved. */
  get stages(): number {
    return this.#stages.count;
  }

  /** Steps in such an epoch; the last one may have fewer. */
  get stageSize(): number {
    return this.#stages.size;
  }

  /** Steps done at the end of such an epoch. */
  endOf(stage: number): number {
    return this.#stages.endOf(stage);
  }

  /** Weights of the denoiser. */
  get parameters(): number {
    return this.#denoiser.countParams();
  }

  /**
   * Trains from where the checkpoints stand to the end, or until it is stopped.
   *
   * @throws {Error} if a loss leaves the finite numbers
   */
  async train(
    { directory, resumes, signal, keeper, kept = [], watchers }: SessionOptions,
  ): Promise<{ readonly start: ResumedTraining | undefined; readonly isDone: boolean }> {
    const own = [this.erd, this.#ema, ...kept], watch = new TerminateOnNaN();
    const checkpoint = new Checkpoint(directory, { data: this.#stages, callbacks: own });
    const start = resumes ? await resumeTraining(this.#model, checkpoint) : undefined;
    if (start !== undefined && start.epoch >= this.stages) {
      this.#ema.attach(this.#model); // else `fit` does so
      return { start, isDone: true };
    }
    await this.#model.fitDataset(this.#stages as FitData, {
      epochs: this.stages,
      ...start && { initialEpoch: start.initialEpoch },
      verbose: 0,
      callbacks: [
        ...this.#team === null ? [] : [new TeamCallback(this.#team)],
        ...own,
        new StopOnAbort(signal),
        watch,
        ...watchers,
        checkpoint,
        ...keeper === undefined ? [] : [keeper],
      ],
    });
    if (watch.report !== null) {
      throw new Error(`Training went wrong: ${watch.report.message}. ${ADVICE}`);
    }
    const isStopped = signal.aborted || checkpoint.interrupted !== undefined;
    return { start, isDone: !onAny(this.#team, isStopped) };
  }

  /** Steps done, those before a resumption included. */
  get steps(): number {
    return this.#optimizer.iterations;
  }

  /** What was measured by noise level while training. */
  report(): ERDReport {
    return this.erd.report();
  }

  /**
   * The raw loss of the averaged weights by noise level, on images that are not trained on where there
   * are such; the same noise at each call.
   */
  async measure(): Promise<HeldOut> {
    const x = this.#inputs(first(this.#data.test ?? this.#data, HELD_OUT));
    try {
      return await this.#ema.run(() => heldOut(this.#model, x, this.#settings.batchSize));
    } finally {
      tf.dispose(x);
    }
  }

  /**
   * Samples of the averaged weights in the form of the data, the same for the same drawing.
   *
   * @throws {Error} if they are not finite
   */
  async draw({ labels, method, steps, signal }: Drawing): Promise<Float32Array> {
    const { target, path, seed } = this.#settings, { shape } = this.#data;
    const conditions = this.#oneHot(labels);
    const drawn = await drawSamples(this.#denoiser, {
      method,
      steps,
      target,
      path,
      seed,
      shape: [labels.length, ...shape],
      ...isImage(shape) ? { clip: [-1, 1] as const } : {},
      conditions,
      ema: this.#ema,
      onStep: () => signal?.throwIfAborted(),
    }).finally(() => tf.dispose(conditions));
    try {
      const values = await drawn.data<"float32">();
      if (values.every(Number.isFinite)) return values;
      throw new Error(`Training went wrong: there are samples that are not finite. ${ADVICE}`);
    } finally {
      drawn.dispose();
    }
  }

  dispose(): void {
    this.#ema.dispose();
    this.erd.dispose();
    this.#model.dispose(); // with the denoiser
    this.#optimizer.dispose();
    tf.dispose([...this.#tensors]);
  }

  /** The training model's inputs: data and, where there are several, classes. */
  #inputs({ values, count, labels }: Rows): tf.Tensor[] {
    return [tf.tensor(values, [count, ...this.#data.shape]), ...this.#oneHot(labels)];
  }

  /** The classes as the denoiser is told of them; nothing where there is but one. */
  #oneHot(labels: Uint16Array): tf.Tensor[] {
    const classes = this.#data.classes.length;
    if (classes < 2) return [];
    const rows = new Float32Array(labels.length * classes);
    labels.forEach((label, row) => rows[row * classes + label] = 1);
    return [tf.tensor2d(rows, [labels.length, classes])];
  }
}
