import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { BinStatistics, type Measurement } from "../src/diffusion/weights/bin_statistics.ts";
import { fail } from "../src/options/check.ts";
import { LossWeights } from "../src/diffusion/weights/loss_weights.ts";
import { packTarget, unpack, weighPacked } from "../src/diffusion/training/packed.ts";
import {
  type BatchRows as BatchRowsRead,
  PendingRows,
} from "../src/diffusion/training/pending_rows.ts";
import { diffusionProcess } from "../src/diffusion/noise/process.ts";
import { rampMix } from "../src/diffusion/weights/reweighting.ts";
import { timePlan } from "../src/diffusion/times/time_plan.ts";
import { TrainingDraws } from "../src/diffusion/training/training_draws.ts";
import { column, ROW, ROW_COLUMNS } from "../src/diffusion/training/training_layers.ts";
import { trainingModel } from "../src/diffusion/training/training_model.ts";
import { BatchRows, gatherRows } from "../src/parallel/batch_rows.ts";
import type { Share } from "../src/parallel/share.ts";
import type { Team } from "../src/parallel/team.ts";
import { sharedFitOf } from "../src/parallel/team_fit.ts";
import { type ERDOptions, resolveERDOptions, weightingOf } from "./erd_options.ts";
import type { ERDReport } from "./erd_report.ts";
import { checkERDState, type ERDState } from "./erd_state.ts";
import { SamplingCheck } from "./sampling_check.ts";

/** Nodes of [0, 1] for sums over t, and cells of the table for packed targets, at least. */
const CELLS = 1024;

/** A loss or metric, as tfjs's `compile` takes them. */
export type LossFunction = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/**
 * Trains a diffusion model with its loss reweighted, at each noise level, by how much of the target can
 * be recovered there (ERD, arXiv 2605.10790). No extra network; without `measure` no reading of the
 * device.
 */
export class ERD extends tfl.Callback {
  readonly #options: Required<ERDOptions>;
  readonly #weights: LossWeights;
  readonly #draws: TrainingDraws;
  readonly #bins: BinStatistics;
  readonly #pending = new PendingRows();
  readonly #check: SamplingCheck;
  readonly #rows = new BatchRows();
  #step = 0;
  #readStep = 0;
  /** Whether a training batch is under way whose loss has not been asked for. */
  #armed = false;
  /** The step at which the present fit began. */
  #fitBegan = 0;
  #warned = false;

