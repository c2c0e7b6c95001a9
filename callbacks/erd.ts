import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { diffusionProcess, type PathOption } from "../src/diffusion/noise/process.ts";
import { checkTarget, type Target } from "../src/diffusion/noise/target.ts";
import type { TimeDistribution } from "../src/diffusion/times/time_distribution.ts";
import { timePlan } from "../src/diffusion/times/time_plan.ts";
import {
  checkMeasurementsState,
  type ERDBin,
  Measurements,
  type MeasurementsState,
  MEASURING_OPTIONS,
  type MeasuringOptions,
} from "../src/diffusion/training/measurements.ts";
import { packTarget, unpack, weighPacked } from "../src/diffusion/training/packed.ts";
import { TrainingDraws } from "../src/diffusion/training/training_draws.ts";
import {
  checkRows,
  ROW,
  ROW_COLUMNS,
  rowColumn,
} from "../src/diffusion/training/training_layers.ts";
import { trainingModel } from "../src/diffusion/training/training_model.ts";
import type { NormalizedWeightOptions } from "../src/diffusion/weights/mean_weight.ts";
import { rampMix } from "../src/diffusion/weights/measured_weight.ts";
import { type ERDMode, weightingOf } from "../src/diffusion/weights/modes.ts";
import { WeightsInForce } from "../src/diffusion/weights/weights_in_force.ts";
import { pure } from "../src/pure.ts";
import { BatchRows } from "../src/parallel/batch_rows.ts";
import type { Team } from "../src/parallel/team.ts";
import { sharedFitOf } from "../src/parallel/team_fit.ts";
import { fail, show } from "../src/options/check.ts";
import { checkedLater } from "../src/options/options.ts";
import {
  flag,
  oneOf,
  type OptionTable,
  positive,
  resolveOptions,
  whole,
} from "../src/options/options.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

export type { ERDBin, ERDMode, MeasuringOptions };

/** Nodes of [0, 1] for sums over t, and cells of the table for packed targets, at least. */
const CELLS = 1024;

/** A loss or metric, as tfjs's `compile` takes them. */
export type LossFunction = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/** Options of {@linkcode ERD}. */
export interface ERDOptions extends NormalizedWeightOptions, MeasuringOptions {
  /** What the denoiser predicts: "epsilon", "x0", "v", "flow" or "score". */
  readonly target: Target;
  /**
   * How noise grows with t: "linear", "cosine" or "linear-logsnr", a function of t in [0, 1], or the
   * options of a discrete schedule such as `{ kind: "linear", timesteps: 1000 }`.
   */
  readonly path: PathOption;
  /**
   * How the loss is weighted: "closed" by the formula of arXiv 2605.10790, "online" by the
   * recoverability that is measured while training (this library's extension); for comparison any other
   * weighting of `lossWeight`, such as "uniform", "min-snr" or `{ kind: "min-snr", gamma: 5 }`.
   * @default "closed"
   */
  readonly mode?: ERDMode;
  /**
   * How t is drawn: "uniform" on [0, 1], `{ kind: "logit-normal", mean, std }`, a list of times, or a
   * density on [0, 1]. On a discrete schedule times are rounded up to the next timestep. With
   * `erd.pack` it is what the times of one's own are distributed like.
   * @default "uniform"
   */
  readonly distribution?: TimeDistribution;
  /**
   * Draw one time from each of B equally likely ranges for a batch of B, in random order.
   * @default false
   */
  readonly stratified?: boolean;
  /**
   * Seed of times and noise, a whole number >= 0.
   * @default 0
   */
  readonly seed?: number;
}

const OPTIONS: OptionTable<Required<ERDOptions>> = /* @__PURE__ */ pure(() => ({
  target: checkedLater<Target>("v"),
  path: checkedLater<PathOption>("cosine"),
  mode: checkedLater<ERDMode>("closed"),
  distribution: checkedLater<TimeDistribution>("uniform"),
  stratified: flag(false),
  seed: whole(0, 0),
  normalize: flag(true),
  snrZero: oneOf("limit", "authors"),
  maxWeight: positive(1e5),
  ...MEASURING_OPTIONS,
}));

/**
 * All options, checked, with what is not given filled in.
 *
 * @throws {RangeError} if a value is out of its range
 * @throws {TypeError} if there is no such option, naming the nearest one
 */
function resolveERDOptions(given: ERDOptions): Required<ERDOptions> {
  const doing = "Cannot create ERD";
  if (typeof given !== "object" || given === null) {
    throw new TypeError(
      `${doing}: options must be an object such as { target: "v", path: "cosine" }, ` +
        `got ${show(given)}`,
    );
  }
  const options = resolveOptions<Required<ERDOptions>>("ERD", OPTIONS, given);
  weightingOf("create ERD", options.mode);
  checkTarget("create ERD", given.target);
  if (given.path === undefined) {
    fail("create ERD", `path must be given, such as "cosine"`, given.path);
  }
  const online = options.mode === "online";
  if (online && given.measure === false) {
    throw new RangeError(`${doing}: measure must be true in mode "online", got false`);
  }
  return { ...options, measure: options.measure || online };
}

/** What `ERD.report` gives. */
export interface ERDReport {
  /** How the loss is weighted. */
  readonly mode: ERDMode;
  /** Training batches so far. */
  readonly step: number;
  /** The noise levels, the least noise first. */
  readonly bins: readonly ERDBin[];
}

/** The state of an {@linkcode ERD}, plain data for JSON. */
export interface ERDState extends MeasurementsState {
  /** Tells it from the state of anything else. */
  readonly format: "signalfit-erd-1";
  /** Number of bins. */
  readonly bins: number;
  /** Training batches so far. */
  readonly step: number;
  /** Training batches when the measurements were read last. */
  readonly readStep: number;
  /** Training batches drawn so far. */
  readonly draws: number;
}

