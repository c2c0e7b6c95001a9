import { csvRecord } from "../../src/logs/csv.ts";
import type { Prepared } from "../train/prepare.ts";
import type { CompareOptions } from "./command.ts";
import type { Contestant } from "./plan.ts";
import type { Finished, Summary } from "./summary.ts";
import { BEST, BEST_RATE } from "./table.ts";

/** How the runs were made, in a line. */
export function settingOf(options: CompareOptions, prepared: Prepared): string {
  const { source, epochs, batchSize, backend } = prepared;
  return `${source.title}; epochs: ${epochs}, batch size: ${batchSize}, seeds: ${options.seeds}, ` +
    `backend: ${backend.backend}`;
}

/** What the marks of the table mean. */
export function words(
  summaries: readonly Summary[],
  { validationSplit, learningRates }: CompareOptions,
  interrupted: boolean,
): string {
  if (summaries.length === 0) return "No run is finished.";
  if (!summaries.some(({ isBest }) => isBest)) return "Every run diverged.";
  const by = validationSplit > 0 ? "the validation rows" : "the rows for the test";
  const so = interrupted ? " so far" : "";
  const rates = learningRates.length > 1 ? `, ${BEST_RATE} best rate of its optimizer` : "";
  return `${BEST} best${so} by ${by}${rates}. Means over seeds ± their standard errors.`;
}

/** The runs as CSV. */
export function toCsv(finished: readonly Finished[]): string {
  const scores = ["loss", "accuracy", "rmse", "mae", "r2"] as const;
  const columns = ["optimizer", "learning_rate", "seed", "diverged", "steps", "seconds"];
  const head = [
    ...columns,
    "training_loss",
    ...scores.map((name) => `test_${name}`),
    ...scores.map((name) => `validation_${name}`),
  ];
  const rows = finished.map(({ contestant, seed, outcome }) => [
    contestant.label,
    contestant.learningRate,
    seed,
    outcome.diverged,
    outcome.steps,
    outcome.seconds,
    outcome.trainingLoss ?? "",
    ...scores.map((name) => outcome.test?.[name] ?? ""),
    ...scores.map((name) => outcome.validation?.[name] ?? ""),
  ]);
  return [head, ...rows].map((row) => `${csvRecord(row.map(String), ",")}\n`).join("");
}

/** What `--json` prints. */
export function resultOf(
  options: CompareOptions,
  { dataset, backend, epochs, batchSize }: Prepared,
  { summaries, finished, interrupted, files }: {
    readonly summaries: readonly Summary[];
    readonly finished: readonly Finished[];
    readonly interrupted: boolean;
    readonly files: Readonly<Record<string, string>>;
  },
): object {
  const named = ({ label, learningRate }: Contestant) => ({ optimizer: label, learningRate });
  return {
    data: dataset.name,
    model: options.model,
    backend: backend.backend,
    epochs,
    batchSize,
    seeds: options.seeds,
    interrupted,
    summaries: summaries.map(({ contestant, ...rest }) => ({ ...named(contestant), ...rest })),
    runs: finished.map(({ contestant, seed, outcome: { curve: _, ...rest } }) => ({
      ...named(contestant),
      seed,
      ...rest,
    })),
    files,
  };
}
