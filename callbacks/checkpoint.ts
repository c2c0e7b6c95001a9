import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import {
  checkpointName,
  listCheckpoints,
  removeCheckpoint,
  removeUnfinished,
  sequenceOf,
  writeCheckpoint,
} from "../src/io/checkpoint_files.ts";
import { type DirectoryLock, lockDirectory } from "../src/io/directory_lock.ts";
import { failure, Refusal } from "../src/io/failure.ts";
import { type Host, importHost } from "../src/io/host.ts";
import { makeDirectory } from "../src/io/save_model.ts";
import { fromFirst, gatherState } from "../src/parallel/saving.ts";
import { type EpochSums, isWriter, sharedFitOf } from "../src/parallel/team_fit.ts";
import { checkPath } from "../src/options/check.ts";
import { callbacksOption, statefulCallbacks } from "../src/training/callback_state.ts";
import { readSums, watchSums } from "../src/training/epoch_start.ts";
import { runLast, whenFitEnds } from "../src/training/fit_hooks.ts";
import { partsOf } from "../src/training/model_parts.ts";
import { readOptimizer } from "../src/optimizers/optimizer_state.ts";
import { EXIT_CODES, onStopSignal, type StopSignal, Turns } from "../src/training/stop_signals.ts";
import { dataOption, type ResumableData } from "../src/training/training_batches.ts";
import {
  type BestEntry,
  captureRun,
  samePosition,
  type TrainingPosition,
} from "../src/training/training_state.ts";
import { isBetter, type MonitorMode, monitorMode, monitorName } from "../src/logs/monitor.ts";
import { flag, type OptionTable, orNull, resolveOptions, whole } from "../src/options/options.ts";
import { pure } from "../src/pure.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

/** Options of {@linkcode Checkpoint}. */
export interface CheckpointOptions {
  /**
   * Save after every so many batches, counted over the whole run: a whole number >= 1, or null for never.
   * @default null
   */
  readonly everySteps?: number | null;
  /**
   * Save after every so many epochs, a whole number >= 1, or null for never. What the last epoch leaves
   * is saved in any case.
   * @default 1
   */
  readonly everyEpochs?: number | null;
  /**
   * What to watch, a name in the history of `fit` such as "val_loss": an epoch that is better than all
   * before it is saved, and kept as the best. null for nothing.
   * @default null
   */
  readonly monitor?: string | null;
  /**
   * Whether less is better ("min") or more ("max"); "auto" takes more for names with "acc", "auc",
   * "precision", "recall" or "f1" in them, else less.
   * @default "auto"
   */
  readonly mode?: MonitorMode;
  /**
   * How many checkpoints stay, the newest ones: a whole number >= 1.
   * @default 3
   */
  readonly keep?: number;
  /**
   * Keep the best checkpoint, by `monitor`, beside them.
   * @default true
   */
  readonly keepBest?: boolean;
  /**
   * Callbacks whose state is saved: those with `getState` and `setState`, with `getWeights` and
   * `setWeights`, or with both. Others may stand in the list, and begin anew when a run is resumed.
   * @default []
   */
  readonly callbacks?: readonly tfl.Callback[];
  /**
   * The data that `fitDataset` is given, if they can begin with any batch, as those of
   * `trainingBatches`: the run is then resumed in the middle of an epoch.
   * @default null
   */
  readonly data?: ResumableData | null;
  /**
   * On Ctrl-C and SIGTERM finish the batch, save and stop training; a second one ends the process.
   * @default true
   */
  readonly onSignal?: boolean;
}

/** The best checkpoint of a run. */
export interface BestCheckpoint {
  /** Its folder, a model that `tf.loadLayersModel(fileSystem(path))` loads. */
  readonly path: string;
  /** The value of what is watched. */
  readonly value: number;
}

/** Where a run goes on, for {@linkcode Checkpoint.goOn}. */
export interface CheckpointStart {
  /** Where in the training it was written. */
  readonly position: TrainingPosition;
  /** The best value so far and where it was seen, or null. */
  readonly best: BestEntry | null;
  /** Whether its folder is still there: `keepBest: false` lets it go. */
  readonly isBestKept: boolean;
  /** The newest checkpoint in the directory, whole or not; null where there is none. */
  readonly newest: string | null;
  /** Names of checkpoints that are damaged. */
  readonly damaged: readonly string[];
}

const SIGNALS = /* @__PURE__ */ Object.keys(EXIT_CODES) as StopSignal[];

