import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { hostMemory } from "../src/engines/host_memory.ts";
import { resolveLogs } from "../src/logs/resolve_logs.ts";
import { pure } from "../src/pure.ts";
import { type OptionTable, resolveOptions, whole } from "../src/options/options.ts";
import { agree, compareParameters, descriptionOf, spread } from "../src/parallel/agree.ts";
import { checkTeam, teamOfOptimizer } from "../src/parallel/distributed.ts";
import { packWeighted, unpack } from "../src/parallel/gradient_sum.ts";
import { meet, type Place } from "../src/parallel/meeting.ts";
import { clearShare, presentShare, setShare, type Share } from "../src/parallel/share.ts";
import type { Team } from "../src/parallel/team.ts";
import {
  beginTeamFit,
  endTeamFit,
  type EpochSums,
  type TeamFit,
} from "../src/parallel/team_fit.ts";
import { readSums } from "../src/training/epoch_start.ts";
import { runLast, whenFitEnds } from "../src/training/fit_hooks.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

/** Options of {@linkcode TeamCallback}. */
export interface TeamCallbackOptions {
  /**
   * Whether all ranks have the same parameters, bit for bit, is looked at every so many batches: a whole
   * number >= 1. With `ParameterAveraging` it is after every so many averagings.
   * @default 100
   */
  readonly checkEvery?: number;
}

const NAME = "TeamCallback";

const OPTIONS: OptionTable<Required<TeamCallbackOptions>> = /* @__PURE__ */ pure(() => ({
  checkEvery: whole(100, 1),
}));

/** @internal */
type Logs = Record<string, number | tf.Tensor>;

/**
 * Makes the fits of all ranks one: they begin with the weights and the optimizer's state of rank 0, have the
 * losses and metrics of all rows in their logs, stop at the same batch, and are compared now and then. It
 * comes first in the list of callbacks. `Progress`, loggers, live pages and checkpoints in the list then
 * write on rank 0 alone.
 *
 * Ranks that do not fit together end with an error that says in what: model, optimizer, number of batches
 * or of rows, or where one of them waits for another.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { sgdf, trainingBatches } from "@signalfit/tfjs";
 * import { distributed, joinMpi, TeamCallback } from "@signalfit/tfjs/mpi";
 *
 * const team = await joinMpi();
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: distributed(sgdf(), team), loss: "meanSquaredError" });
 * const data = trainingBatches(tf.ones([64, 2]), tf.ones([64, 1]), { batchSize: 16, team });
 * await model.fitDataset(data, { epochs: 2, verbose: 0, callbacks: [new TeamCallback(team)] });
 * ```
 */
export class TeamCallback extends OwnCallback {
  /** The ranks that train together. */
  readonly team: Team;
  readonly #options: Required<TeamCallbackOptions>;
  #fit: TeamFit | undefined;
  #share: Share | undefined;
  /** Sums over the samples of this rank, by name, and their number. */
  #totals = new Map<string, tf.Tensor>();
  #seen = 0;
  #comparisons = 0;
  /** Whether this rank wants to stop, where the others hear of it later. */
  #wantsStop = false;
  /** The data of the weights that are not trained, at the beginning of the batch. */
  #before: object[] = [];

  /**
   * Prepares the callback; nothing happens before a fit begins.
   *
   * @param team from `joinMpi`
   * @param options see {@linkcode TeamCallbackOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option, or the team is none
   */
  constructor(team: Team, options: TeamCallbackOptions = {}) {
    super();
    checkTeam(`create ${NAME}`, team);
    this.team = team;
    this.#options = resolveOptions<Required<TeamCallbackOptions>>(NAME, OPTIONS, options);
  }

