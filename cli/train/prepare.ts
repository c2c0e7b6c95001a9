import type { BackendReport } from "@signalfit/tfjs";
import { type Dataset, slice } from "../data/dataset.ts";
import { loadDataset } from "../data/load.ts";
import type { DataOptions } from "../data/options.ts";
import { UsageError } from "../exit_codes.ts";
import { backendName, startBackend } from "../lib/backend.ts";
import { type ModelSource, modelSource } from "./model_source.ts";
import type { TrainingOptions } from "./options.ts";
import { countsOf } from "./tensors.ts";

/** All that is settled before a model is trained. */
export interface Prepared {
  readonly dataset: Dataset;
  readonly source: ModelSource;
  readonly backend: BackendReport;
  readonly epochs: number;
  readonly batchSize: number;
  /** Batches in an epoch. */
  readonly batches: number;
}

/** What {@link prepare} goes by. */
export type PrepareOptions = DataOptions & Omit<TrainingOptions, "model">;

/**
 * Loads the data, finds the model and starts a backend that can train it.
 *
 * @param note is told what was found, a line at a time
 */
export async function prepare(
  options: DataOptions & TrainingOptions,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<Prepared> {
  const [only] = await prepareModels([options.model], options, signal, note);
  return only!;
}

/**
 * The same with several models, which share data and backend.
 *
 * @param models what {@link modelSource} takes, one for each that is given back
 */
export async function prepareModels(
  models: readonly (string | undefined)[],
  options: PrepareOptions,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<Prepared[]> {
  const loaded = await loadDataset(options);
  signal.throwIfAborted();
  const sources: ModelSource[] = [];
  for (const model of models) sources.push(await modelSource(model, loaded));
  const limit = options.limit ?? Infinity;
  const dataset = limit < loaded.train.count
    ? { ...loaded, train: slice(loaded.train, 0, limit) }
    : loaded;
  const { learned, validated } = countsOf(dataset.train.count, options.validationSplit);
  const plans = sources.map((source) => {
    const epochs = options.epochs ?? source.defaults.epochs;
    const batchSize = options.batchSize ?? source.defaults.batchSize;
    const batches = Math.ceil(learned / batchSize);
    if (options.warmup >= epochs * batches) {
      throw new UsageError(
        `--warmup must be less than the ${epochs * batches} steps of the training, got ` +
          options.warmup,
      );
    }
    return { source, epochs, batchSize, batches };
  });
  const kernels = new Set(sources.flatMap(({ kernels }) => kernels));
  const backend = await startBackend(options.backend, [...kernels]);
  signal.throwIfAborted();
  const kept = validated > 0 ? `, ${validated} for validation` : "";
  note(
    `Data: ${describe(dataset)}; ${learned} rows to learn from${kept}, ` +
      `${dataset.test.count} for the test`,
  );
  for (const { title } of sources) note(`Model: ${title}`);
  note(`Backend: ${backendName(backend)}`);
  return plans.map((plan) => ({ ...plan, dataset, backend }));
}

function describe({ name, task, classes, table }: Dataset): string {
  const what = task === "classification"
    ? `${classes.length} classes`
    : `"${table?.target.name}", a number`;
  return `${name}, ${what}`;
}
