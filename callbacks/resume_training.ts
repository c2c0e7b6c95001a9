import type * as tfl from "@tensorflow/tfjs-layers";
import { listCheckpoints } from "../src/io/checkpoint_files.ts";
import { readCheckpoint } from "../src/io/checkpoint_read.ts";
import { errorCode, failure, Refusal } from "../src/io/failure.ts";
import { type Host, importHost } from "../src/io/host.ts";
import { checkPath } from "../src/options/check.ts";
import { type OptionTable, resolveOptions } from "../src/options/options.ts";
import { callbacksOption, statefulCallbacks } from "../src/training/callback_state.ts";
import { startWithin } from "../src/training/epoch_start.ts";
import { trainedModel } from "../src/training/model_parts.ts";
import { restoreRun } from "../src/training/restore_run.ts";
import { dataOption, type ResumableData } from "../src/training/training_batches.ts";
import { type LoadedRun, loadRun, type TrainingPosition } from "../src/training/training_state.ts";
import { Checkpoint } from "./checkpoint.ts";
import { pure } from "../src/pure.ts";

/** Options of {@linkcode resumeTraining}. */
export interface ResumeTrainingOptions {
  /**
   * Callbacks that take up their state, and the `Checkpoint` that goes on with the run.
   * @default those of the checkpoint, if one is given in the place of the directory
   */
  readonly callbacks?: readonly tfl.Callback[];
  /**
   * The data that `fitDataset` is given, if they can begin with any batch.
   * @default those of the checkpoint, if one is given in the place of the directory
   */
  readonly data?: ResumableData | null;
}

/** Where a run goes on. */
export interface ResumedTraining {
  /** The epoch that the next batch belongs to, counted from 0. */
  readonly epoch: number;
  /** Batches done in that epoch; 0 where it is gone through from its start again. */
  readonly step: number;
  /** Batches done in all. */
  readonly globalStep: number;
  /** What `fit` and `fitDataset` are to be given. */
  readonly initialEpoch: number;
  /** The folder of the checkpoint. */
  readonly path: string;
  /** Folders of newer checkpoints that were damaged. */
  readonly skipped: readonly string[];
}

const OPTIONS: OptionTable<Required<ResumeTrainingOptions>> = /* @__PURE__ */ pure(() => ({
  callbacks: callbacksOption,
  data: dataOption,
}));

/**
 * Loads the newest whole checkpoint of a directory into a compiled model: weights, the optimizer's state,
 * callbacks, and the position in the data. Everything is checked before anything is changed.
 *
 * A damaged checkpoint is passed over with a warning, and the one before it is taken.
 *
 * @param model a model like the one that was saved, compiled with an optimizer of the same class
 * @param from the `Checkpoint` that is to go on with the run, or a directory
 * @param options see {@linkcode ResumeTrainingOptions}
 * @returns where to go on, or undefined if the directory has no checkpoint
 * @throws {Error} if the checkpoint does not fit, or none is whole; nothing has changed then
 */
export async function resumeTraining(
  model: tfl.LayersModel,
  from: Checkpoint | string,
  options: ResumeTrainingOptions = {},
): Promise<ResumedTraining | undefined> {
  const given = resolveOptions<Required<ResumeTrainingOptions>>("the resumption", OPTIONS, options);
  const own = from instanceof Checkpoint ? from : undefined;
  const directory = own?.directory ?? from as string;
  checkPath("a resumption", directory);
  const callbacks = options.callbacks === undefined && own !== undefined
    ? own.callbacks
    : given.callbacks;
  const data = options.data === undefined && own !== undefined ? own.data : given.data;
  const goingOn = new Set([...own === undefined ? [] : [own], ...callbacks.filter(isCheckpoint)]);
  try {
    const host = await importHost();
    const found = await newestWhole(host, directory);
    if (found === undefined) {
      startWithin(model, null);
      const nothing = { epoch: 0, step: 0, globalStep: 0 };
      for (const checkpoint of goingOn) {
        checkpoint.goOn({
          position: nothing,
          best: null,
          isBestKept: false,
          newest: null,
          damaged: [],
        });
      }
      return undefined;
    }
    const { run, name, names, damaged } = found, newest = names.at(-1)!;
    try {
      await restoreRun(trainedModel(model), run, statefulCallbacks(callbacks), data);
    } catch (error) {
      throw new Refusal(`${name}: ${error instanceof Error ? error.message : error}`, {
        cause: error instanceof Refusal ? error.cause : error,
      });
    } finally {
      run.dispose();
    }
    const position = startOf(run, data, name), { epoch, step } = position;
    startWithin(model, step === 0 ? null : { epoch, step, sums: run.sums });
    for (const checkpoint of goingOn) {
      checkpoint.goOn({
        position,
        best: run.best,
        isBestKept: names.includes(run.best?.name ?? ""),
        newest,
        damaged,
      });
    }
    const path = (each: string) => `${directory}/${each}`;
    return {
      ...position,
      initialEpoch: position.epoch,
      path: path(name),
      skipped: damaged.map(path),
    };
  } catch (error) {
    throw failure("Cannot resume from", directory, error);
  }
}

/** Where the run goes on: in the middle of an epoch only if the data can. */
function startOf(
  { position, order }: LoadedRun,
  data: ResumableData | null,
  name: string,
): TrainingPosition {
  if (position.step === 0 || (data !== null && order !== null)) return position;
  console.warn(
    `resumeTraining: ${name} was saved after ${position.step} batches of epoch ${position.epoch}, counted ` +
      `from 0. That epoch is gone through from its start again, as ` +
      (data === null ? "no data were given that can begin there" : "it was saved without data") +
      `, such as those of trainingBatches`,
  );
  return { ...position, step: 0 };
}

function isCheckpoint(callback: tfl.Callback): callback is Checkpoint {
  return callback instanceof Checkpoint;
}

interface Found {
  readonly run: LoadedRun;
  readonly name: string;
  /** All checkpoints of the directory, from the oldest on. */
  readonly names: readonly string[];
  readonly damaged: readonly string[];
}

async function newestWhole(host: Host, directory: string): Promise<Found | undefined> {
  const entries = await listCheckpoints(host, directory).catch((error) => {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  });
  const damaged: string[] = [];
  for (const { name } of entries.toReversed()) {
    try {
      const run = loadRun(await readCheckpoint(host, host.path.join(directory, name)));
      return { run, name, names: entries.map(({ name }) => name), damaged };
    } catch (error) {
      const { message } = failure("resumeTraining: passing over", `${directory}/${name}`, error);
      console.warn(message);
      damaged.push(name);
    }
  }
  if (damaged.length === 0) return undefined;
  throw new Refusal(
    `none of its ${damaged.length} checkpoints is whole; remove them to begin anew`,
  );
}
