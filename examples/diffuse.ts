/**
 * Trains a small diffusion model on MNIST with ERD and with uniform weights of the loss, and shows what
 * each has learned: `deno task diffuse --help`.
 *
 * @module
 */
import { basename } from "node:path";
import { readCheckpoint, restoreCheckpoint, saveCheckpoint } from "./diffuse/checkpoint.ts";
import { DENOISERS } from "./diffuse/denoisers.ts";
import { fingerprintOf, firstOf, toDigits } from "./diffuse/digits.ts";
import { Experiment } from "./diffuse/experiment.ts";
import { drawGrid } from "./diffuse/grid.ts";
import { type DiffuseOptions, parseOptions } from "./diffuse/options.ts";
import { resultsPage } from "./diffuse/page.ts";
import { createReporter } from "./diffuse/reporter.ts";
import { resumedSettings } from "./diffuse/resuming.ts";
import { completeSettings, type Settings } from "./diffuse/settings.ts";
import { startBackend } from "./lib/backend.ts";
import { loadImageData } from "./lib/mnist.ts";
import { runMain } from "./lib/run_main.ts";
import { writeWhole } from "./lib/write_whole.ts";

async function diffuse(options: DiffuseOptions, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  const { resume, checkpoint } = options;
  const saved = resume === undefined ? undefined : await readCheckpoint(resume);
  const settings = saved === undefined
    ? completeSettings(options)
    : resumedSettings(saved.head, options, resume!);
  const images = await loadImageData({ directory: options.data });
  const fingerprint = fingerprintOf(images.train);
  if (saved !== undefined && saved.head.fingerprint !== fingerprint) {
    throw new Error(
      `Cannot resume from ${resume}: the training images must be those of the checkpoint, ` +
        `${saved.head.fingerprint}, got ${fingerprint}`,
    );
  }
  const data = {
    train: toDigits(images.train, settings.size),
    test: toDigits(images.test, settings.size),
    classes: images.classes,
  };
  const report = await startBackend(options.backend, DENOISERS[settings.model].kernels);
  console.log(`Backend: ${report}`);
  const experiment = new Experiment(settings, data);
  if (saved !== undefined) await restoreCheckpoint(saved, experiment);
  const dataName = options.data === undefined ? "MNIST" : basename(options.data);
  const setting = `${describe(settings)}, ${data.train.count} images, backend: ${report.backend}`;
  console.log(`${dataName}: ${setting}`);

  const done = experiment.runs.reduce((sum, { step }) => sum + step, 0);
  if (done > 0) console.log(`Resuming from ${resume} after ${done} steps`);
  const { steps } = settings;
  const allSteps = steps * experiment.runs.length;
  const reporter = createReporter({ steps, allSteps, doneBefore: done });
  const save = () => saveCheckpoint(checkpoint, experiment, fingerprint);
  await experiment.continue({
    signal,
    onProgress: (progress) => reporter.update(progress),
    onMilestone: async () => {
      if (options.keepsCheckpoint) await save();
    },
  }).finally(() => reporter.end());
  if (signal.aborted) {
    await save();
    console.log(
      `Stopped. To go on: deno task diffuse --resume ${checkpoint}` +
        (options.data === undefined ? "" : ` --data ${options.data}`),
    );
    return;
  }
  const page = resultsPage({
    title: `${dataName} by diffusion`,
    setting,
    seconds: (performance.now() - began) / 1000,
    data: drawGrid(firstOf(data.train, experiment.labels), experiment.columns),
    outcomes: experiment.outcomes,
  });
  await writeWhole(options.out, page);
  for (const { weighting, snapshots } of experiment.outcomes) {
    const loss = snapshots.at(-1)?.heldOut.loss.toFixed(4);
    console.log(`${weighting.padEnd(8)} raw loss on test images ${loss}`);
  }
  console.log(`Samples and curves: ${options.out}`);
}

function describe({ model, width, steps, ...settings }: Settings): string {
  const { batchSize, target, path, optimizer, lr, size, seed } = settings;
  return `${
    DENOISERS[model].title
  } of width ${width}, ${size} x ${size} pixels, target ${target}, path ${path}, ` +
    `${optimizer} at ${lr}, ${steps} steps of ${batchSize}, seed ${seed}`;
}

if (import.meta.main) {
  const options = parseOptions(Deno.args);
  await runMain((signal) => diffuse(options, signal));
}
