import type { LivePage } from "@signalfit/tfjs/live";
import { TerminateOnNaN } from "@signalfit/tfjs";
import { RuleOptimizer } from "@signalfit/tfjs";
import { trainingBatches } from "@signalfit/tfjs";
import { slice } from "../data/dataset.ts";
import { createOptimizer, OPTIMIZERS } from "../train/optimizers.ts";
import type { Prepared } from "../train/prepare.ts";
import { rateOver } from "../train/schedules.ts";
import { compile, scoreOf } from "../train/score.ts";
import { StopOnAbort } from "../train/stop_on_abort.ts";
import { countsOf, type Parts } from "../train/tensors.ts";
import type { CompareOptions } from "./command.ts";
import { LossRecorder } from "./loss_recorder.ts";
import { curveOf, type Outcome } from "./outcome.ts";
import type { CompareProgress } from "./progress.ts";
import type { Run } from "./runs.ts";
import { gradeOf } from "./summary.ts";

/** Makes one run; gives nothing if it was stopped. */
export async function runOne(
  { schedule, warmup, validationSplit }: CompareOptions,
  { dataset, source, epochs, batchSize, batches }: Prepared,
  { train, validation, test }: Parts,
  { contestant, seed }: Run,
  { signal, progress, page }: {
    readonly signal: AbortSignal;
    readonly progress: CompareProgress;
    readonly page: LivePage | null;
  },
): Promise<Outcome | undefined> {
  const { optimizer: name, options, learningRate } = contestant;
  const isOurs = OPTIMIZERS[name].from === "signalfit";
  const steps = Math.ceil(epochs * batches / Number(options.gradientAccumulationSteps ?? 1));
  const rate = isOurs ? rateOver(schedule, learningRate, steps, warmup) : learningRate;
  const optimizer = createOptimizer(name, options, rate);
  const model = await source.build(seed);
  const recorder = new LossRecorder((step, loss) => progress.step(step, loss));
  const watch = new TerminateOnNaN();
  try {
    compile(model, optimizer, dataset);
    const began = performance.now();
    const history = await model.fitDataset(
      trainingBatches(train.x, train.y, { batchSize, seed }),
      {
        epochs,
        verbose: 0,
        callbacks: [
          new StopOnAbort(signal),
          recorder,
          watch,
          ...page === null ? [] : [page],
        ],
      },
    );
    const seconds = Number(((performance.now() - began) / 1000).toFixed(3));
    if (watch.report === null && model.stopTraining) return undefined;
    const made = { steps: recorder.losses.length, seconds, curve: curveOf(recorder.losses) };
    const failed = { ...made, test: null, validation: null, trainingLoss: null, diverged: true };
    if (watch.report !== null) return failed;
    if (optimizer instanceof RuleOptimizer && options.useEma === true) await optimizer.swapIn();
    const { learned } = countsOf(dataset.train.count, validationSplit);
    const left = slice(dataset.train, learned, dataset.train.count);
    const score = await scoreOf(model, test, dataset, dataset.test);
    if (!Number.isFinite(gradeOf(score))) return failed;
    return {
      ...made,
      test: score,
      validation: validation === undefined ? null : await scoreOf(model, validation, dataset, left),
      trainingLoss: Number(history.history.loss?.at(-1) ?? NaN),
      diverged: false,
    };
  } finally {
    recorder.dispose();
    watch.dispose();
    model.dispose();
    optimizer.dispose();
  }
}