/** Checks a state before anything is changed. */
function checkERDState(state: ERDState, bins: number): void {
  const refuse = (rule: string, value: unknown): never => {
    throw new Error(`Cannot restore ERD: ${rule}, got ${value}`);
  };
  if (state?.format !== "signalfit-erd-1") {
    refuse('the format must be "signalfit-erd-1"', state?.format);
  }
  if (state.bins !== bins) refuse(`bins must be ${bins}, as in this ERD`, state.bins);
  for (const name of ["step", "readStep", "draws"] as const) {
    const value = state[name];
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      refuse(`${name} must be a whole number >= 0`, value);
    }
  }
  checkMeasurementsState(state, bins, refuse);
}

/**
 * Trains a diffusion model with its loss reweighted, at each noise level, by how much of the target can
 * be recovered there (ERD, arXiv 2605.10790). No extra network; without `measure` no reading of the
 * device.
 */
export class ERD extends OwnCallback {
  readonly #options: Required<ERDOptions>;
  readonly #weights: WeightsInForce;
  readonly #draws: TrainingDraws;
  readonly #measured: Measurements;
  readonly #rows = new BatchRows();
  #step = 0;
  #readStep = 0;
  /** Whether a training batch is under way whose loss has not been asked for. */
  #armed = false;
  /** The step at which the present fit began. */
  #fitBegan = 0;
  #warned = false;

  /**
   * Makes the callback and the loss that goes with it.
   *
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
    const weighting = weightingOf(doing, mode);
    this.#options = checked;
    this.#weights = new WeightsInForce(doing, { ...checked, process, plan, weighting, cells });
    this.#measured = new Measurements(checked, plan.distribution);
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
    return tf.tidy(() => tf.mul(rowColumn(rows, ROW.loss), rowColumn(rows, ROW.weight)));
  };

  /** The loss without weights, a metric beside `loss`: "rawLoss" in the history. */
  readonly rawLoss: LossFunction = (_labels, rows) => {
    checkRows(rows);
    return rowColumn(rows, ROW.loss);
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
      this.#measured.seeTimes(t);
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
    const weights = this.#weights.byBin(bins, (t) => this.#measured.binOf(t));
    return { mode, step: this.#step, bins: this.#measured.report(weights) };
  }

  /** The state as plain data for JSON. Reads what waits on the device, but leaves it waiting. */
  async getState(): Promise<ERDState> {
    const measured = await this.#measured.state();
    return {
      format: "signalfit-erd-1",
      bins: this.#options.bins,
      step: this.#step,
      readStep: this.#readStep,
      draws: this.#draws.trainings,
      ...measured,
    };
  }

  /**
   * Replaces the state by a saved one, after which training goes on as it would have.
   *
   * @throws {Error} if it is no state of an ERD with as many bins
   */
  setState(state: ERDState): void {
    checkERDState(state, this.#options.bins);
    this.#measured.restore(state);
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
  gather(team: Team): Promise<void> {
    return this.#measured.gather(team);
  }

  /** Frees what waits on the device. */
  dispose(): void {
    this.#measured.dispose();
    this.#armed = false;
  }

  /** Forgets what a broken-off fit has left. `fit` calls it. */
  override onTrainBegin(): Promise<void> {
    this.#measured.discard();
    this.#armed = false;
    this.#rows.end();
    this.#fitBegan = this.#step;
    this.#draws.beginValidation();
    return Promise.resolve();
  }

  /** Makes ready for the loss of a batch. `fit` calls it. */
  override onBatchBegin(): Promise<void> {
    this.#measured.discard();
    this.#rows.begin(this.model);
    this.#armed = true;
    return Promise.resolve();
  }

  /** Counts a batch whose loss was used, and reads what waits when it is time. `fit` calls it. */
  override async onBatchEnd(): Promise<void> {
    const { measure, readEvery } = this.#options;
    const taken = !this.#armed;
    this.#armed = false;
    this.#rows.end();
    if (!taken) return;
    this.#step++;
    if (this.#measured.commit() && this.#measured.waiting >= readEvery) await this.#read();
    if (!measure) this.#measured.count(this.#draws.takeTimes());
  }

  /** Lets the next validation have the noise of this one. `fit` calls it. */
  override onEpochEnd(): Promise<void> {
    this.#draws.beginValidation();
    return Promise.resolve();
  }

  /** Reads what waits, for `report`. `fit` calls it. */
  override async onTrainEnd(): Promise<void> {
    this.#armed = false;
    if (this.#step === this.#fitBegan) {
      console.warn(
        "ERD: no training batch used its loss: compile with erd.loss or erd.packed.loss",
      );
    }
    await this.#measured.read();
  }

  /** Keeps the rows of the first loss that is asked for, under a gradient, after a batch began. */
  #record(rows: () => tf.Tensor, packed: boolean): void {
    if (!tf.engine().isTapeOn()) return;
    if (!this.#armed) return this.#warnIfAlone();
    this.#armed = false;
    if (this.#options.measure) this.#measured.set(rows(), packed, this.#rows.share);
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
    await this.#measured.takeIn();
    this.#readStep = this.#step;
    this.#reweight();
  }

  /** Renews the weights from the measurements. */
  #reweight(): void {
    const { mode, warmup, ramp, rMin } = this.#options;
    if (mode !== "online") return;
    this.#weights.follow({
      means: this.#measured.means(),
      binOf: (t) => this.#measured.binOf(t),
      rMin,
      mix: rampMix(this.#readStep, warmup, ramp),
    });
  }
}
