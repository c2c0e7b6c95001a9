import { rm } from "node:fs/promises";
import { join } from "node:path";
import { slice, train as tfjs } from "@tensorflow/tfjs-core";
import { GainMonitor } from "@signalfit/tfjs";
import type { Context } from "../context.ts";
import { withLivePage } from "../lib/with_live_page.ts";
import type { Prepared } from "../train/prepare.ts";
import { compile, describe } from "../train/score.ts";
import { disposeParts, type Parts, toParts } from "../train/tensors.ts";
import type { CompareOptions } from "./command.ts";
import { CompareProgress } from "./progress.ts";
import type { Records } from "./records.ts";
import { type Page, runOne, type Stopped } from "./run_one.ts";
import { folderOf, type RecordedRun, type Run } from "./runs.ts";
import type { Finished } from "./summary.ts";

/** What has been made. */
export interface Made {
  /** The runs that are finished, in their order. */
  readonly finished: readonly Finished[];
  /** Where the run at hand stood when the comparison was stopped, if it had begun. */
  readonly stopped: (Stopped & { readonly name: string }) | null;
}

/** Makes the runs that are not recorded yet, and gives all that are finished. */
export async function runAll(
  options: CompareOptions,
  runs: readonly Run[],
  records: Records<RecordedRun>,
  { signal, stderr }: Context,
): Promise<Made> {
  const finished: Finished[] = [];
  const missing = runs.filter(({ settings }) => records.find(settings) === undefined);
  const progress = new CompareProgress(stderr, missing.map(workOf));
  const note = (line: string) => progress.note(line);
  const data = new SharedData(options.validationSplit);
  let stopped: Made["stopped"] = null;
  const makeRuns = async (page: Page | null) => {
    if (missing.length > 0) await warmUp(missing[0]!, data, signal);
    for (const run of runs) {
      const { contestant, seed, settings, prepared, name } = run;
      let outcome = records.find(settings)?.outcome;
      if (outcome === undefined && !signal.aborted && stopped === null) {
        progress.begin(name);
        const parts = await data.partsFor(run);
        page?.gains.setState({ records: [] });
        page?.page.nextRun(name, prepared.epochs);
        const made = await runOne(options, parts, run, { signal, listener: progress, page, note });
        if ("of" in made) stopped = { ...made, name };
        else {
          outcome = made;
          await records.add({ settings, outcome });
          if (options.resume !== undefined) {
            await rm(join(options.resume, folderOf(run)), { recursive: true, force: true });
          }
          progress.end(outcome.test === null ? "diverged" : describe(outcome.test));
        }
      }
      if (outcome !== undefined) finished.push({ contestant, seed, outcome });
    }
  };
  try {
    if (missing.length === 0) await makeRuns(null);
    else {
      const gains = new GainMonitor({ everySteps: 20 });
      const title = `Optimizers on ${missing[0]!.prepared.dataset.name}`;
      await withLivePage(
        options,
        { title, gains },
        note,
        (page) => makeRuns(page === null ? null : { page, gains }),
      );
    }
  } finally {
    progress.clear();
    data.dispose();
  }
  return { finished, stopped };
}

const workOf = ({ prepared: { source, epochs, batches } }: Run) => ({
  model: source.identity,
  steps: epochs * batches,
  epochs,
});

/** The data as tensors in the shape of one model at a time. */
class SharedData {
  readonly #validationSplit: number;
  #parts: { readonly of: Prepared; readonly parts: Parts } | undefined;

  constructor(validationSplit: number) {
    this.#validationSplit = validationSplit;
  }

  async partsFor({ prepared, seed }: Run): Promise<Parts> {
    if (this.#parts?.of !== prepared) {
      this.dispose();
      const model = await prepared.source.build(seed);
      const parts = toParts(prepared.dataset, model, this.#validationSplit);
      model.dispose();
      this.#parts = { of: prepared, parts };
    }
    return this.#parts!.parts;
  }

  dispose(): void {
    if (this.#parts !== undefined) disposeParts(this.#parts.parts);
    this.#parts = undefined;
  }
}

/** Batches that {@link warmUp} trains on. */
const WARM_UP_BATCHES = 3;

/**
 * Trains a model that is thrown away for a few batches, so that what happens only once, such as
 * compiling, is not counted against the optimizer that happens to be first.
 */
async function warmUp(run: Run, data: SharedData, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { prepared: { source, dataset, batchSize }, seed } = run;
  const { train: { x, y, count } } = await data.partsFor(run);
  const model = await source.build(seed), optimizer = tfjs.sgd(0);
  compile(model, optimizer, dataset);
  const rows = Math.min(batchSize, count);
  const xs = slice(x, 0, rows), ys = slice(y, 0, rows);
  for (let i = 0; i < WARM_UP_BATCHES; i++) await model.trainOnBatch(xs, ys);
  xs.dispose();
  ys.dispose();
  model.dispose();
  optimizer.dispose();
}
