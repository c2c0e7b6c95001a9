import type * as tfl from "@tensorflow/tfjs-layers";
import { BatchLog } from "../src/logs/batch_log.ts";
import type { Row } from "../src/logs/batch_reader.ts";
import { csvRecord, firstCsvRecord } from "../src/logs/csv.ts";
import { batchesBefore } from "../src/training/epoch_start.ts";
import { checkPath } from "../src/options/check.ts";
import { type Logs, resolveLogs } from "../src/logs/resolve_logs.ts";
import { flag, type OptionTable, resolveOptions, whole } from "../src/options/options.ts";
import { pure } from "../src/pure.ts";

/** Options of {@linkcode CsvLogger}. */
export interface CsvLoggerOptions {
  /**
   * Keep the rows of a file that is there already, and its columns. false begins it anew.
   * @default false
   */
  readonly append?: boolean;
  /**
   * What stands between two fields: one character, no quote and no line end.
   * @default ","
   */
  readonly separator?: string;
  /**
   * Write a row every so many batches instead of one an epoch, a whole number >= 0; 0 is one an epoch.
   * @default 0
   */
  readonly everyBatches?: number;
}

/**
 * A row of batches tells what it is of.
 *
 * @internal
 */
interface BatchNote {
  readonly epoch: number;
  readonly batch: number;
  readonly step: number;
}

const NAME = "CsvLogger";
/** What stands for a value that is missing. */
const MISSING = "NA";

const OPTIONS: OptionTable<Required<CsvLoggerOptions>> = /* @__PURE__ */ pure(() => ({
  append: flag(false),
  separator: {
    fallback: ",",
    rule: "must be one character, no quote and no line end",
    accepts: (value) => typeof value === "string" && value.length === 1 && !/["\r\n]/.test(value),
  },
  everyBatches: whole(0, 0),
}));

/**
 * Writes the history of `fit` to a CSV file, as the callback of that name in Keras: one row an epoch, the
 * epoch first, counted from 0, then what is in the logs, by name. The columns are those of the first row; a
 * value that is missing later is "NA". With `everyBatches` the columns are epoch, batch (of the epoch, from
 * 0), step (of all, from 1), then the metrics of that batch.
 *
 * The file has whole rows at any time. Several fits go on in one file, epochs and steps counted through.
 * In Deno it needs `--allow-read` and `--allow-write`; a browser has no files.
 *
 * @example
 * ```ts
 * import { mkdtemp, readFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { CsvLogger } from "@signalfit/tfjs";
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
 * const path = `${await mkdtemp(`${tmpdir()}/run-`)}/training.csv`;
 * const callbacks = [new CsvLogger(path)];
 * await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { epochs: 2, verbose: 0, callbacks });
 * console.assert((await readFile(path, "utf8")).startsWith("epoch,loss\n0,"));
 * ```
 */
export class CsvLogger extends BatchLog<BatchNote> {
  readonly #options: Required<CsvLoggerOptions>;
  #columns: readonly string[] | undefined;
  #warned = false;

  /**
   * Prepares the callback; nothing happens before a fit begins.
   *
   * @param path the file; directories above it are made
   * @param options see {@linkcode CsvLoggerOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option, or the path is none
   */
  constructor(path: string, options: CsvLoggerOptions = {}) {
    checkPath(NAME, path);
    const resolved = resolveOptions<Required<CsvLoggerOptions>>(NAME, OPTIONS, options);
    super(NAME, path, resolved.append);
    this.#options = resolved;
  }

  /** Opens the file. */
  override onTrainBegin(): Promise<void> {
    return this.log.begin((head) => {
      const { separator } = this.#options, columns = firstCsvRecord(head, separator);
      const first = columns?.[0] ?? head;
      if (columns === undefined ? !isTornHeader(first, separator) : first !== "epoch") {
        throw new Error(
          `Cannot append to a CSV file: its first column must be "epoch", separated by ` +
            `"${separator}", got "${first.slice(0, 20)}"`,
        );
      }
      this.#columns = columns;
    });
  }

  /** Keeps the batch's logs for its row, where rows are written by batch. */
  override async onBatchEnd(batch: number, logs?: tfl.Logs | Logs): Promise<void> {
    const step = this.log.clock.endBatch(), { everyBatches } = this.#options;
    if (everyBatches === 0 || step % everyBatches !== 0) return;
    const note = { epoch: this.epoch, batch: batchesBefore(this.model) + batch, step };
    this.reader.keep(note, logs as Logs);
    await this.take();
  }

  /** Writes the epoch's row. */
  override async onEpochEnd(epoch: number, logs?: tfl.Logs | Logs): Promise<void> {
    const present = this.log.clock.endEpoch(epoch);
    if (this.#options.everyBatches === 0) {
      this.#write({ epoch: present }, await resolveLogs(logs as Logs));
    }
    await this.flush();
  }

  /** @internal */
  protected override write({ note, values }: Row<BatchNote>): void {
    this.#write({ ...note }, values);
  }

  #write(counts: Record<string, number>, values: Readonly<Record<string, number>>): void {
    const { separator } = this.#options, row = { ...values, ...counts };
    if (this.#columns === undefined) {
      const columns = [...Object.keys(counts), ...Object.keys(values).sort()];
      this.#columns = [...new Set(columns)];
      this.log.add(csvRecord(this.#columns, separator));
    }
    const fields = this.#columns.map((name) =>
      Object.hasOwn(row, name) ? String(row[name]) : MISSING
    );
    this.log.add(csvRecord(fields, separator));
    this.#warnOf(Object.keys(row).filter((name) => !this.#columns!.includes(name)));
  }

  #warnOf(left: readonly string[]): void {
    if (this.#warned || left.length === 0) return;
    this.#warned = true;
    console.warn(`${NAME}: the first row had no ${left.join(", ")}, so that it is left out`);
  }
}

/** Whether a text without a line end may be the beginning of a header. */
function isTornHeader(text: string, separator: string): boolean {
  const start = `epoch${separator}`;
  return text.startsWith(start) || start.startsWith(text);
}
