import { flag, type OptionSpec, type OptionTable, positive, whole } from "../../options/options.ts";
import { pure } from "../../pure.ts";
import type * as tf from "@tensorflow/tfjs-core";
import type { TimeDistribution } from "../times/time_distribution.ts";
import { SamplingCheck } from "../times/sampling_disagreement.ts";
import {
  type BinMeans,
  BinStatistics,
  type BinStatisticsOptions,
  type BinSums,
  type Measurement,
} from "../weights/bin_statistics.ts";
import { gatherRows } from "../../parallel/batch_rows.ts";
import type { Share } from "../../parallel/share.ts";
import type { Team } from "../../parallel/team.ts";
import { type BatchRows, PendingRows } from "./pending_rows.ts";
import { ROW, ROW_COLUMNS } from "./training_layers.ts";

/** What an `ERD` measures by noise level, and how its weights follow. */
export interface MeasuringOptions {
  /**
   * Measure raw loss, target variance and recoverability by noise level, for `report()`. Always on in
   * mode "online"; any other mode needs no reading of the device without it.
   * @default false, and true in mode "online"
   */
  readonly measure?: boolean;
  /**
   * Number of noise levels that are told apart: bins of equal width in t, a whole number from 1 to 1024.
   * @default 32
   */
  readonly bins?: number;
  /**
   * What a batch keeps of the measurements before it, in (0, 1). With small batches take more: a bin
   * holds about batchSize / bins / (1 - decay) samples.
   * @default 0.995
   */
  readonly decay?: number;
  /**
   * The measurements are read from the device, and the weights renewed, every so many batches: a whole
   * number >= 1.
   * @default 20
   */
  readonly readEvery?: number;
  /**
   * Number of batches that are weighted by the closed form before measurements count, a whole number
   * >= 0. Mode "online".
   * @default 200
   */
  readonly warmup?: number;
  /**
   * Number of batches after the warm-up in which the weights pass to the measured ones linearly, a whole
   * number >= 0. Mode "online".
   * @default 200
   */
  readonly ramp?: number;
  /**
   * The least recoverability that counts, in [0, 1]. Mode "online".
   * @default 0.01
   */
  readonly rMin?: number;
  /**
   * Number of samples below which a bin keeps the closed form, a finite number > 0. Mode "online".
   * @default 32
   */
  readonly minSamples?: number;
  /**
   * A sample's loss counts in the measurements at most so many times its bin's running mean (or half the
   * target's variance, if that is more), > 1. Infinity lets all count as they are: better for
   * low-dimensional data in tight clusters, whose losses have a long tail of their own.
   * @default 8
   */
  readonly winsorize?: number;
}

const number = (
  fallback: number,
  rule: string,
  accepts: (value: number) => boolean,
): OptionSpec<number> => ({
  fallback,
  rule: `must be ${rule}`,
  accepts: (value) => typeof value === "number" && accepts(value),
});

/** The options, to be resolved by `resolveOptions`. */
export const MEASURING_OPTIONS: OptionTable<Required<MeasuringOptions>> = /* @__PURE__ */ pure(
  () => ({
    measure: flag(false),
    bins: whole(32, 1, 1024),
    decay: number(0.995, "in (0, 1)", (value) => value > 0 && value < 1),
    readEvery: whole(20, 1),
    warmup: whole(200, 0),
    ramp: whole(200, 0),
    rMin: number(0.01, "in [0, 1]", (value) => value >= 0 && value <= 1),
    minSamples: positive(32),
    winsorize: number(8, "a number > 1", (value) => value > 1),
  }),
);

/** Rows of a batch that wait to be taken in. */
export interface WaitingRows {
  /** Raw loss, t, weight and target variance of each sample, one after another; all finite. */
  readonly rows: readonly number[];
  /** Whether the times were those of `pack`. */
  readonly packed: boolean;
}

/** What is known of one noise level; NaN where nothing is. */
export interface ERDBin {
  /** Middle of the bin. */
  readonly t: number;
  /** Training samples so far. */
  readonly count: number;
  /** Running mean of the raw loss. */
  readonly loss: number;
  /** Running mean of the target's variance, the loss of a network that ignores its input. */
  readonly variance: number;
  /** Part of the target that the denoiser recovers from its input, `1 - loss / variance` in [0, 1]. */
  readonly recoverability: number;
  /** Mean weight of the loss that is in force. */
  readonly weight: number;
}

/** The state of {@linkcode Measurements}, plain data for JSON. */
export interface MeasurementsState {
  /** The running sums, one number a bin each. */
  readonly sums: BinSums;
  /** Batches that wait to be taken in, without samples whose loss is not finite: those count nowhere. */
  readonly pending: readonly WaitingRows[];
}

/**
 * What a training measures by noise level: rows that wait on the device until they are read at once, and
 * the running means that they are taken into.
 */
export class Measurements {
  readonly #bins: BinStatistics;
  readonly #pending = new PendingRows();
  readonly #check: SamplingCheck;

