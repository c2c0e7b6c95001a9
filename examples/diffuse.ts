/**
 * Trains a small diffusion model on MNIST with ERD and with uniform weights of the loss, and shows what
 * each has learned: `deno task diffuse --help`.
 *
 * @module
 */
import { basename } from "node:path";
import { DENOISERS } from "./diffuse/denoisers.ts";
import { fingerprintOf, firstOf, toDigits } from "./diffuse/digits.ts";
import { experiment, samplesOf } from "./diffuse/experiment.ts";
import { drawGrid } from "./diffuse/grid.ts";
import { type DiffuseOptions, parseOptions } from "./diffuse/options.ts";
import { resultsPage, TITLES } from "./diffuse/page.ts";
import { createReporter } from "./diffuse/reporter.ts";
import { beginIn, resumedSettings } from "./diffuse/resuming.ts";
import { completeSettings, type Settings, weightingsOf } from "./diffuse/settings.ts";
import type { Data, TrainingRun } from "./diffuse/training_run.ts";
import { startBackend } from "../cli/lib/backend.ts";
import { loadImageData } from "../cli/data/mnist.ts";
import { runMain } from "../cli/lib/run_main.ts";
import { writeWhole } from "../cli/lib/write_whole.ts";
import { taskArguments } from "../cli/lib/task_arguments.ts";
import { startLivePage } from "../cli/lib/with_live_page.ts";

/** @returns what to exit with after a signal that it has seen to, else 0 */
async function diffuse(options: DiffuseOptions, signal: AbortSignal): Promise<number> {
  const began = performance.now(), { directory } = options;
  const settings = options.isResumed
    ? await resumedSettings(directory, options)
    : completeSettings(options);
  const data = await loadData(options, settings);
  const report = await startBackend(options.backend, DENOISERS[settings.model].kernels);
  console.log(`Backend: ${report}`);
  if (!options.isResumed) await beginIn(directory, settings);
  const dataName = options.data === undefined ? "MNIST" : basename(options.data);
  const setting = `${describe(settings)}, ${data.train.count} images, backend: ${report.backend}`;
  console.log(`${dataName}: ${setting}`);

  let shown: TrainingRun | undefined;
  await using page = await startLivePage(options, {
    title: `${dataName} by diffusion`,
    images: { sample: () => shown!.pictures(), range: [-1, 1] },
    erd: { report: () => shown!.erd.report() },
  }, console.log);

  const samples = samplesOf(settings, data);
  const { steps } = settings, allSteps = steps * weightingsOf(settings).length;
  const reporter = createReporter({ steps, allSteps });
  const { isDone, outcomes, exitCode } = await experiment({
    settings,
    data,
    samples,
    directory,
    signal,
    onProgress: (progress) => reporter.update(progress),
    onRun: (run, weighting) => {
      shown = run;
      page?.nextRun(TITLES[weighting], run.epochs);
      return page === null ? [] : [page];
    },
  }).finally(() => reporter.end());
  if (!isDone) {
    console.log(
      `Stopped. To go on: deno task diffuse --resume ${directory}` +
        (options.data === undefined ? "" : ` --data ${options.data}`),
    );
    return exitCode;
  }
  const results = resultsPage({
    title: `${dataName} by diffusion`,
    setting,
    seconds: (performance.now() - began) / 1000,
    data: drawGrid(firstOf(data.train, samples.labels), samples.columns),
    outcomes,
  });
  await writeWhole(options.out, results);
  for (const { weighting, snapshots } of outcomes) {
    const loss = snapshots.at(-1)?.heldOut.loss.toFixed(4);
    console.log(`${weighting.padEnd(8)} raw loss on test images ${loss}`);
  }
  console.log(`Samples and curves: ${options.out}`);
  if (options.report !== undefined) console.log(`The live page is kept in ${options.report}`);
  if (!options.keepsCheckpoint) await Deno.remove(directory, { recursive: true });
  return 0;
}

async function loadData({ data: directory }: DiffuseOptions, { size }: Settings): Promise<Data> {
  const { train, test, classes } = await loadImageData({ directory });
  return {
    train: toDigits(train, size),
    test: toDigits(test, size),
    classes,
    fingerprint: fingerprintOf(train),
  };
}

function describe({ model, width, steps, ...settings }: Settings): string {
  const { batchSize, target, path, optimizer, lr, size, seed } = settings;
  return `${
    DENOISERS[model].title
  } of width ${width}, ${size} x ${size} pixels, target ${target}, path ${path}, ` +
    `${optimizer} at ${lr}, ${steps} steps of ${batchSize}, seed ${seed}`;
}

if (import.meta.main) {
  const options = parseOptions(taskArguments(Deno.args));
  await runMain(async (signal) => {
    const exitCode = await diffuse(options, signal);
    if (exitCode > 0) Deno.exit(exitCode);
  });
}
