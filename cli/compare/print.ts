import { csvRecord } from "@signalfit/tfjs/parts";
import { OPTIMIZERS } from "../train/optimizers.ts";
import { plain } from "../train/plain.ts";
import type { Prepared } from "../train/prepare.ts";
import type { CompareOptions } from "./command.ts";
import type { Contestant } from "./plan.ts";
import type { Finished, Summary } from "./summary.ts";
import { BEST, BEST_RATE } from "./table.ts";

/** How the runs were made, in a line. */
export function settingOf(options: CompareOptions, models: readonly Prepared[]): string {
  const isSame = models.length === 1;
  const all = models.map(({ source, epochs, batchSize }) =>
    `${isSame ? source.title : source.name}: epochs ${epochs}, batch size ${batchSize}`
  );
  const [{ dataset, backend }] = models as [Prepared];
  return `${all.join("; ")}; ${dataset.train.count} rows, seeds: ${options.seeds}, ` +
    `backend: ${backend.backend}`;
}

/**
 * The options of each optimizer, a paragraph each: what its steps go by, and what was asked for.
 *
 * @param columns letters of a line
 */
export function optionLines(
  contestants: readonly Contestant[],
  { schedule, warmup }: CompareOptions,
  columns: number,
): string {
  const variants = new Map(contestants.map((each) => [each.variant, each]));
  return [...variants].map(([variant, { optimizer, options }]) => {
    const { table, from } = OPTIMIZERS[optimizer];
    const own = Object.entries(plain(options)).filter(([name, value]) =>
      name !== "learningRate" &&
      (value !== (table[name]?.fallback ?? null) || isNumberOfSteps(name, value))
    );
    const words = own.map(([name, value]) =>
      `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`
    );
    if (from === "signalfit" && schedule !== undefined) words.push(`schedule ${schedule.kind}`);
    if (from === "signalfit" && warmup > 0) words.push(`warmup ${warmup}`);
    return words.length === 0 ? "" : `${wrapped(`${variant}: `, words, columns)}\n`;
  }).join("");
}

/** Numbers that shape a step; those that are off at their default say nothing. */
const SHAPING = /^(beta\d|epsilon|gamma|alpha|momentum|momentumDecay)$/;
const isNumberOfSteps = (name: string, value: unknown): boolean =>
  typeof value === "number" && SHAPING.test(name);

/** Words behind a name, in lines of at most so many letters where that can be. */
function wrapped(name: string, words: readonly string[], columns: number): string {
  const lines = [name];
  for (const [i, word] of words.entries()) {
    const part = word + (i === words.length - 1 ? "" : ", ");
    if ((lines.at(-1)! + part).trimEnd().length > columns && lines.at(-1)!.trim() !== "") {
      lines.push("  ");
    }
    lines[lines.length - 1] += part;
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}

/** What the marks of the table mean. */
export function words(
  summaries: readonly Summary[],
  { validationSplit }: CompareOptions,
  interrupted: boolean,
): string {
  if (summaries.length === 0) return "No run is finished.";
  if (!summaries.some(({ isBest }) => isBest)) {
    const least = Math.min(...summaries.map(({ contestant }) => contestant.learningRate));
    return `Every run diverged: try --learning-rates ${Number((least / 100).toPrecision(2))}, or ` +
      `look for rows that are far from all others.`;
  }
  const by = validationSplit > 0 ? "the validation rows" : "the rows for the test";
  const so = interrupted ? " so far" : "";
  const hasRivals = summaries.some(({ contestant: { label, learningRate } }) =>
    summaries.some(({ contestant: other }) =>
      other.label === label && other.learningRate !== learningRate
    )
  );
  const rates = hasRivals ? `, ${BEST_RATE} best rate of its optimizer` : "";
  const means = summaries.some(({ runs }) => runs > 1)
    ? " Means over seeds ± their standard errors."
    : "";
  return `${BEST} best${so} by ${by}${rates}.${means}`;
}

/** The runs as CSV. */
export function toCsv(finished: readonly Finished[]): string {
  const scores = ["loss", "accuracy", "rmse", "mae", "r2"] as const;
  const columns = [
    ...["optimizer", "learning_rate", "seed", "diverged", "steps", "seconds"],
    "optimizer_ms_per_step",
  ];
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
    outcome.optimizerMs,
    outcome.trainingLoss ?? "",
    ...scores.map((name) => outcome.test?.[name] ?? ""),
    ...scores.map((name) => outcome.validation?.[name] ?? ""),
  ]);
  return [head, ...rows].map((row) => `${csvRecord(row.map(String), ",")}\n`).join("");
}

/** What `--json` prints. */
export function resultOf(
  options: CompareOptions,
  models: readonly Prepared[],
  { summaries, finished, interrupted, files }: {
    readonly summaries: readonly Summary[];
    readonly finished: readonly Finished[];
    readonly interrupted: boolean;
    readonly files: Readonly<Record<string, string>>;
  },
): object {
  const named = ({ label, learningRate }: Contestant) => ({ optimizer: label, learningRate });
  const [{ dataset, backend }] = models as [Prepared];
  return {
    data: dataset.name,
    models: models.map(({ source, epochs, batchSize }) => ({
      model: source.name,
      epochs,
      batchSize,
    })),
    backend: backend.backend,
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
