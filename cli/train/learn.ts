import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import {
  Checkpoint,
  CsvLogger,
  fileSystem,
  GainMonitor,
  Progress,
  resumeTraining,
  RuleOptimizer,
  TensorBoard,
  TerminateOnNaN,
  trainingBatches,
} from "@signalfit/tfjs";
import { distributed, TeamCallback } from "@signalfit/tfjs/mpi";
import type { Context } from "../context.ts";
import { note as noteTo } from "../lib/note.ts";
import { resumeCommand } from "../lib/resume_command.ts";
import { onStopNote } from "../lib/stop_note.ts";
import { KeepSettings, type RunSettings } from "../lib/same_run.ts";
import { onAny } from "../lib/team.ts";
import { writeWhole } from "../lib/write_whole.ts";
import { withLivePage } from "../lib/with_live_page.ts";
import type { TrainOptions } from "./command.ts";
import { findRate } from "./find_rate.ts";
import type { GivenOptions } from "./optimizers.ts";
import { plain } from "./plain.ts";
import type { Prepared } from "./prepare.ts";
import { compile, type Score, scoreOf } from "./score.ts";
import { StopOnAbort } from "./stop_on_abort.ts";
import { disposeParts, toParts } from "./tensors.ts";

/** What `signalfit train` ends with, as `--json` prints it. */
export interface TrainResult {
  readonly data: string;
  readonly model: string;
  readonly backend: string;
  readonly optimizer: string;
  /** All its options. */
  readonly options: GivenOptions;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  /** Steps of the whole training that are done, those before a resumption included. */
  readonly steps: number;
  /** Steps that were done before a resumption. */
  readonly resumedAt: number;
  /** Whether it was stopped before its end. */
  readonly interrupted: boolean;
  /** What the last epoch of this call logged, by name. */
  readonly lastEpoch: Readonly<Record<string, number>>;
  /** The score on the rows for the test; null if it was interrupted. */
  readonly test: Score | null;
  /** What was written, by option. */
  readonly files: Readonly<Record<string, string>>;
  /** How to go on, if it was interrupted and saved. */
  readonly resume: string | null;
}

/** Optimizers that have the filter without being asked for it. */
const ALWAYS_FILTER: readonly string[] = ["sgdf", "adamf"];

