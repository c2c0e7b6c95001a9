import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import {
  EmaWeights,
  ERD,
  type ERDMode,
  type ERDState,
  type NamedTensor,
  type RuleOptimizer,
  sample,
} from "@signalfit/tfjs";
import { BatchOrder } from "./batch_order.ts";
import { DENOISERS } from "./denoisers.ts";
import { type Digits, pick } from "./digits.ts";
import { type HeldOut, heldOut } from "./held_out.ts";
import { fallingRate } from "./learning_rate.ts";
import { OPTIMIZERS } from "./optimizers.ts";
import type { Settings, WeightingName } from "./settings.ts";
import { StepWatcher, type WatchOptions } from "./step_watcher.ts";

/** Where the averaged weights come from: each step keeps this much of the average. */
const EMA_DECAY = 0.99;
/** Steps whose images are handed to `fit` at a time. */
const CHUNK = 25;
/** Test images that the loss is measured on, at most. */
const HELD_OUT = 2048;
/** Steps of a sampler; "heun" calls the denoiser twice a step. */
const SAMPLER = { method: "heun", steps: 25, clip: [-1, 1] } as const;

/** What the images of training and of measuring are. */
export interface Data {
  readonly train: Digits;
  readonly test: Digits;
  /** Number of classes. */
  readonly classes: number;
}

/** The state of a run between two steps. */
export interface RunState {
  /** Steps done. */
  readonly step: number;
  /** State of ERD, plain data. */
  readonly erd: ERDState;
  /** Weights, averages and the optimizer's state. */
  readonly tensors: Record<"denoiser" | "ema" | "optimizer", readonly NamedTensor[]>;
}

/** The training of one denoiser with one weighting of the loss. */
export class TrainingRun {
  readonly weighting: WeightingName;
  readonly denoiser: tfl.LayersModel;
  readonly erd: ERD;
  readonly #settings: Settings;
  readonly #data: Data;
  readonly #imageShape: readonly number[];
  readonly #model: tfl.LayersModel;
  readonly #optimizer: RuleOptimizer;
  readonly #ema = new EmaWeights({ decay: EMA_DECAY });
  readonly #order: BatchOrder;
  #step = 0;

  constructor(settings: Settings, weighting: WeightingName, data: Data) {
    const { target, path, seed, size, width, batchSize } = settings;
    const entry = DENOISERS[settings.model];
    this.weighting = weighting;
    this.#settings = settings;
    this.#data = data;
    this.#imageShape = entry.imageShape(size);
    this.denoiser = entry.build({ size, classes: data.classes, width, seed });
    const mode: ERDMode = weighting === "erd" ? "closed" : weighting;
    this.erd = new ERD({ target, path, mode, seed, stratified: true, measure: true });
    this.#optimizer = OPTIMIZERS[settings.optimizer].create(
      fallingRate(settings.lr, settings.steps),
    );
    this.#model = this.erd.wrap(this.denoiser);
    this.#model.compile({
      optimizer: this.#optimizer,
      loss: this.erd.loss,
      metrics: [this.erd.rawLoss],
    });
    this.#order = new BatchOrder({ count: data.train.count, batchSize, seed });
  }

  /** Steps done. */
  get step(): number {
    return this.#step;
  }

  /** Trains up to a step, or until it is told to stop. */
  async train(until: number, options: WatchOptions): Promise<void> {
    const { batchSize } = this.#settings;
    const watcher = new StepWatcher({
      signal: options.signal,
      onStep: (done) => {
        this.#step = done;
        options.onStep?.(done);
      },
    });
    while (this.#step < until && !options.signal.aborted) {
      const count = Math.min(CHUNK, until - this.#step);
      watcher.beginAt(this.#step);
      const x = this.#inputs(pick(this.#data.train, this.#order.images(this.#step, count)));
      const labels = this.erd.labels(x);
      try {
        const { history } = await this.#model.fit(x, labels, {
          batchSize,
          shuffle: false,
          verbose: 0,
          callbacks: [this.erd, this.#ema, watcher],
        });
        options.onLoss?.(Number(history["rawLoss"]?.[0]));
      } finally {
        tf.dispose([...x, labels]);
      }
    }
  }

  /** The raw loss of the averaged weights on test images, the same noise at each call. */
  async measure(): Promise<HeldOut> {
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
  async sample(labels: Uint8Array): Promise<Digits> {
    const { target, path, seed, size } = this.#settings;
    const condition = this.#oneHot(labels);
    const images = await sample(this.denoiser, {
      ...SAMPLER,
      target,
      path,
      seed,
      shape: [labels.length, ...this.#imageShape],
      conditions: [condition],
      ema: this.#ema,
    }).finally(() => condition.dispose());
    try {
      return { count: labels.length, size, values: await images.data<"float32">(), labels };
    } finally {
      images.dispose();
    }
  }

  /** The state; its tensors are to be disposed of by `disposeState`. */
  async getState(): Promise<RunState> {
    this.#ema.attach(this.denoiser);
    return {
      step: this.#step,
      erd: await this.erd.getState(),
      tensors: {
        denoiser: this.denoiser.getWeights().map((tensor, i) => ({ name: `${i}`, tensor })),
        ema: this.#ema.getWeights(),
        optimizer: await this.#optimizer.getWeights(),
      },
    };
  }

  /** Frees what `getState` made: copies of the averages alone, the rest is shared. */
  static disposeState({ tensors }: RunState): void {
    tf.dispose(tensors.ema.map(({ tensor }) => tensor));
  }

  /** Goes to a saved state; the tensors stay the caller's. */
  async setState({ step, erd, tensors }: RunState): Promise<void> {
    this.denoiser.setWeights(tensors.denoiser.map(({ tensor }) => tensor));
    await this.#ema.setWeights(tensors.ema);
    this.#ema.attach(this.denoiser);
    await this.#optimizer.setWeights([...tensors.optimizer]);
    this.erd.setState(erd);
    this.#step = step;
  }

  dispose(): void {
    this.#ema.dispose();
    this.erd.dispose();
    this.#model.dispose(); // with the denoiser
    this.#optimizer.dispose();
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
