import type { Context } from "../context.ts";
import { fingerprintOf } from "../data/dataset.ts";
import { EXIT, type ExitCode, UsageError } from "../exit_codes.ts";
import { writeJson } from "../lib/terminal.ts";
import { note as noteTo } from "../lib/note.ts";
import {
  checkOutputs,
  DATA_FACTS,
  HISTORY,
  MODEL_JSON,
  PAGE,
  RUN_SETTINGS,
} from "../lib/outputs.ts";
import { checkSameRun, type RunSettings, savedRun } from "../lib/same_run.ts";
import { checkTeamBackend, isFirst, withoutFiles } from "../lib/team.ts";
import type { TrainOptions } from "./command.ts";
import { findRate } from "./find_rate.ts";
import { learn, type TrainResult } from "./learn.ts";
import { longName } from "./long_name.ts";
import { inputsOf } from "./inputs.ts";
import { createOptimizer, type GivenOptions, OPTIMIZERS, resolveOptimizer } from "./optimizers.ts";
import { plain } from "./plain.ts";
import { prepare, type Prepared } from "./prepare.ts";
import { rateOver } from "./schedules.ts";
import { describe } from "./score.ts";

/** Trains a model, tests it, and prints and saves what came out. */
export async function runTrain(
  given: TrainOptions,
  { signal, stdout, stderr, team = null }: Context,
): Promise<ExitCode> {
  const options = isFirst(team) ? given : withoutFiles(given);
  const note = noteTo(stderr);
  const { optimizer: name, schedule, warmup } = options;
  if (options.checkpoints === undefined && (options.resume || options.everySteps !== undefined)) {
    throw new UsageError(
      `${options.resume ? "--resume" : "--checkpoint-every"} needs --checkpoints DIR`,
    );
  }
  if (OPTIMIZERS[name].from === "tfjs" && (schedule !== undefined || warmup > 0)) {
    throw new UsageError(
      `${name} is of tfjs, whose optimizers have no schedules; leave out --schedule and --warmup`,
    );
  }
  const givenRate = options.learningRate;
  let resolved = resolveOptimizer(name, {
    ...options.given,
    ...typeof givenRate === "number" ? { learningRate: givenRate } : {},
  });
  const prepared = await prepare(options, signal, note);
  checkTeamBackend(team, prepared.backend.backend);
  await checkPaths(options);
  if (givenRate === "auto") {
    resolved = { ...resolved, learningRate: await autoRate(options, resolved, prepared, note) };
    signal.throwIfAborted();
  }
  const settings = settingsOf(options, resolved, prepared);
  if (options.checkpoints !== undefined) {
    await checkSameRun(options.checkpoints, settings, options.resume);
  }
  const { epochs, batches } = prepared;
  const batchesPerStep = Number(resolved.gradientAccumulationSteps ?? 1);
  const steps = Math.ceil(epochs * batches / batchesPerStep);
  const rate = rateOver(schedule, resolved.learningRate as number, steps, warmup);
  const result = await learn(
    options,
    prepared,
    { optimizer: createOptimizer(name, resolved, rate), resolved, settings },
    { signal, stdout, stderr, team },
  );
  if (options.json) writeJson(stdout, result);
  else stdout.write(`${words(result, prepared.dataset.name)}\n`);
  return result.interrupted ? EXIT.interrupted : EXIT.ok;
}

/** What is written must not be what is read, or somebody else's. */
async function checkPaths(options: TrainOptions): Promise<void> {
  const { csv, report, save, checkpoints, tensorboard } = options;
  await checkOutputs([
    { option: "--csv", path: csv, holds: HISTORY },
    { option: "--report", path: report, holds: PAGE },
    {
      option: "--save",
      path: save,
      holds: { "model.json": MODEL_JSON, "data.json": DATA_FACTS },
    },
    { option: "--checkpoints", path: checkpoints, holds: { "run.json": RUN_SETTINGS } },
    { option: "--tensorboard", path: tensorboard, holds: {} },
  ], inputsOf(options));
}

/** The rate that a range test finds, or the one that the run had which is gone on with. */
async function autoRate(
  options: TrainOptions,
  resolved: GivenOptions,
  prepared: Prepared,
  note: (line: string) => void,
): Promise<number> {
  if (options.checkpoints !== undefined && options.resume) {
    const { hasCheckpoints, settings } = await savedRun(options.checkpoints);
    const rate = Number(settings?.[longName("learningRate")]);
    if (hasCheckpoints && rate > 0) return rate;
  }
  const rate = await findRate(prepared, { ...options, resolved });
  if (rate === null) {
    throw new Error(
      `Cannot find a learning rate: the loss falls at none from 1e-7 to 10; give one by ` +
        `--learning-rate`,
    );
  }
  note(`Learning rate: ${rate}, found by a range test`);
  return rate;
}

/** Everything that a resumed run must have in common with its beginning. */
function settingsOf(
  options: TrainOptions,
  resolved: GivenOptions,
  { dataset, source, epochs, batchSize }: Prepared,
): RunSettings {
  const { optimizer, schedule, warmup, seed, validationSplit } = options;
  const isScheduled = schedule !== undefined || warmup > 0;
  return {
    "--data": `${dataset.name} (${fingerprintOf(dataset)})`,
    "--model": source.identity,
    "--optimizer": optimizer,
    ...Object.fromEntries(
      Object.entries(plain(resolved)).map(([name, value]) => [
        longName(name),
        JSON.stringify(value),
      ]),
    ),
    "--schedule": schedule === undefined ? null : JSON.stringify(schedule),
    "--warmup": warmup,
    // Without a schedule a run may be made longer.
    ...isScheduled ? { "--epochs": epochs } : {},
    "--batch-size": batchSize,
    "--validation-split": validationSplit,
    "--seed": seed,
  };
}

function words(result: TrainResult, data: string): string {
  const { interrupted, test, files, resume, steps } = result;
  const lines = interrupted
    ? [
      `Stopped after ${steps} steps` + (resume === null
        ? "; nothing was saved. With --checkpoints DIR a run can go on."
        : ` and saved in ${files.checkpoint}. To go on:\n  ${resume}`),
    ]
    : [`Test on ${data}: ${describe(test!)} (${result.optimizer}, ${steps} steps)`];
  const NAMES = { save: "Model", csv: "History", tensorboard: "Event files", report: "Page" };
  for (const [key, label] of Object.entries(NAMES)) {
    if (files[key] !== undefined) lines.push(`${label}: ${files[key]}`);
  }
  if (!interrupted && files.checkpoint !== undefined) lines.push(`Checkpoint: ${files.checkpoint}`);
  return lines.join("\n");
}
