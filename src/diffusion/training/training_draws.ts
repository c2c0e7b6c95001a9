import { drawTimes } from "../times/draw_times.ts";
import type { DiffusionProcess } from "../noise/process.ts";
import { PURPOSE, type RandomStream, randomStream } from "../numeric/random.ts";
import { type Target, targetCoefficients } from "../noise/target.ts";
import type { TimePlan } from "../times/time_plan.ts";
import type { BatchRows } from "../../parallel/batch_rows.ts";
import { LEVEL_COLUMNS, type NoiseSource } from "./training_layers.ts";

/** What {@linkcode TrainingDraws} needs, all checked by who makes it. */
export interface DrawOptions {
  readonly process: DiffusionProcess;
  readonly plan: TimePlan;
  readonly target: Target;
  readonly stratified: boolean;
  readonly seed: number;
  readonly measures: boolean;
  /** The rows of the training batch, as far as other ranks have some of it. */
  readonly batch: BatchRows;
  /** The weight in force at a time. */
  readonly weight: (t: number) => number;
}

/**
 * The times and the noise of training batches and of validation batches. Both depend on the seed and on
 * the number of the batch alone, so that validation does not change training. Validation counts anew
 * after each training batch: every pass meets the same noise, and its losses can be compared.
 */
export class TrainingDraws implements NoiseSource {
  readonly #options: DrawOptions;
  #random: RandomStream;
  /** Which rows of what is drawn are wanted. */
  #rows = { first: 0, own: 0, all: 0 };
  #validations = 0;
  /** Number of training batches drawn so far. */
  trainings = 0;
  #times: Float64Array = new Float64Array(0);

  constructor(options: DrawOptions) {
    this.#options = options;
    this.#random = randomStream(options.seed, PURPOSE.training, 0);
  }

  get measures(): boolean {
    return this.#options.measures;
  }

  get batch(): BatchRows {
    return this.#options.batch;
  }

  drawLevels(batchSize: number, training: boolean): Float32Array {
    const { process, plan, target, stratified, seed, weight } = this.#options;
    this.#random = training
      ? randomStream(seed, PURPOSE.training, this.trainings++)
      : randomStream(seed, PURPOSE.validation, this.#validations++);
    // Each rank of a team draws for all rows of the batch and takes its own: they get what they would get
    // from one process. Where it has none, the first stands in.
    const share = training ? this.#options.batch.share : undefined;
    const isOurs = share !== undefined && Math.max(1, share.own) === batchSize;
    const { first, all } = isOurs ? share : { first: 0, all: batchSize };
    this.#rows = { first: Math.min(first, all - batchSize), own: batchSize, all };
    const times = drawTimes(plan.quantile, all, stratified, this.#random);
    if (training) {
      this.#validations = 0;
      this.#times = times;
    }
    const levels = new Float32Array(batchSize * LEVEL_COLUMNS);
    for (let i = 0; i < batchSize; i++) {
      const t = times[this.#rows.first + i]!;
      const level = process.at(t), { alpha, sigma } = level;
      const { x0, epsilon } = targetCoefficients(target, level);
      levels.set([t, alpha, sigma, x0, epsilon, weight(t)], i * LEVEL_COLUMNS);
    }
    return levels;
  }

  drawNoise(count: number): Float32Array {
    const { first, own, all } = this.#rows, size = count / own;
    return this.#random.normals(all * size).subarray(first * size, (first + own) * size);
  }

  /** The times of the training batch drawn last, once. */
  takeTimes(): Float64Array {
    const times = this.#times;
    this.#times = new Float64Array(0);
    return times;
  }

  /** Lets the next validation batch count as the first of a pass. */
  beginValidation(): void {
    this.#validations = 0;
  }
}
