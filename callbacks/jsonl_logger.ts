import type * as tfl from "@tensorflow/tfjs-layers";
import { BatchLog } from "../src/logs/batch_log.ts";
import type { Row } from "../src/logs/batch_reader.ts";
import { batchesBefore } from "../src/training/epoch_start.ts";
import { checkPath } from "../src/options/check.ts";
import { presentRate } from "../src/optimizers/learning_rate.ts";
import { type Logs, resolveLogs } from "../src/logs/resolve_logs.ts";
import { flag, oneOf, type OptionTable, resolveOptions, whole } from "../src/options/options.ts";
import { pure } from "../src/pure.ts";

/** Options of {@linkcode JsonlLogger}. */
export interface JsonlLoggerOptions {
  /**
   * "epoch" writes a line an epoch; "batch" a line every `everyBatches` batches as well.
   * @default "epoch"
   */
  readonly every?: "epoch" | "batch";
  /**
   * Of how many batches one gets a line, a whole number >= 1. With `every: "batch"`.
   * @default 1
   */
  readonly everyBatches?: number;
  /**
   * Keep the lines of a file that is there already. false begins it anew.
   * @default false
   */
  readonly append?: boolean;
}

/** A line of the file. */
export interface JsonlRecord {
  /** Whether it is of an epoch or of one batch. */
  readonly kind: "epoch" | "batch";
  /** The epoch, counted from 0 over all fits. */
  readonly epoch: number;
  /** The batch of that epoch, counted from 0; not there for an epoch. */
  readonly batch?: number;
  /** Batches so far, over all fits. */
  readonly step: number;
  /** When it was, in seconds since 1970. */
  readonly time: number;
  /** The learning rate that the (last) batch was trained with, or null if the optimizer tells none. */
  readonly learningRate: JsonlNumber | null;
  /** Losses and metrics by name. */
  readonly logs: Readonly<Record<string, JsonlNumber>>;
}

/** A number, or what JSON has no number for; `Number(value)` gives it back. */
export type JsonlNumber = number | "NaN" | "Infinity" | "-Infinity";

/** @internal */
type Head = Omit<JsonlRecord, "logs" | "learningRate"> & { readonly rate: number | undefined };

const NAME = "JsonlLogger";

const OPTIONS: OptionTable<Required<JsonlLoggerOptions>> = /* @__PURE__ */ pure(() => ({
  every: oneOf("epoch", "batch"),
  everyBatches: whole(1, 1),
  append: flag(false),
}));

/**
 * Writes what happens in `fit` to a file of JSON lines, one {@linkcode JsonlRecord} a line. NaN and
 * infinities, which JSON lacks, are the strings "NaN", "Infinity" and "-Infinity".
 *
 * The file has whole lines at any time. Several fits go on in one file, epochs and steps counted through.
 * In Deno it needs `--allow-read` and `--allow-write`; a browser has no files.
 *
 * @example
 * ```ts
 * import { mkdtemp, readFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { JsonlLogger, type JsonlRecord } from "@signalfit/tfjs";
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
 * const path = `${await mkdtemp(`${tmpdir()}/run-`)}/training.jsonl`;
 * const callbacks = [new JsonlLogger(path, { every: "batch", everyBatches: 2 })];
 * await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { batchSize: 2, verbose: 0, callbacks });
 * const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
 * const records: JsonlRecord[] = lines.map((line) => JSON.parse(line));
 * console.assert(records.map(({ kind, step }) => `${kind} ${step}`).join() === "batch 2,batch 4,epoch 4");
 * ```
 */
export class JsonlLogger extends BatchLog<Head> {
  readonly #options: Required<JsonlLoggerOptions>;

  /**
   * Prepares the callback; nothing happens before a fit begins.
   *
   * @param path the file; directories above it are made
   * @param options see {@linkcode JsonlLoggerOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option, or the path is none
   */
  constructor(path: string, options: JsonlLoggerOptions = {}) {
    checkPath(NAME, path);
    const resolved = resolveOptions<Required<JsonlLoggerOptions>>(NAME, OPTIONS, options);
    super(NAME, path, resolved.append);
    this.#options = resolved;
  }

  /** Opens the file. */
  override onTrainBegin(): Promise<void> {
    return this.log.begin((head) => {
      if (head === "" || head.startsWith("{")) return;
      throw new Error(
        `Cannot append to a file of JSON lines: it must begin with "{", got "${head[0]}"`,
      );
    });
  }

  /** Notes the learning rate of the step to come. */
  override onBatchBegin(): Promise<void> {
    this.log.clock.beginBatch(presentRate(this.model.optimizer));
    return Promise.resolve();
  }

  /** Keeps the batch's logs for its line. */
  override async onBatchEnd(index: number, logs?: tfl.Logs | Logs): Promise<void> {
    const { clock } = this.log, step = clock.endBatch(), { every, everyBatches } = this.#options;
    if (every !== "batch" || step % everyBatches !== 0) return;
    const time = Date.now() / 1000, { rate } = clock, batch = batchesBefore(this.model) + index;
    const head: Head = { kind: "batch", epoch: this.epoch, batch, step, time, rate };
    this.reader.keep(head, logs as Logs);
    await this.take();
  }

  /** Writes the epoch's line. */
  override async onEpochEnd(epoch: number, logs?: tfl.Logs | Logs): Promise<void> {
    const { clock } = this.log, present = clock.endEpoch(epoch);
    const { steps: step, rate } = clock, time = Date.now() / 1000;
    await this.drain();
    const values = await resolveLogs(logs as Logs);
    this.write({ note: { kind: "epoch", epoch: present, step, time, rate }, values });
    await this.log.flush();
  }

  /** @internal */
  protected override write({ note: { rate, ...head }, values }: Row<Head>): void {
    const learningRate = rate === undefined ? null : toJson(rate);
    const logs = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, toJson(value)]),
    );
    const record: JsonlRecord = { ...head, learningRate, logs };
    this.log.add(JSON.stringify(record));
  }
}

function toJson(value: number): JsonlNumber {
  return Number.isFinite(value) ? value : String(value) as JsonlNumber;
}
