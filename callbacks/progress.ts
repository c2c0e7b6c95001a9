import type * as tfl from "@tensorflow/tfjs-layers";
import { BatchReader } from "../src/logs/batch_reader.ts";
import { clockTime, shortNumber } from "../src/logs/format.ts";
import { type Logs, resolveLogs } from "../src/logs/resolve_logs.ts";
import { standardOutput, type TextOutput } from "../src/logs/terminal.ts";
import {
  isWhole,
  nonNegative,
  oneOf,
  type OptionSpec,
  type OptionTable,
  resolveOptions,
} from "../src/options/options.ts";
import { pure } from "../src/pure.ts";
import { writeOnFirstRank } from "../src/parallel/team_fit.ts";
import { batchesBefore } from "../src/training/epoch_start.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

/** Options of {@linkcode Progress}. */
export interface ProgressOptions {
  /**
   * Milliseconds between two looks of the line on a terminal, >= 0; losses are read as often.
   * @default 250
   */
  readonly refreshMs?: number;
  /**
   * What is counted a second.
   * @default "samples"
   */
  readonly unit?: "samples" | "batches";
  /**
   * The losses and metrics to show, by name; null shows all.
   * @default null
   */
  readonly metrics?: readonly string[] | null;
  /**
   * Batches of an epoch, a whole number >= 1, where tfjs cannot tell: in the first epoch of `fitDataset`
   * on a data set that does not know its size.
   * @default what tfjs tells
   */
  readonly batchesPerEpoch?: number | null;
  /**
   * Where to write, null for standard output, which is the console in a browser.
   * @default null
   */
  readonly output?: TextOutput | null;
}

const NAME = "Progress";
const BAR = 20;
const DIM = "\x1b[2m", RESET = "\x1b[0m";
const CLEAR = "\r\x1b[K";

const orNull = <Value>(
  rule: string,
  accepts: (value: unknown) => boolean,
): OptionSpec<Value | null> => ({
  fallback: null,
  rule,
  accepts: (value) => value === null || accepts(value),
});

const OPTIONS: OptionTable<Required<ProgressOptions>> = /* @__PURE__ */ pure(() => ({
  refreshMs: nonNegative(250),
  unit: oneOf("samples", "batches"),
  metrics: orNull(
    'must be a list of names such as ["loss"], or null',
    (value) => Array.isArray(value) && value.every((name) => typeof name === "string"),
  ),
  batchesPerEpoch: orNull("must be a whole number >= 1, or null", (value) => isWhole(value, 1)),
  output: orNull(
    "must have a method write(text), or be null",
    (value) => typeof (value as TextOutput)?.write === "function",
  ),
}));

/**
 * Shows how far `fit` is: a line that is rewritten on a terminal, with a bar, samples a second, the time
 * left and the last losses; and a line at the end of each epoch, which is all where there is no terminal.
 * The environment variable NO_COLOR keeps it plain. On a device a loss is read while training goes on, and
 * is that of the look before.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { Progress } from "@signalfit/tfjs";
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
 * const callbacks = [new Progress()];
 * await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { epochs: 2, verbose: 0, callbacks });
 * // epoch 1/2: 0:00, 1234 samples/s, loss 0.5312
 * // epoch 2/2: 0:00, 2345 samples/s, loss 0.2891
 * ```
 */
export class Progress extends OwnCallback {
  readonly #options: Required<ProgressOptions>;
  readonly #reader = new BatchReader<null>();
  #output: TextOutput = standardOutput();
  #epoch = 0;
  #firstEpoch: number | undefined;
  #perEpoch: number | undefined;
  #fitBegan = 0;
  #epochBegan = 0;
  #shown = 0;
  #lineIsOpen = false;
  /** Batches of the first epoch that were done before this fit, of this fit, and of this epoch. */
  #before = 0;
  #batches = 0;
  #inEpoch = 0;
  /** Batches and samples that this fit has done of this epoch. */
  #own = 0;
  #samples = 0;
  #last: Readonly<Record<string, number>> = {};

  /**
   * Prepares the callback; nothing happens before a fit begins.
   *
   * @param options see {@linkcode ProgressOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: ProgressOptions = {}) {
    super();
    this.#options = resolveOptions<Required<ProgressOptions>>(NAME, OPTIONS, options);
  }

  /** Takes the model; in a team of processes, the first one alone writes. */
  override setModel(model: Parameters<tfl.Callback["setModel"]>[0]): void {
    super.setModel(model);
    writeOnFirstRank(this);
  }

  /** Begins to measure time, and finds out how many batches an epoch has. */
  override onTrainBegin(): Promise<void> {
    const { output, batchesPerEpoch } = this.#options;
    this.#output = output ?? standardOutput();
    const { steps, samples, batchSize } = this.params as Record<string, number | null>;
    const known = batchesPerEpoch ?? steps ??
      (samples && batchSize ? Math.ceil(samples / batchSize) : null);
    this.#perEpoch = known ?? undefined;
    this.#firstEpoch = undefined;
    this.#fitBegan = performance.now();
    this.#batches = this.#shown = 0;
    this.#last = {};
    this.#reader.dispose();
    this.#closeLine();
    return Promise.resolve();
  }

