import { createHash } from "node:crypto";
import { fingerprintOf } from "../data/dataset.ts";
import { OPTIMIZERS } from "../train/optimizers.ts";
import { plain } from "../train/plain.ts";
import type { Prepared } from "../train/prepare.ts";
import { short } from "../train/score.ts";
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
  /** What people call it: "adamf at 0.001, seed 2". */
  readonly name: string;
  readonly contestant: Contestant;
  /** Data, model and backend. */
  readonly prepared: Prepared;
  readonly seed: number;
  readonly settings: RecordedRun["settings"];
}

/** The runs of a comparison, and those that they are made with. */
export interface Plan {
  /** Every optimizer at every rate on every model, in the order of the table. */
  readonly contestants: readonly Contestant[];
  /** Seed by seed, so that whatever is finished can be compared. */
  readonly runs: readonly Run[];
}

/**
 * All runs.
 *
 * @param models what is trained, by model
 * @param contestants of each model
 */
export function planOf(
  options: CompareOptions,
  models: readonly Prepared[],
  contestants: readonly Contestant[],
): Plan {
  const { schedule, warmup, validationSplit, seed: first, seeds } = options;
  const data =
    models.slice(0, 1).map(({ dataset }) => `${dataset.name} (${fingerprintOf(dataset)})`)[0];
  const entries = models.flatMap((prepared) =>
    contestants.map((each) => ({
      prepared,
      contestant: models.length === 1
        ? each
        : { ...each, label: `${each.label}, ${prepared.source.name}` },
    }))
  );
  const runs = Array.from({ length: seeds }, (_, i) => first + i).flatMap((seed) =>
    entries.map(({ contestant, prepared }): Run => {
      const { optimizer, learningRate } = contestant;
      const { source, backend, epochs, batchSize } = prepared;
      const isOurs = OPTIMIZERS[optimizer].from === "signalfit";
      const settings = {
        data,
        model: source.identity,
        backend: backend.backend,
        epochs,
        batchSize,
        validationSplit,
        optimizer,
        options: plain(contestant.options),
        schedule: isOurs ? schedule ?? null : null,
        warmup: isOurs ? warmup : 0,
        seed,
      };
      const name = `${contestant.label} at ${short(learningRate)}` +
        (seeds === 1 ? "" : `, seed ${seed}`);
      return { name, contestant, prepared, seed, settings };
    })
  );
  return { contestants: entries.map(({ contestant }) => contestant), runs };
}

/** A name for a folder of a run's own, which no other settings have. */
export function folderOf({ settings }: Run): string {
  const digest = createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 12);
  return `${settings.optimizer}-${digest}`;
}
