import type { LivePage } from "@signalfit/tfjs/live";
import type { Context } from "../context.ts";
import { withLivePage } from "../lib/with_live_page.ts";
import type { Prepared } from "../train/prepare.ts";
import { describe, short } from "../train/score.ts";
import { disposeParts, type Parts, toParts } from "../train/tensors.ts";
import type { CompareOptions } from "./command.ts";
import { CompareProgress } from "./progress.ts";
import type { Records } from "./records.ts";
import { runOne } from "./run_one.ts";
import type { RecordedRun, Run } from "./runs.ts";
import type { Finished } from "./summary.ts";

/** Makes the runs that are not recorded yet, and gives all that are finished. */
export async function runAll(
  options: CompareOptions,
  prepared: Prepared,
  runs: readonly Run[],
  records: Records<RecordedRun>,
  { signal, stderr }: Context,
): Promise<Finished[]> {
  const { dataset, source, epochs, batches } = prepared;
  const finished: Finished[] = [];
  const missing = runs.filter(({ settings }) => records.find(settings) === undefined);
  const progress = new CompareProgress(stderr, missing.length, epochs * batches);
  let parts: Parts | undefined;
  const makeRuns = async (page: LivePage | null) => {
    for (const run of runs) {
      const { contestant, seed, settings } = run;
      let outcome = records.find(settings)?.outcome;
      if (outcome === undefined && !signal.aborted) {
        const name = `${contestant.label} at ${short(contestant.learningRate)}, seed ${seed}`;
        progress.begin(name);
        if (parts === undefined) {
          const model = await source.build(seed);
          parts = toParts(dataset, model, options.validationSplit);
          model.dispose();
        }
        page?.nextRun(name, epochs);
        outcome = await runOne(options, prepared, parts, run, { signal, progress, page });
        if (outcome !== undefined) {
          await records.add({ settings, outcome });
          progress.end(outcome.test === null ? "diverged" : describe(outcome.test));
        }
      }
      if (outcome !== undefined) finished.push({ contestant, seed, outcome });
    }
  };
  try {
    if (missing.length === 0) await makeRuns(null);
    else {
      const note = (line: string) => stderr.write(`${line}\n`);
      await withLivePage(options, { title: `Optimizers on ${dataset.name}` }, note, makeRuns);
    }
  } finally {
    progress.clear();
    if (parts !== undefined) disposeParts(parts);
  }
  return finished;
}