  /**
   * @param options see {@linkcode ERDOptions}; `target` and `path` must be given
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: ERDOptions) {
    super();
    const checked = resolveERDOptions(options);
    const { bins, mode, measure } = checked, doing = "create ERD";
    const process = diffusionProcess(doing, checked.path);
    const cells = bins * Math.ceil(CELLS / bins);
    const plan = timePlan(doing, process, checked.distribution, cells);
    const weighting = weightingOf(mode);
    this.#options = checked;
    this.#weights = new LossWeights(doing, { ...checked, process, plan, weighting, cells });
    this.#bins = new BinStatistics(checked);
    this.#check = new SamplingCheck(plan.distribution);
    const weight = (t: number): number => this.#weights.at(t);
    this.#draws = new TrainingDraws({
      ...checked,
      process,
      plan,
      measures: measure,
      weight,
      batch: this.#rows,
    });
  }

  /**
   * The training model around a denoiser: x0 (and conditions) in; per sample raw loss, t, weight and
   * target variance out. Times and noise are drawn at each call. It shares the denoiser's weights. A
   * training model that was saved and loaded is bound to this callback and returned.
   *
   * @param denoiser inputs [x_t, t] or [x_t, t, ...conditions] with t of shape [B, 1] in [0, 1], and one
   * output shaped like x_t
   */
  wrap(denoiser: tfl.LayersModel): tfl.LayersModel {
    return trainingModel(this.#draws, denoiser);
  }

  /** Labels for `fit`, which asks for some: zeros, as many as there are samples. */
  labels(x0: tf.Tensor | readonly tf.Tensor[]): tf.Tensor2D {
    const first = x0 instanceof tf.Tensor ? x0 : x0[0]!;
    return tf.zeros([first.shape[0]!, ROW_COLUMNS]);
  }

  /** The weighted loss of each sample, for `compile` of a wrapped model. */
  readonly loss: LossFunction = (_labels, rows) => {
    checkRows(rows);
    this.#record(() => rows, false);
    return tf.tidy(() => tf.mul(flatColumn(rows, ROW.loss), flatColumn(rows, ROW.weight)));
  };

  /** The loss without weights, a metric beside `loss`: "rawLoss" in the history. */
  readonly rawLoss: LossFunction = (_labels, rows) => {
    checkRows(rows);
    return flatColumn(rows, ROW.loss);
  };

  /**
   * Target and time in one tensor [B, d + 1], the label of a pipeline of one's own: with `fitDataset` on
   * `{ xs: { x_t, t }, ys: erd.pack(target, t) }` and the denoiser itself compiled with `erd.packed`.
   *
   * @param target [B, ...]
   * @param t [B], [B, 1], or as many numbers, in [0, 1]
   */
  pack(target: tf.Tensor, t: tf.Tensor | ArrayLike<number>): tf.Tensor2D {
    if (!(t instanceof tf.Tensor)) {
      const bad = Array.from(t).find((time) => !(time >= 0 && time <= 1));
      if (bad !== undefined) fail("pack a target", "t must be in [0, 1]", bad);
      this.#check.see(t);
    }
    return packTarget(target, t);
  }

  /** Loss and metric for labels of `pack`. */
  readonly packed: { readonly loss: LossFunction; readonly rawLoss: LossFunction } = {
    loss: (label, prediction) =>
      tf.tidy(() => {
        const batch = unpack(label, prediction);
        const { weight, rows } = weighPacked(batch, this.#weights.table(), this.#rows);
        this.#record(rows, true);
        return tf.reshape(tf.mul(batch.loss, weight), [-1]);
      }),
    rawLoss: (label, prediction) => tf.tidy(() => tf.reshape(unpack(label, prediction).loss, [-1])),
  };

  /** The weight of the loss that is in force at a time. */
  weightAt(t: number): number {
    return this.#weights.at(t);
  }

  /** What is known by noise level, as of the last reading. */
  report(): ERDReport {
    const { bins, mode } = this.#options;
    const weights = this.#weights.byBin(bins, (t) => this.#bins.binOf(t));
    const measured = this.#bins.clone();
    // What other ranks have parts of comes at the next reading.
    const whole = this.#pending.read.filter(({ share }) => share === undefined);
    for (const batch of whole) measured.observe(measurements(batch));
    return {
      mode,
      step: this.#step,
      bins: measured.means().map(({ count, loss, variance, recoverability }, b) => ({
        t: (b + 0.5) / bins,
        count,
        loss,
        variance,
        recoverability,
        weight: weights[b]!,
      })),
    };
  }

  /** The state as plain data for JSON. Reads what waits on the device, but leaves it waiting. */
  async getState(): Promise<ERDState> {
    const pending = await this.#pending.readAll();
    return {
      format: "signalfit-erd-1",
      bins: this.#options.bins,
      step: this.#step,
      readStep: this.#readStep,
      draws: this.#draws.trainings,
      sums: this.#bins.sums(),
      pending: pending.map(({ rows, packed }) => ({ rows: Array.from(rows), packed })),
    };
  }

  /**
   * Replaces the state by a saved one, after which training goes on as it would have.
   *
   * @throws {Error} if it is no state of an ERD with as many bins
   */
  setState(state: ERDState): void {
    checkERDState(state, this.#options.bins);
    this.#pending.replace(
      state.pending.map(({ rows, packed }) => ({ rows: Float32Array.from(rows), packed })),
    );
    this.#bins.restore(state.sums);
    this.#step = state.step;
    this.#readStep = state.readStep;
    this.#draws.trainings = state.draws;
    this.#armed = false;
    this.#reweight();
  }

  /**
   * Brings together what the ranks of a team have measured since the last reading, each of its own rows;
   * all of them call it. A `Checkpoint` does so before it saves.
   *
   * @param team the ranks that train together
   */
  async gather(team: Team): Promise<void> {
    const read = await this.#pending.readAll();
    const parts = read.filter((batch): batch is BatchRowsRead & { share: Share } =>
      batch.share !== undefined
    );
    const whole = gatherRows(team, parts, ROW_COLUMNS);
    this.#pending.replace(read.map((batch) => {
      const index = parts.indexOf(batch as typeof parts[number]);
      return index < 0 ? batch : { rows: whole[index]!, packed: batch.packed };
    }));
  }

  /** Frees what waits on the device. */
  dispose(): void {
    this.#pending.replace([]);
    this.#armed = false;
  }

  override onTrainBegin(): Promise<void> {
    this.#pending.discard();
    this.#armed = false;
    this.#rows.end();
    this.#fitBegan = this.#step;
    this.#draws.beginValidation();
    return Promise.resolve();
  }

  override onBatchBegin(): Promise<void> {
    this.#pending.discard();
    this.#rows.begin(this.model);
    this.#armed = true;
    return Promise.resolve();
  }

  override async onBatchEnd(): Promise<void> {
    const { measure, readEvery } = this.#options;
    const taken = !this.#armed;
    this.#armed = false;
    this.#rows.end();
    if (!taken) return;
    this.#step++;
    if (this.#pending.commit() && this.#pending.size >= readEvery) await this.#read();
    if (!measure) this.#bins.count(this.#draws.takeTimes());
  }

  override onEpochEnd(): Promise<void> {
    this.#draws.beginValidation();
    return Promise.resolve();
  }

  override async onTrainEnd(): Promise<void> {
    this.#armed = false;
    if (this.#step === this.#fitBegan) {
      console.warn(
        "ERD: no training batch used its loss: compile with erd.loss or erd.packed.loss",
      );
    }
    await this.#pending.readAll();
  }

  /** Keeps the rows of the first loss that is asked for, under a gradient, after a batch began. */
  #record(rows: () => tf.Tensor, packed: boolean): void {
    if (!tf.engine().isTapeOn()) return;
    if (!this.#armed) return this.#warnIfAlone();
    this.#armed = false;
    if (this.#options.measure) this.#pending.set(rows(), packed, this.#rows.share);
  }

  /** Warns, once, where the loss is trained on but the callback has never been part of a fit. */
  #warnIfAlone(): void {
    if (this.#warned || this.model || !this.#options.measure) return;
    this.#warned = true;
    console.warn("ERD: nothing is measured without the callback: fit with callbacks: [erd]");
  }

  async #read(): Promise<void> {
    const fit = sharedFitOf(this.model);
    if (fit !== undefined) await this.gather(fit.team);
    for (const batch of await this.#pending.readAll()) {
      const samples = measurements(batch);
      if (batch.packed) this.#check.see(samples.map(({ t }) => t));
      this.#bins.observe(samples);
    }
    this.#pending.replace([]);
    this.#readStep = this.#step;
    this.#reweight();
  }

  /** Renews the weights from the measurements. */
  #reweight(): void {
    const { mode, warmup, ramp, rMin } = this.#options;
    if (mode !== "online") return;
    this.#weights.follow({
      means: this.#bins.means(),
      binOf: (t) => this.#bins.binOf(t),
      rMin,
      mix: rampMix(this.#readStep, warmup, ramp),
    });
  }
}

/** A column of the rows, [B]. */
function flatColumn(rows: tf.Tensor, index: number): tf.Tensor {
  return tf.reshape(column(rows, index), [-1]);
}

function checkRows({ shape }: tf.Tensor): void {
  if (shape.length === 2 && shape[1] === ROW_COLUMNS) return;
  throw new Error(
    `Cannot compute the loss: the model must be erd.wrap(denoiser) with the output shape ` +
      `[null, ${ROW_COLUMNS}], got [${shape}]`,
  );
}

function measurements({ rows }: BatchRowsRead): Measurement[] {
  return Array.from({ length: rows.length / ROW_COLUMNS }, (_, i) => ({
    t: rows[i * ROW_COLUMNS + ROW.t]!,
    loss: rows[i * ROW_COLUMNS + ROW.loss]!,
    variance: rows[i * ROW_COLUMNS + ROW.variance]!,
  }));
}