  /** Takes the model that the team trains. */
  override setModel(model: Parameters<tfl.Callback["setModel"]>[0]): void {
    super.setModel(model);
    const gatherSums = () => this.#gatherSums();
    this.#fit = beginTeamFit(this.model, { team: this.team, gatherSums });
    whenFitEnds(this.model, () => this.#end());
  }

  /** Compares the ranks' models and gives all of them rank 0's weights and state. */
  override async onTrainBegin(): Promise<void> {
    const { team, model } = this;
    this.#comparisons = 0;
    this.#wantsStop = false;
    if (team.size === 1) return;
    if (!this.#fit!.averages && teamOfOptimizer(model.optimizer) !== team) {
      throw new Error(
        `Cannot train together: the model must be compiled with distributed(optimizer, team), or ` +
          `ParameterAveraging be among the callbacks, got ${model.optimizer.getClassName()} alone`,
      );
    }
    meet(team, "the beginning of a fit");
    agree(team, descriptionOf(model, this.params as Record<string, unknown>));
    await spread(team, model);
    runLast(model.history, {
      onBatchEnd: () => this.#afterBatch(),
      onEpochEnd: () => this.#afterEpoch(),
      onTrainEnd: () => Promise.resolve(),
    });
  }

  /** Compares which epoch the ranks begin. */
  override async onEpochBegin(epoch: number): Promise<void> {
    this.#forget();
    // What was done of the epoch before it was broken off counts once.
    const before = await readSums(this.model);
    if (this.team.rank === 0 && before !== null) this.#begin(before);
    const epochs = meet(this.team, "the beginning of an epoch", [epoch]);
    const odd = epochs.findIndex(([each]) => each !== epoch);
    if (odd < 0) return;
    throw new Error(
      `Cannot train together: all ranks must begin the same epoch, got ${epoch} on rank ` +
        `${this.team.rank} and ${
          epochs[odd]![0]
        } on rank ${odd}, counted from 0. A checkpoint is read ` +
        `by all ranks: each of them must see its directory`,
    );
  }

  /** Finds out which share of the batch is this rank's. */
  override onBatchBegin(_batch: number, logs?: tfl.Logs | Logs): Promise<void> {
    const { team } = this,
      given = logs as Logs,
      size = Number(given.size),
      { averages } = this.#fit!;
    this.#share = presentShare(team);
    if (this.#share === undefined && !averages && team.size > 1) {
      const rows = meet(team, "the beginning of a batch", [size]).map(([own]) => own!);
      const sum = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
      this.#share = { first: sum(rows.slice(0, team.rank)), own: size, all: sum(rows) };
      setShare(team, this.#share);
    }
    this.#share ??= { first: 0, own: size, all: size };
    given.size = this.#share.all; // what all of them have done, for those who count it
    this.#before = this.model.nonTrainableWeights.map((weight) => weight.read().dataId);
    return Promise.resolve();
  }

  /** Adds the batch's logs, by its samples, to those of the epoch. */
  override onBatchEnd(_batch: number, logs?: tfl.Logs | Logs): Promise<void> {
    const { own } = this.#share!;
    clearShare(this.team);
    this.#seen += own;
    for (const [name, value] of Object.entries(logs as Logs)) {
      if (name === "batch" || name === "size") continue;
      const before = this.#totals.get(name);
      // What a stand-in gives does not count, not even where it is NaN.
      const part = () => own === 0 ? tf.scalar(0) : tf.mul(value, own);
      this.#totals.set(
        name,
        tf.tidy(() => tf.keep(before === undefined ? part() : tf.add(before, part()))),
      );
      before?.dispose();
    }
    if (this.team.size > 1 && !this.#fit!.averages) this.#averageMoved();
    return Promise.resolve();
  }

  /** Replaces the epoch's logs by their means over all ranks. */
  override async onEpochEnd(epoch: number, logs?: tfl.Logs | Logs): Promise<void> {
    const { team } = this;
    if (team.size === 1) return this.#forget();
    meet(team, "the end of an epoch", [epoch]);
    const given = logs as Logs, own = await resolveLogs(given);
    const { seen, totals } = await this.#sumTotals();
    const others = Object.keys(own).filter((name) => !totals.has(name)).sort();
    const sums = Float32Array.from(others, (name) => own[name]!);
    team.allReduce(sums, "the end of an epoch");
    for (const [name, total] of totals) given[name] = total / seen;
    others.forEach((name, index) => given[name] = sums[index]! / team.size);
    this.#forget();
  }

  /** Waits for all ranks to end the fit. */
  override onTrainEnd(): Promise<void> {
    meet(this.team, "the end of a fit");
    return Promise.resolve();
  }

  /** Lets all ranks stop with the first that does, and compares them, after all other callbacks. */
  async #afterBatch(): Promise<void> {
    const { team, model } = this, fit = this.#fit!;
    this.#wantsStop ||= model.stopTraining;
    if (fit.averages && !fit.isTogether) {
      model.stopTraining = false;
      return;
    }
    this.#stopTogether("the end of a batch");
    if (++this.#comparisons % this.#options.checkEvery === 0) await compareParameters(team, model);
  }

  /** Also where it is what comes after an epoch that stops. */
  #afterEpoch(): Promise<void> {
    this.#wantsStop ||= this.model.stopTraining;
    this.#stopTogether("the end of an epoch");
    return Promise.resolve();
  }

  /** Lets all ranks stop where one of them wants to. */
  #stopTogether(place: Place): void {
    const fit = this.#fit!;
    const rows = meet(this.team, place, [Number(this.#wantsStop), fit.request]);
    if (rows.some(([stops]) => stops === 1)) this.model.stopTraining = true;
    this.#wantsStop = false;
    fit.agreed = Math.max(...rows.map(([, request]) => request!));
  }

  /** Averages what training moves beside parameters, such as the statistics of batch normalization. */
  #averageMoved(): void {
    const moved = this.model.nonTrainableWeights
      .map((weight) => weight.read() as tf.Variable)
      .filter(({ dataId, dtype }, index) => dtype === "float32" && dataId !== this.#before[index]);
    const memory = hostMemory();
    if (moved.length === 0 || memory === undefined) return;
    const { own, all } = this.#share!;
    const packed = packWeighted(memory, moved, own / all);
    this.team.allReduce(packed, "the end of a batch");
    unpack(packed, moved).forEach((mean, index) => {
      moved[index]!.assign(mean);
      mean.dispose();
    });
  }

  /** The sums over the samples of all ranks, and their number. */
  async #sumTotals(): Promise<{ seen: number; totals: Map<string, number> }> {
    const names = [...this.#totals.keys()].sort();
    const own = await Promise.all(names.map((name) => this.#totals.get(name)!.data()));
    // The number in two parts, which stay exact in float32.
    const sums = Float32Array.from([
      Math.floor(this.#seen / 4096),
      this.#seen % 4096,
      ...own.map(([value]) => value!),
    ]);
    this.team.allReduce(sums, "the end of an epoch");
    return {
      seen: 4096 * sums[0]! + sums[1]!,
      totals: new Map(names.map((name, index) => [name, sums[index + 2]!])),
    };
  }

  /** The same for a checkpoint. From then on they are rank 0's, as in a run that goes on from there. */
  async #gatherSums(): Promise<EpochSums> {
    const { seen, totals } = await this.#sumTotals();
    const sums = {
      seen,
      totals: Object.fromEntries(
        [...totals].map(([name, total]) =>
          [name, Number.isFinite(total) ? total : String(total)] as const
        ),
      ),
    };
    const none = Object.fromEntries([...totals.keys()].map((name) => [name, 0]));
    this.#forget();
    this.#begin(this.team.rank === 0 ? sums : { seen: 0, totals: none });
    return sums;
  }

  /** Begins with what was done already. */
  #begin({ seen, totals }: EpochSums): void {
    this.#seen = seen;
    for (const [name, total] of Object.entries(totals)) {
      if (name === "batch" || name === "size") continue;
      this.#totals.set(name, tf.keep(tf.scalar(Number(total))));
    }
  }

  #forget(): void {
    tf.dispose([...this.#totals.values()]);
    this.#totals = new Map();
    this.#seen = 0;
  }

  /** Also after an exception. */
  #end(): void {
    this.#forget();
    clearShare(this.team);
    endTeamFit(this.model);
  }
}