const OPTIONS: OptionTable<Required<CheckpointOptions>> = /* @__PURE__ */ pure(() => ({
  everySteps: orNull(whole(1)),
  everyEpochs: { ...orNull(whole(1)), fallback: 1 },
  monitor: orNull(monitorName("val_loss")),
  mode: monitorMode,
  keep: whole(3),
  keepBest: flag(true),
  callbacks: callbacksOption,
  data: dataOption,
  onSignal: flag(true),
}));

const BEGINNING: TrainingPosition = { epoch: 0, step: 0, globalStep: 0 };

/**
 * Saves a run while it is trained, so that `resumeTraining` can go on with it: the model, its optimizer, where the
 * run stands, and the state of callbacks. A checkpoint is whole or not there, whatever happens meanwhile;
 * the last few and the best are kept. It may stand anywhere among the callbacks. Deno and Node.
 *
 * One process at a time keeps checkpoints in a directory; see docs/resuming.md.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import process from "node:process";
 * import "@tensorflow/tfjs-backend-cpu";
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import { Checkpoint, resumeTraining, sgdf, trainingBatches } from "@signalfit/tfjs";
 *
 * const directory = await mkdtemp(`${tmpdir()}/run-`);
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: sgdf(), loss: "meanSquaredError" });
 * const data = trainingBatches(tf.ones([64, 2]), tf.ones([64, 1]), { batchSize: 8, seed: 1 });
 * const checkpoint = new Checkpoint(directory, { everySteps: 5, data });
 *
 * const start = await resumeTraining(model, checkpoint); // undefined where nothing was saved
 * await model.fitDataset(data, {
 *   epochs: 3,
 *   initialEpoch: start?.initialEpoch ?? 0,
 *   callbacks: [checkpoint],
 *   verbose: 0,
 * });
 * if (checkpoint.interrupted) process.exit(checkpoint.exitCode);
 * ```
 */
export class Checkpoint extends OwnCallback {
  /** The directory, as it was given. */
  readonly directory: string;
  readonly #options: Required<CheckpointOptions>;
  #host: Host | undefined;
  #lock: DirectoryLock | undefined;
  #stopListening: () => void = () => {};
  #signal: StopSignal | undefined;
  #position: TrainingPosition = BEGINNING;
  /** Where the run stood when it was saved or loaded last, or had not begun. */
  #saved: TrainingPosition = BEGINNING;
  /** Batches of the epoch that are left out, having been done before a resumption. */
  #skip: { readonly epoch: number; readonly step: number } | undefined;
  /** Whether training was told to stop in the middle of the epoch. */
  #breaksOff = false;
  /** What was summed of the epoch that training stops in. */
  #sums: EpochSums | null = null;
  #isDue = false;
  #best: BestEntry | null = null;
  #isBestKept = true;
  /** The newest checkpoint that this run knows of. */
  #newest: string | null = null;
  #damaged: readonly string[] = [];
  #warned = false;
  readonly #turns = new Turns();

  /**
   * Nothing happens before a fit begins.
   *
   * @param directory where checkpoints are kept, such as "runs/a"; it is made when training begins
   * @param options see {@linkcode CheckpointOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option, or the directory is none
   */
  constructor(directory: string, options: CheckpointOptions = {}) {
    super();
    checkPath("Checkpoint", directory);
    this.directory = directory;
    this.#options = resolveOptions("Checkpoint", OPTIONS, options);
    watchSums();
  }

  /** The callbacks whose state is saved. */
  get callbacks(): readonly tfl.Callback[] {
    return this.#options.callbacks;
  }

  /** The data whose position is saved, or null. */
  get data(): ResumableData | null {
    return this.#options.data;
  }

  /** The signal that has ended the last fit early, or undefined. */
  get interrupted(): StopSignal | undefined {
    return this.#signal;
  }

  /** What a process exits with after such a signal: 130 or 143, as shells do; 0 without one. */
  get exitCode(): number {
    return this.#signal === undefined ? 0 : EXIT_CODES[this.#signal];
  }

