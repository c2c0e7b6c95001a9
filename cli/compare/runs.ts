import { fingerprintOf } from "../data/dataset.ts";
import { OPTIMIZERS } from "../train/optimizers.ts";
import { plain } from "../train/plain.ts";
import type { Prepared } from "../train/prepare.ts";
import type { CompareOptions } from "./command.ts";
import type { Outcome } from "./outcome.ts";
import type { Contestant } from "./plan.ts";

/** A run as the file of finished runs holds it. */
export interface RecordedRun {
  /** All that decides what comes out of it. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly outcome: Outcome;
}

/** A run that is to be made or was made. */
export interface Run {
  readonly contestant: Contestant;
  readonly seed: number;
  readonly settings: RecordedRun["settings"];
}

/** All runs, seed by seed, so that whatever is finished can be compared. */
export function runsOf(
  options: CompareOptions,
  { dataset, source, backend, epochs, batchSize }: Prepared,
  contestants: readonly Contestant[],
): Run[] {
  const { schedule, warmup, validationSplit, seed: first } = options;
  const common = {
    data: `${dataset.name} (${fingerprintOf(dataset)})`,
    model: source.identity,
    backend: backend.backend,
    epochs,
    batchSize,
    validationSplit,
  };
  return Array.from({ length: options.seeds }, (_, i) => first + i).flatMap((seed) =>
    contestants.map((contestant): Run => {
      const { optimizer } = contestant, isOurs = OPTIMIZERS[optimizer].from === "signalfit";
      const settings = {
        ...common,
        optimizer,
        options: plain(contestant.options),
        schedule: isOurs ? schedule ?? null : null,
        warmup: isOurs ? warmup : 0,
        seed,
      };
      return { contestant, seed, settings };
    })
  );
}