  /** Begins to count the epoch's batches. */
  override onEpochBegin(epoch: number): Promise<void> {
    this.#epoch = epoch;
    this.#inEpoch = batchesBefore(this.model);
    if (this.#firstEpoch === undefined) this.#before = this.#inEpoch;
    this.#firstEpoch ??= epoch;
    this.#epochBegan = performance.now();
    this.#own = this.#samples = 0;
    return Promise.resolve();
  }

  /** Draws the line anew, not more often than eyes can follow. */
  override async onBatchEnd(_batch: number, logs?: tfl.Logs | Logs): Promise<void> {
    this.#batches++;
    this.#inEpoch++;
    this.#own++;
    this.#samples += Number((logs as Logs | undefined)?.size ?? 0);
    if (!this.#output.isTerminal) return;
    const { refreshMs } = this.#options, now = performance.now();
    if (now - this.#shown < refreshMs) return;
    this.#shown = now;
    this.#reader.keep(null, logs as Logs);
    this.#last = (await this.#reader.take()).at(-1)?.values ?? this.#last;
    this.#output.write(CLEAR + this.#line(now));
    this.#lineIsOpen = true;
  }

  /** Writes the epoch's line, which stays. */
  override async onEpochEnd(epoch: number, logs?: tfl.Logs | Logs): Promise<void> {
    await this.#reader.drain();
    const values = await resolveLogs(logs as Logs);
    const seconds = (performance.now() - this.#epochBegan) / 1000;
    this.#perEpoch = this.#inEpoch;
    this.#shown = 0; // a bar right after the epoch's line
    const parts = [clockTime(seconds), this.#speed(seconds), ...this.#metrics(values)];
    if (this.#lineIsOpen) this.#output.write(CLEAR);
    this.#lineIsOpen = false;
    this.#output.write(`epoch ${this.#counted(epoch)}: ${parts.join(", ")}\n`);
  }

  /** Ends a line that is still being drawn. */
  override onTrainEnd(): Promise<void> {
    this.#closeLine();
    return Promise.resolve();
  }

  /** Ends a line that a fit which threw has left behind. */
  #closeLine(): void {
    if (this.#lineIsOpen) this.#output.write("\n");
    this.#lineIsOpen = false;
  }

  /** The line on a terminal, as much of it as there is room for. */
  #line(now: number): string {
    const total = this.#perEpoch, done = this.#inEpoch;
    const share = total === undefined ? undefined : Math.min(1, done / total);
    const { hasColors, columns } = this.#output, left = this.#secondsLeft(now);
    const head = `epoch ${this.#counted(this.#epoch)} `;
    const [loss, ...others] = this.#metrics(this.#last);
    const parts: readonly Part[] = [
      ...share === undefined ? [] : [{
        text: `${String(Math.floor(100 * share)).padStart(3)}%`,
        rank: 0,
      }],
      { text: this.#speed((now - this.#epochBegan) / 1000), rank: 3 },
      ...left === undefined ? [] : [{ text: `${clockTime(left)} left`, rank: 1 }],
      ...loss === undefined ? [] : [{ text: loss, rank: 2 }],
      ...others.map((text) => ({ text, rank: 4 })),
    ];
    const room = columns - 1 - head.length;
    // Rather a shorter bar than no loss or time left.
    const least = lengthOf(parts.filter(({ rank }) => rank < 3));
    const width = Math.max(0, Math.min(BAR, room - Math.min(least, Math.max(5, room - 4))));
    const full = Math.round((share ?? 0) * width);
    const bar = share === undefined ? `batch ${done}` : "━".repeat(full);
    const rest = share === undefined ? "" : "━".repeat(width - full);
    const tail = fitting(parts, room - bar.length - rest.length);
    return hasColors
      ? `${head}${bar}${DIM}${rest}${RESET}${tail}`
      : `${head}${bar}${"─".repeat(rest.length)}${tail}`;
  }

  /** "3/10", or "3" where nobody knows of how many. */
  #counted(epoch: number): string {
    const { epochs } = this.params as { epochs?: number };
    return epochs === undefined ? `${epoch + 1}` : `${epoch + 1}/${epochs}`;
  }

  #speed(seconds: number): string {
    const { unit } = this.#options;
    const count = unit === "samples" ? this.#samples : this.#own;
    const speed = seconds > 0 ? count / seconds : 0;
    return `${speed >= 100 ? Math.round(speed) : shortNumber(speed)} ${unit}/s`;
  }

  #metrics(values: Readonly<Record<string, number>>): string[] {
    const { metrics } = this.#options;
    return Object.keys(values)
      .filter((name) => metrics?.includes(name) ?? true)
      .sort((a, b) => rank(a) - rank(b))
      .map((name) => `${name} ${shortNumber(values[name]!)}`);
  }

  /** By the mean time of a batch of this fit, validation included; undefined where nobody knows. */
  #secondsLeft(now: number): number | undefined {
    const { epochs } = this.params as { epochs?: number };
    if (this.#perEpoch === undefined || epochs === undefined) return undefined;
    const all = (epochs - this.#firstEpoch!) * this.#perEpoch - this.#before;
    return (all - this.#batches) * (now - this.#fitBegan) / this.#batches / 1000;
  }
}

/** A part of the line; those of the least rank are kept where there is no room for all. */
interface Part {
  readonly text: string;
  readonly rank: number;
}

/** Columns that parts take, with one space before the first and two before each other one. */
function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { text }) => sum + 2 + text.length, parts.length === 0 ? 0 : -1);
}

/**
 * As many of the parts as a number of columns has room for, the most important first, in their order: a
 * number cut short would be another one.
 */
function fitting(parts: readonly Part[], columns: number): string {
  let kept: readonly Part[] = [];
  for (const part of parts.toSorted((a, b) => a.rank - b.rank)) {
    const more = parts.filter((each) => each === part || kept.includes(each));
    if (lengthOf(more) > columns) break;
    kept = more;
  }
  return kept.length === 0 ? "" : ` ${kept.map(({ text }) => text).join("  ")}`;
}

/** What was trained on comes before what was validated on. */
function rank(name: string): number {
  return name.startsWith("val_") ? 1 : 0;
}