  /**
   * The best checkpoint so far; undefined before the first, and once its folder is removed, as it may be with
   * `keepBest: false`.
   */
  get best(): BestCheckpoint | undefined {
    if (this.#best === null || !this.#isBestKept) return undefined;
    return { path: `${this.directory}/${this.#best.name}`, value: this.#best.value };
  }

  /** The folder of the checkpoint that was saved or resumed from last, or undefined before the first. */
  get newest(): string | undefined {
    return this.#newest === null ? undefined : `${this.directory}/${this.#newest}`;
  }

  /** Lets the next fit go on with a run. `resumeTraining` does this. */
  goOn({ position, best, isBestKept, newest, damaged }: CheckpointStart): void {
    this.#position = this.#saved = position;
    this.#skip = this.data === null ? undefined : position;
    this.#best = best;
    this.#isBestKept = isBestKept;
    this.#newest = newest;
    this.#damaged = damaged;
  }

  /** Takes the directory's lock and begins to listen for signals that ask the process to end. */
  override async onTrainBegin(): Promise<void> {
    this.#signal = undefined;
    this.#warned = false;
    await this.#doing("Cannot keep checkpoints in", async () => {
      const host = this.#host = await importHost(), model = this.model;
      whenFitEnds(model, () => this.#end());
      (await readOptimizer(model)).dispose(); // it may be one that cannot be saved
      if (!isWriter(model)) return; // rank 0 of a team does the rest
      await makeDirectory(host, this.directory);
      const lock = await lockDirectory(
        host,
        this.directory,
        "Checkpoint",
        () => this.model === model && partsOf(model).isTraining,
      );
      this.#lock = lock;
      await this.#checkOthers(host);
      await removeUnfinished(host, this.directory);
    });
    if (this.#options.onSignal) {
      this.#stopListening = await onStopSignal((signal) => {
        const fit = sharedFitOf(this.model);
        if (fit === undefined) this.#signal = signal;
        else fit.request = 1 + SIGNALS.indexOf(signal); // all ranks end after the same batch
        console.warn(`${signal}: finishing the batch and saving; again to stop at once`);
      });
    }
    this.#turns.reset();
    // Who calls callbacks without fit has no history: nothing is saved then.
    if (!this.model.history) return;
    runLast(this.model.history, {
      onBatchEnd: () => this.#afterBatch(),
      onEpochEnd: (epoch, logs) => this.#afterEpoch(epoch, logs),
      onTrainEnd: () => this.#afterTraining(),
    });
  }

  /** Sets the data to where the epoch begins, or goes on after resuming. */
  override onEpochBegin(epoch: number): Promise<void> {
    const step = this.#skip?.epoch === epoch ? this.#skip.step : 0;
    this.#skip = undefined;
    this.data?.seek(epoch, step);
    this.#position = { ...this.#position, epoch, step };
    this.#breaksOff = this.#isDue = false;
    this.#sums = null;
    return Promise.resolve();
  }

  async #afterBatch(): Promise<void> {
    const { epoch, step, globalStep } = this.#position, { everySteps } = this.#options;
    this.#position = { epoch, step: step + 1, globalStep: globalStep + 1 };
    await this.#turn();
    this.#hearOthers();
    this.#isDue = everySteps !== null && this.#position.globalStep % everySteps === 0;
    if (this.#position.step >= this.#stepsPerEpoch()) return; // the end of the epoch sees to it
    if (this.#isDue || this.#signal !== undefined) await this.#save();
    if (this.#signal !== undefined) this.model.stopTraining = true;
    this.#breaksOff = this.model.stopTraining;
    // The end of the epoch, which comes next, uses them up; what it leaves is saved after it.
    if (this.#breaksOff) this.#sums = await this.#epochSums();
  }

  async #afterEpoch(epoch: number, logs: Record<string, unknown>): Promise<void> {
    if (this.#breaksOff) return;
    const { everyEpochs } = this.#options;
    this.#position = { epoch: epoch + 1, step: 0, globalStep: this.#position.globalStep };
    const value = await this.#watched(logs);
    await this.#turn();
    this.#hearOthers();
    const isBest = value !== undefined && improves(value, this.#best?.value ?? null, this.#options);
    const isDue = this.#isDue || (everyEpochs !== null && (epoch + 1) % everyEpochs === 0);
    if (isDue || isBest || this.#signal !== undefined) await this.#save(isBest ? value : undefined);
    if (this.#signal !== undefined) this.model.stopTraining = true;
  }

  async #afterTraining(): Promise<void> {
    if (!samePosition(this.#position, this.#saved)) await this.#save();
    this.#end();
  }

  /** Gives back what a fit takes; also called after an exception. */
  #end(): void {
    this.#stopListening();
    this.#stopListening = () => {};
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** In a team, takes up the signal that all ranks know of. */
  #hearOthers(): void {
    const fit = sharedFitOf(this.model);
    if (fit !== undefined) this.#signal = SIGNALS[fit.agreed - 1];
  }

  /** @param bestValue the value of what is watched, if no epoch was better */
  async #save(bestValue?: number): Promise<void> {
    await this.#doing("Cannot save a checkpoint to", async () => {
      const fit = sharedFitOf(this.model);
      if (fit !== undefined) await gatherState(fit, this.model, this.#options.callbacks);
      const sums = await this.#epochSums();
      let sequence = isWriter(this.model) ? await this.#write(bestValue, sums) : 0;
      if (fit !== undefined) sequence = fromFirst(fit, sequence);
      this.#newest = checkpointName(sequence, this.#position.globalStep);
      if (bestValue !== undefined) this.#best = { name: this.#newest, value: bestValue };
      this.#saved = this.#position;
    });
  }

  /** Writes a checkpoint and removes old ones; gives its number. */
  async #write(bestValue: number | undefined, sums: EpochSums | null): Promise<number> {
    const { callbacks, data, keep, keepBest } = this.#options, host = this.#host!;
    const present = await listCheckpoints(host, this.directory);
    const sequence = Math.max(sequenceOf(this.#newest ?? ""), present.at(-1)?.sequence ?? 0) + 1;
    const name = checkpointName(sequence, this.#position.globalStep);
    const best = bestValue === undefined ? this.#best : { name, value: bestValue };
    const files = await captureRun(host, this.model, statefulCallbacks(callbacks), {
      position: this.#position,
      order: data === null ? null : data.order ?? {},
      best,
      sums,
    });
    await writeCheckpoint(host, this.directory, name, files);
    this.#best = best;
    this.#newest = name;
    this.#saved = this.#position;
    const whole = present.map(({ name }) => name).filter((each) => !this.#damaged.includes(each));
    const kept = [...whole, name].slice(-keep);
    if (keepBest && best !== null) kept.push(best.name);
    this.#isBestKept = best !== null && kept.includes(best.name);
    for (const { name } of present) {
      if (!kept.includes(name)) await removeCheckpoint(host, this.directory, name);
    }
    return sequence;
  }

  /** What was summed of an epoch that is under way, by all ranks of a team. */
  async #epochSums(): Promise<EpochSums | null> {
    if (this.#position.step === 0) return null;
    return this.#sums ??
      await (sharedFitOf(this.model)?.gatherSums() ?? readSums(this.model));
  }

  /** Refuses a directory whose checkpoints this run does not come from: it would remove them. */
  async #checkOthers(host: Host): Promise<void> {
    const newest = (await listCheckpoints(host, this.directory)).at(-1);
    if (newest === undefined || newest.sequence <= sequenceOf(this.#newest ?? "")) return;
    throw new Refusal(
      this.#newest === null
        ? `it has checkpoints of another run, the newest being ${newest.name}; go on with that one ` +
          `by calling resumeTraining(model, checkpoint) before training, or give another directory`
        : `${newest.name} has been saved there since by another process; call resumeTraining(model, ` +
          `checkpoint) again, to go on from it`,
    );
  }

  async #watched(logs: Record<string, unknown>): Promise<number | undefined> {
    const { monitor } = this.#options;
    if (monitor === null) return undefined;
    const value = logs[monitor];
    if (typeof value === "number") return value;
    if (value instanceof tf.Tensor) return (await value.data())[0];
    if (!this.#warned) {
      const there = Object.keys(logs).join(", ");
      console.warn(`Checkpoint watches "${monitor}", but there is only ${there || "nothing"}`);
    }
    this.#warned = true;
    return undefined;
  }

  /** Batches of an epoch, or infinity where that is not known. */
  #stepsPerEpoch(): number {
    const { steps, samples, batchSize } = this.params as Record<string, number | null | undefined>;
    if (typeof steps === "number") return steps;
    if (typeof samples !== "number" || typeof batchSize !== "number") return Infinity;
    return Math.ceil(samples / batchSize);
  }

  /** Lets signals come through from time to time. */
  async #turn(): Promise<void> {
    if (this.#options.onSignal) await this.#turns.takeIfDue();
  }

  async #doing(action: string, f: () => Promise<void>): Promise<void> {
    try {
      await f();
    } catch (error) {
      throw failure(action, this.directory, error);
    }
  }
}

/** Whether a value is better than the best one. */
function improves(
  value: number,
  best: number | null,
  { monitor, mode }: Pick<Required<CheckpointOptions>, "monitor" | "mode">,
): boolean {
  // A value that JSON has no number for could not be compared with after a resumption.
  return Number.isFinite(value) &&
    isBetter(value, best, { monitor: monitor ?? "", mode, minDelta: 0 });
}