  constructor(options: BinStatisticsOptions, distribution: TimeDistribution) {
    this.#bins = new BinStatistics(options);
    this.#check = new SamplingCheck(distribution);
  }

  /** Number of batches that wait. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Sets aside the rows of the batch under way; the caller's tidy may dispose of them. */
  set(rows: tf.Tensor, packed: boolean, share?: Share): void {
    this.#pending.set(rows, packed, share);
  }

  /** Lets the rows of the batch under way wait; false if there are none. */
  commit(): boolean {
    return this.#pending.commit();
  }

  /** Forgets the rows of the batch under way. */
  discard(): void {
    this.#pending.discard();
  }

  /** Compares times of the user's own with the distribution. */
  seeTimes(times: ArrayLike<number>): void {
    this.#check.see(times);
  }

  /** Counts samples of which only the times are known. */
  count(times: ArrayLike<number>): void {
    this.#bins.count(times);
  }

  /** Reads what waits from the device, in one go. It goes on waiting. */
  async read(): Promise<void> {
    await this.#pending.readAll();
  }

  /** Brings together what the ranks of a team have measured, each of its own rows; all of them call it. */
  async gather(team: Team): Promise<void> {
    const read = await this.#pending.readAll();
    const parts = read.filter((batch): batch is BatchRows & { share: Share } =>
      batch.share !== undefined
    );
    const whole = gatherRows(team, parts, ROW_COLUMNS);
    this.#pending.replace(read.map((batch) => {
      const index = parts.indexOf(batch as typeof parts[number]);
      return index < 0 ? batch : { rows: whole[index]!, packed: batch.packed };
    }));
  }

  /** Reads what waits and takes it into the means. */
  async takeIn(): Promise<void> {
    for (const batch of await this.#pending.readAll()) {
      const samples = samplesOf(batch);
      if (batch.packed) this.#check.see(samples.map(({ t }) => t));
      this.#bins.observe(samples);
    }
    this.#pending.replace([]);
  }

  /** The bin of a time. */
  binOf(t: number): number {
    return this.#bins.binOf(t);
  }

  /** The means of all bins, as of what was taken in. */
  means(): BinMeans[] {
    return this.#bins.means();
  }

  /** What is known by noise level, with what has been read and waits. */
  report(weights: Float64Array): ERDBin[] {
    const measured = this.#bins.clone();
    // What other ranks have parts of comes at the next reading.
    const whole = this.#pending.read.filter(({ share }) => share === undefined);
    for (const batch of whole) measured.observe(samplesOf(batch));
    return measured.means().map(({ count, loss, variance, recoverability }, b) => ({
      t: (b + 0.5) / weights.length,
      count,
      loss,
      variance,
      recoverability,
      weight: weights[b]!,
    }));
  }

  /** The state; reads what waits on the device, but leaves it waiting. */
  async state(): Promise<MeasurementsState> {
    const pending = await this.#pending.readAll();
    return {
      sums: this.#bins.sums(),
      pending: pending.map(({ rows, packed }) => ({ rows: finiteRows(rows).flat(), packed })),
    };
  }

  /** Takes over a state that {@linkcode checkMeasurementsState} let pass. */
  restore({ sums, pending }: MeasurementsState): void {
    this.#pending.replace(
      pending.map(({ rows, packed }) => ({ rows: Float32Array.from(rows), packed })),
    );
    this.#bins.restore(sums);
  }

  /** Frees what waits on the device. */
  dispose(): void {
    this.#pending.replace([]);
  }
}

/**
 * Checks a state before anything is changed.
 *
 * @param refuse throws an error that names the rule and the value
 */
export function checkMeasurementsState(
  state: MeasurementsState,
  bins: number,
  refuse: (rule: string, value: unknown) => never,
): void {
  for (const name of ["count", "weight", "loss", "variance"] as const) {
    const sums = state.sums?.[name];
    if (!(Array.isArray(sums) && sums.length === bins && sums.every(Number.isFinite))) {
      refuse(`sums.${name} must be ${bins} finite numbers`, sums);
    }
  }
  const isRows = (rows: unknown): boolean =>
    Array.isArray(rows) && rows.length % ROW_COLUMNS === 0 && rows.every(Number.isFinite);
  if (!(Array.isArray(state.pending) && state.pending.every((batch) => isRows(batch?.rows)))) {
    refuse(
      `pending must be a list of { rows } with ${ROW_COLUMNS} finite numbers a sample`,
      JSON.stringify(state.pending),
    );
  }
}

/** The rows of samples all of whose numbers are finite. */
function finiteRows(rows: Float32Array): number[][] {
  return Array.from(
    { length: rows.length / ROW_COLUMNS },
    (_, i) => [...rows.subarray(i * ROW_COLUMNS, (i + 1) * ROW_COLUMNS)],
  ).filter((row) => row.every(Number.isFinite));
}

function samplesOf({ rows }: BatchRows): Measurement[] {
  return finiteRows(rows).map((row) => ({
    t: row[ROW.t]!,
    loss: row[ROW.loss]!,
    variance: row[ROW.variance]!,
  }));
}
