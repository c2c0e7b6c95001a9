/**
 * Trains a network on MNIST with SGDF and AdamF and with TensorFlow.js's own momentum and Adam, and
 * compares them: `deno task demo --help`.
 *
 * @module
 */
import { basename, join } from "node:path";
import { GainMonitor, TensorBoard } from "@signalfit/tfjs";
import type { Callback } from "@tensorflow/tfjs-layers";
import { startBackend } from "../cli/lib/backend.ts";
import { lossChart } from "./lib/loss_chart.ts";
import { loadImageData } from "../cli/data/mnist.ts";
import { MODELS } from "../cli/train/models.ts";
import { OPTIMIZERS } from "./lib/optimizers.ts";
import { type DemoOptions, parseOptions } from "./lib/options.ts";
import { createReporter } from "./lib/reporter.ts";
import { resultsTable } from "./lib/table.ts";
import { train, type TrainingResult, type TrainingTask, warmUp } from "./lib/train.ts";
import { runMain } from "../cli/lib/run_main.ts";
import { writeWhole } from "../cli/lib/write_whole.ts";
import { taskArguments } from "../cli/lib/task_arguments.ts";
import { startLivePage } from "../cli/lib/with_live_page.ts";

async function demo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const model = MODELS[options.model];
  const report = await startBackend(options.backend, model.kernels);
  console.log(`Backend: ${report}`);
  const data = await loadImageData({
    directory: options.data,
    limit: options.limit ?? Infinity,
  });
  const epochs = options.epochs ?? model.epochs;
  const batchSize = options.batchSize ?? model.batchSize;
  const { seed } = options;
  const task: TrainingTask = { model, data, epochs, batchSize, seed };
  const batches = Math.ceil(data.train.count / batchSize);
  const dataName = options.data === undefined ? "MNIST" : basename(options.data);
  const setting = `${model.title}; ${data.train.count} images, epochs: ${epochs}, ` +
    `batch size: ${batchSize}, seed: ${seed}, backend: ${report.backend}`;
  console.log(`${dataName}: ${setting}`);

  const monitor = new GainMonitor({ everySteps: 20 });
  const title = `${dataName}, ${options.model}`;
  await using page = await startLivePage(options, { title, gains: monitor }, console.log);

  const results: TrainingResult[] = [];
  const learningRates = new Map(options.lr);
  await warmUp(task, signal);
  const reporter = createReporter({ runs: options.optimizers.length, epochs, batches });
  for (const name of options.optimizers) {
    if (signal.aborted) break;
    const entry = OPTIMIZERS[name];
    const learningRate = learningRates.get(name) ?? entry.learningRate;
    reporter.begin(name);
    const extras = { schedule: options.schedule, clip: options.clip, steps: epochs * batches };
    const callbacks: Callback[] = options.tensorboard === undefined
      ? []
      : [new TensorBoard(join(options.tensorboard, name), { everyBatches: 10 })];
    if (page !== null) callbacks.push(...(entry.from === "signalfit" ? [monitor] : []), page);
    monitor.setState({ records: [] });
    page?.nextRun(name, epochs);
    const checkpoints = options.resume && join(options.resume, name);
    const choice = { name, entry, learningRate, extras, callbacks, checkpoints };
    const result = await train(task, choice, {
      onProgress: (progress, isEpochEnd) => reporter.update(progress, isEpochEnd),
      onResume: (batches) => console.log(`${name}: goes on after ${batches} batches`),
      signal,
    }).finally(() => reporter.end());
    if (result.losses.length > 0) results.push(result);
  }
  const isTerminal = Deno.stdout.isTerminal();
  console.log(resultsTable(results, {
    hasColor: isTerminal && !Deno.noColor,
    columns: isTerminal ? Deno.consoleSize().columns : 100,
  }));
  if (signal.aborted) {
    console.log("Stopped before the end: the table holds what there is, and no picture was made.");
    if (options.resume !== undefined) console.log("The same command goes on from here.");
    return;
  }
  const chart = lossChart({
    title: `Training loss on ${dataName}`,
    subtitle: setting,
    stepsPerEpoch: batches,
    series: results.map(({ name, losses }) => ({
      name,
      losses,
      isDashed: OPTIMIZERS[name].from === "tfjs",
    })),
  });
  await writeWhole(options.out, chart);
  console.log(`Loss curves: ${options.out}`);
  if (options.report !== undefined) console.log(`The page is kept in ${options.report}`);
  if (options.tensorboard !== undefined) {
    console.log(`Event files: tensorboard --logdir ${options.tensorboard}`);
  }
}

if (import.meta.main) {
  const options = parseOptions(taskArguments(Deno.args));
  await runMain((signal) => demo(options, signal));
}
