import { join } from "node:path";
import type { Callback } from "@tensorflow/tfjs-layers";
import {
  Checkpoint,
  type GainMonitor,
  resumeTraining,
  RuleOptimizer,
  TensorBoard,
  TerminateOnNaN,
  trainingBatches,
} from "@signalfit/tfjs";
import type { LivePage } from "@signalfit/tfjs/live";
import { slice } from "../data/dataset.ts";
import { createOptimizer, OPTIMIZERS } from "../train/optimizers.ts";
import { rateOver } from "../train/schedules.ts";
import { compile, scoreOf } from "../train/score.ts";
import { StopOnAbort } from "../train/stop_on_abort.ts";
import { countsOf, type Parts } from "../train/tensors.ts";
import type { CompareOptions } from "./command.ts";
import { curveOf, type Outcome } from "./outcome.ts";
import { type RunListener, RunRecorder } from "./run_recorder.ts";
import { folderOf, type Run } from "./runs.ts";
import { gradeOf } from "./summary.ts";

/** A live page and what tells the filter's gain there. */
export interface Page {
  readonly page: LivePage;
  readonly gains: GainMonitor;
}

/** What a run has besides its settings. */
export interface RunContext {
  readonly signal: AbortSignal;
  readonly listener: RunListener;
  readonly page: Page | null;
  readonly note: (line: string) => void;
}

/** Where a run stood when it was stopped. */
export interface Stopped {
  readonly steps: number;
  readonly of: number;
  /** Mean loss of the epoch at hand; NaN before the first batch. */
  readonly loss: number;
}

/** Makes one run, or goes on with one that was stopped. */
export async function runOne(
  { schedule, warmup, validationSplit, resume: kept, tensorboard }: CompareOptions,
  { train, validation, test }: Parts,
  run: Run,
  { signal, listener, page, note }: RunContext,
): Promise<Outcome | Stopped> {
  const { contestant, seed, prepared: { dataset, source, epochs, batchSize, batches } } = run;
  const { optimizer: name, options, learningRate } = contestant;
  const isOurs = OPTIMIZERS[name].from === "signalfit";
  const steps = Math.ceil(epochs * batches / Number(options.gradientAccumulationSteps ?? 1));
  const rate = isOurs ? rateOver(schedule, learningRate, steps, warmup) : learningRate;
  const optimizer = createOptimizer(name, options, rate);
  const model = await source.build(seed);
  const recorder = new RunRecorder(optimizer, listener);
  const watch = new TerminateOnNaN();
  try {
    compile(model, optimizer, dataset);
    const data = trainingBatches(train.x, train.y, { batchSize, seed });
    const callbacks: Callback[] = [
      new StopOnAbort(signal),
      recorder,
      watch,
      ...tensorboard === undefined
        ? []
        : [new TensorBoard(join(tensorboard, fileName(run.name)), { everyBatches: 10 })],
      ...page === null ? [] : [...hasFilter(run) ? [page.gains] : [], page.page],
    ];
    let initialEpoch = 0;
    if (kept !== undefined) {
      const checkpoint = new Checkpoint(join(kept, folderOf(run)), {
        data,
        callbacks,
        onSignal: false,
      });
      const from = await resumeTraining(model, checkpoint);
      if (from !== undefined) note(`${run.name}: goes on after ${from.globalStep} steps`);
      initialEpoch = from?.initialEpoch ?? 0;
      callbacks.push(checkpoint);
    }
    if (initialEpoch < epochs) {
      await model.fitDataset(data, { epochs, initialEpoch, verbose: 0, callbacks });
    }
    const { losses, milliseconds, optimizerMilliseconds, epochLoss } = recorder;
    if (watch.report === null && losses.length < epochs * batches) {
      return { steps: losses.length, of: epochs * batches, loss: epochLoss };
    }
    const made = {
      steps: losses.length,
      seconds: Number((milliseconds / 1000).toFixed(3)),
      optimizerMs: Number((optimizerMilliseconds / losses.length).toFixed(4)),
      curve: curveOf(losses),
    };
    const failed = { ...made, test: null, validation: null, trainingLoss: null, diverged: true };
    if (watch.report !== null || !Number.isFinite(epochLoss)) return failed;
    if (optimizer instanceof RuleOptimizer && options.useEma === true) await optimizer.swapIn();
    const { learned } = countsOf(dataset.train.count, validationSplit);
    const left = slice(dataset.train, learned, dataset.train.count);
    const score = await scoreOf(model, test, dataset, dataset.test);
    const second = validation === undefined
      ? null
      : await scoreOf(model, validation, dataset, left);
    const numbers = [score, second ?? score].flatMap((each) => [gradeOf(each), each.loss]);
    if (!numbers.every(Number.isFinite)) return failed;
    return {
      ...made,
      test: score,
      validation: second,
      trainingLoss: Number(epochLoss.toPrecision(9)),
      diverged: false,
    };
  } finally {
    recorder.dispose();
    watch.dispose();
    model.dispose();
    optimizer.dispose();
  }
}

/** Whether a run's optimizer has a filter to watch. */
function hasFilter({ contestant: { optimizer, options } }: Run): boolean {
  return optimizer === "sgdf" || optimizer === "adamf" || options.filter === true;
}

/** A run's name as that of a folder. */
function fileName(name: string): string {
  return name.replaceAll(/[^\w.=+-]+/g, "-");
}
