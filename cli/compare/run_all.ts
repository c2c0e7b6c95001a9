import { rm } from "node:fs/promises";
import { join } from "node:path";
import { slice, train as tfjs } from "@tensorflow/tfjs-core";
import { GainMonitor } from "@signalfit/tfjs";
import type { Context } from "../context.ts";
import { onAny, shared } from "../lib/team.ts";
import { withLivePage } from "../lib/with_live_page.ts";
import type { Prepared } from "../train/prepare.ts";
import { compile, describe } from "../train/score.ts";
import { disposeParts, type Parts, toParts } from "../train/tensors.ts";
import type { CompareOptions } from "./command.ts";
import { CompareProgress } from "./progress.ts";
import type { Outcome } from "./outcome.ts";
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

/**
 * Makes the runs that are not recorded yet, and gives all that are finished. The ranks of a team make one
 * each at a time.
 */
export async function runAll(
  options: CompareOptions,
  runs: readonly Run[],
  records: Records<RecordedRun>,
  { signal, stderr, team = null }: Context,
): Promise<Made> {
  const { rank, size } = team ?? { rank: 0, size: 1 };
  // Rank 0 has the records.
  const known = shared(team, runs.map(({ settings }) => records.find(settings)?.outcome ?? null));
  const outcomes = new Map(runs.map((run, index) => [run, known[index] ?? undefined]));
  const missing = runs.filter((run) => outcomes.get(run) === undefined);
  const progress = new CompareProgress(stderr, missing.map(workOf));
  const note = (line: string) => progress.note(line);
  const data = new SharedData(options.validationSplit);
  let stopped: Made["stopped"] = null;
  const makeOne = async (run: Run, page: Page | null) => {
    progress.begin(run.name);
    const parts = await data.partsFor(run);
    page?.gains.setState({ records: [] });
    page?.page.nextRun(run.name, run.prepared.epochs);
    return await runOne(options, parts, run, { signal, listener: progress, page, note });
  };
  const keep = async (run: Run, made: Outcome | Stopped, isOurs: boolean) => {
    const { settings, name } = run;
    if ("of" in made) stopped ??= { ...made, loss: made.loss ?? NaN, name };
    else {
      if (!isOurs) progress.begin(name);
      outcomes.set(run, made);
      await records.add({ settings, outcome: made });
      progress.end(made.test === null ? "diverged" : describe(made.test));
    }
  };
  const makeRuns = async (page: Page | null) => {
    if (missing[rank] !== undefined) await warmUp(missing[rank], data, signal);
    for (let at = 0; at < missing.length && stopped === null; at += size) {
      if (onAny(team, signal.aborted)) return;
      const round = missing.slice(at, at + size), own = round[rank];
      const made = own === undefined ? null : await makeOne(own, page);
      for (const [maker, run] of round.entries()) {
        await keep(run, shared(team, made, maker)!, maker === rank);
      }
      if (own === undefined || "of" in made! || options.resume === undefined) continue;
      await rm(join(options.resume, folderOf(own)), { recursive: true, force: true });
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
  const finished = runs.flatMap((run): Finished[] => {
    const outcome = outcomes.get(run), { contestant, seed } = run;
    return outcome === undefined ? [] : [{ contestant, seed, outcome }];
  });
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
