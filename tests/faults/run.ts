// A small diffusion run with everything that a checkpoint keeps: for tests that break it off.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  adamf,
  Checkpoint,
  type CheckpointOptions,
  type ResumedTraining,
  resumeTraining,
  sgdf,
  trainingBatches,
} from "@signalfit/tfjs";
import { EmaWeights, ERD } from "@signalfit/tfjs/diffusion";
import { distributed, type Team, TeamCallback } from "@signalfit/tfjs/mpi";
import { denseDenoiser, gaussianData } from "../callbacks/fixtures.ts";

/** Optimizers by name. */
export const OPTIMIZERS = {
  sgdf: () => sgdf({ learningRate: 0.05, weightDecay: 1e-3, gradientAccumulationSteps: 2 }),
  adamf: () => adamf({ learningRate: 0.02, amsgrad: true, useEma: true }),
  "tf.train.adam": () => tf.train.adam(0.02),
  "tf.train.momentum": () => tf.train.momentum(0.02, 0.9),
};

/** What is trained. */
export interface Plan extends CheckpointOptions {
  readonly optimizer: keyof typeof OPTIMIZERS;
  readonly epochs: number;
  /** Units of the hidden layer. */
  readonly units?: number;
  /** Callbacks beside those of the run, before and after its checkpoint. */
  readonly before?: (checkpoint: Checkpoint) => tfl.Callback[];
  readonly after?: (checkpoint: Checkpoint) => tfl.Callback[];
}

/** What a run leaves. */
export interface Outcome {
  readonly weights: number[][];
  readonly averages: number[][];
  readonly optimizer: number[][];
  readonly erd: unknown;
}

/** Rows are no multiple of the batch: five batches an epoch, the last one smaller. */
export const ROWS = 38, BATCH = 8, STEPS = 5;

/** A run that stands ready: a model, its optimizer, callbacks, data and a checkpoint; maybe of a team. */
export function prepare(directory: string, plan: Plan, team: Team | null = null) {
  const { optimizer: name, epochs, units = 8, before, after, ...options } = plan;
  const erd = new ERD({
    target: "v",
    path: "cosine",
    mode: "online",
    bins: 4,
    readEvery: 3,
    warmup: 4,
    ramp: 6,
    minSamples: 8,
    seed: 5,
  });
  const model = erd.wrap(denseDenoiser(2, 0, units)), made = OPTIMIZERS[name]();
  const optimizer = team === null ? made : distributed<tf.Optimizer>(made, team);
  model.compile({ optimizer, loss: erd.loss });
  const x0 = gaussianData(ROWS), labels = erd.labels(x0);
  const data = trainingBatches(x0, labels, { batchSize: BATCH, seed: 7, team });
  const ema = new EmaWeights({ decay: 0.9, updateEvery: 2 });
  const checkpoint = new Checkpoint(directory, { callbacks: [ema, erd], data, ...options });
  const callbacks = [
    ...team === null ? [] : [new TeamCallback(team)],
    ...before?.(checkpoint) ?? [],
    // Before those whose state it keeps, which must not matter.
    checkpoint,
    erd,
    ema,
    ...after?.(checkpoint) ?? [],
  ];
  const dispose = () => {
    model.dispose();
    tf.dispose(tensorsIn({ ...optimizer })); // tfjs's own forget some
    optimizer.dispose();
    erd.dispose();
    ema.dispose();
    tf.dispose([x0, labels]);
  };
  return { model, optimizer, erd, ema, data, checkpoint, callbacks, epochs, dispose };
}

export type Prepared = ReturnType<typeof prepare>;

/** Goes on with a run where it stands. */
export async function train(run: Prepared): Promise<ResumedTraining | undefined> {
  const { model, data, checkpoint, callbacks, epochs } = run;
  const start = await resumeTraining(model, checkpoint);
  const initialEpoch = start?.initialEpoch;
  await model.fitDataset(data, { epochs, initialEpoch, callbacks, verbose: 0 });
  return start;
}

function tensorsIn(value: unknown): tf.Tensor[] {
  if (value instanceof tf.Tensor) return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(tensorsIn);
}

/** All numbers of a run. */
export async function outcomeOf({ model, optimizer, ema, erd }: Prepared): Promise<Outcome> {
  const averages = ema.getWeights(), weights = await optimizer.getWeights();
  const numbers = (tensors: readonly tf.Tensor[]) =>
    Promise.all(tensors.map(async (tensor) => [...await tensor.data()]));
  const outcome = {
    weights: await numbers(model.weights.map((weight) => weight.read())),
    averages: await numbers(averages.map(({ tensor }) => tensor)),
    optimizer: await numbers(weights.map(({ tensor }) => tensor)),
    erd: await erd.getState(),
  };
  tf.dispose(averages.map(({ tensor }) => tensor));
  return outcome;
}

/** Throws after so many batches, as a bug of the user's would. */
export class Breaks extends tfl.Callback {
  #left: number;
  constructor(batches: number) {
    super();
    this.#left = batches;
  }
  override onBatchBegin(): Promise<void> {
    if (this.#left-- === 0) return Promise.reject(new Error("broken on purpose"));
    return Promise.resolve();
  }
}

/** Asks training to stop after so many batches. */
export class Stops extends tfl.Callback {
  #left: number;
  constructor(batches: number) {
    super();
    this.#left = batches;
  }
  override onBatchEnd(): Promise<void> {
    if (--this.#left === 0) this.model.stopTraining = true;
    return Promise.resolve();
  }
}