/** Trains, or goes on with a run that was stopped; then tests and saves. */
export async function learn(
  options: TrainOptions,
  prepared: Prepared,
  { optimizer, resolved, settings }: {
    readonly optimizer: tf.Optimizer;
    readonly resolved: GivenOptions;
    readonly settings: RunSettings;
  },
  { signal, stderr, team = null }: Context,
): Promise<TrainResult> {
  const note = noteTo(stderr);
  const { dataset, source, backend, epochs, batchSize, batches } = prepared;
  const { seed, validationSplit } = options;
  const model = await source.build(seed);
  compile(model, team === null ? optimizer : distributed(optimizer, team), dataset);
  const parts = toParts(dataset, model, validationSplit);
  const { train, validation } = parts;
  const isShown = options.live || options.report !== undefined;
  const isFiltering = ALWAYS_FILTER.includes(options.optimizer) || resolved.filter === true;
  const gains = isShown && isFiltering ? new GainMonitor() : null;
  const data = trainingBatches(train.x, train.y, { batchSize, seed, team });
  const logs: tfl.Callback[] = [];
  if (options.csv !== undefined) logs.push(new CsvLogger(options.csv));
  if (options.tensorboard !== undefined) {
    logs.push(new TensorBoard(options.tensorboard, { everyBatches: 10 }));
  }
  const watch = new TerminateOnNaN();
  const checkpoint = options.checkpoints === undefined ? undefined : new Checkpoint(
    options.checkpoints,
    {
      data,
      callbacks: [...logs, watch],
      ...options.everySteps === undefined ? {} : { everySteps: options.everySteps },
      ...validation === undefined ? {} : { monitor: "val_loss" },
    },
  );
  const endNote = onStopNote(
    signal,
    stderr,
    `Finishing the batch${
      checkpoint === undefined ? "" : " and saving"
    }; Ctrl-C again stops at once`,
  );
  try {
    const start = checkpoint !== undefined && options.resume
      ? await resumeTraining(model, checkpoint)
      : undefined;
    if (start !== undefined) note(`Going on from ${start.path}, after ${start.globalStep} steps`);
    const title = `${dataset.name}, ${options.optimizer}`;
    const history = await withLivePage(options, { title, gains }, note, (page) => {
      page?.nextRun(options.optimizer, epochs);
      return model.fitDataset(data, {
        epochs,
        ...start === undefined ? {} : { initialEpoch: start.initialEpoch },
        ...validation === undefined ? {} : {
          validationData: [validation.x, validation.y] as never,
          validationBatchSize: 512,
        },
        verbose: 0,
        callbacks: [
          ...team === null ? [] : [new TeamCallback(team)],
          new StopOnAbort(signal),
          watch,
          ...logs,
          new Progress({ output: stderr, batchesPerEpoch: batches }),
          ...page === null ? [] : [...gains === null ? [] : [gains], page],
          ...checkpoint === undefined
            ? []
            : [checkpoint, new KeepSettings(checkpoint.directory, settings)],
        ],
      });
    });
    if (watch.report !== null) {
      const advice = await lowerRate(options, resolved, prepared);
      throw new Error(`Training went wrong: ${watch.report.message}. ${advice}`);
    }
    const interrupted = onAny(team, signal.aborted || checkpoint?.interrupted !== undefined);
    const files: Record<string, string> = {};
    for (const name of ["csv", "tensorboard", "report"] as const) {
      if (options[name] !== undefined) files[name] = options[name];
    }
    if (checkpoint?.newest !== undefined) files.checkpoint = checkpoint.newest;
    let test: Score | null = null;
    if (!interrupted) {
      const average = optimizer instanceof RuleOptimizer && resolved.useEma === true;
      if (average) await optimizer.swapIn();
      test = await scoreOf(model, parts.test, dataset, dataset.test);
      if (!Number.isFinite(test.loss)) {
        throw new Error(
          `Training went wrong: the loss is ${test.loss} on the rows for the test. ` +
            `Look for rows there that are far from all others, or try a lower --learning-rate`,
        );
      }
      if (options.save !== undefined) {
        await model.save(fileSystem(options.save));
        await writeWhole(join(options.save, "data.json"), factsOf(dataset));
        files.save = options.save;
      }
      if (average) optimizer.swapOut();
    }
    return {
      data: dataset.name,
      model: source.name,
      backend: backend.backend,
      optimizer: options.optimizer,
      options: plain(resolved),
      epochs,
      batchSize,
      seed,
      steps: optimizer.iterations,
      resumedAt: start?.globalStep ?? 0,
      interrupted,
      lastEpoch: lastOf(history.history),
      test,
      files,
      resume: interrupted && checkpoint !== undefined ? resumeCommand() : null,
    };
  } finally {
    endNote();
    disposeParts(parts);
    model.dispose();
    optimizer.dispose();
  }
}

/** What to try where a training went wrong: the rate that a range test finds, if it is a lower one. */
async function lowerRate(
  options: TrainOptions,
  resolved: GivenOptions,
  prepared: Prepared,
): Promise<string> {
  const rate = resolved.learningRate as number;
  const found = await findRate(prepared, { ...options, resolved });
  return found === null
    ? "The loss falls at no learning rate: look for rows that are far from all others"
    : `Try --learning-rate ${found < rate ? found : Number((rate / 10).toPrecision(2))}`;
}

/** What whoever uses a saved model must know of the data. */
function factsOf({ task, classes, inputShape, table }: Prepared["dataset"]): string {
  return `${JSON.stringify({ task, inputShape, classes, table }, null, 2)}\n`;
}

function lastOf(history: tfl.History["history"]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(history).flatMap(([name, values]) =>
      values.length === 0 ? [] : [[name, Number(values.at(-1))]]
    ),
  );
}
