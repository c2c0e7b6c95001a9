import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { BatchReader } from "../src/logs/batch_reader.ts";
import { checkPath } from "../src/options/check.ts";
import { presentRate } from "../src/optimizers/learning_rate.ts";
import { type Logs, resolveLogs } from "../src/logs/resolve_logs.ts";
import { checkCounts, TrainingClock } from "../src/logs/training_clock.ts";
import {
  isWhole,
  nonNegative,
  type OptionTable,
  resolveOptions,
  whole,
} from "../src/options/options.ts";
import { writeOnFirstRank } from "../src/parallel/team_fit.ts";
import {
  EventFile,
  type EventFilePosition,
  isEventFileName,
} from "../src/tensorboard/event_file.ts";
import {
  histogramValue,
  imageValue,
  scalarValue,
  textValue,
  type Value,
} from "../src/tensorboard/events.ts";
import { histogramOf } from "../src/tensorboard/histogram.ts";
import { type PixelRange, pixelsOf } from "../src/tensorboard/pixels.ts";
import { encodePng, readPngHeader } from "../src/tensorboard/png.ts";
import { OwnCallback } from "../src/training/own_callback.ts";
import { pure } from "../src/pure.ts";

/** Pictures by tag: tensors, which are disposed once they are written, or the bytes of PNGs. */
export type TensorBoardImages = Readonly<Record<string, tf.Tensor | Uint8Array>>;

/** Options of {@linkcode TensorBoard}. */
export interface TensorBoardOptions {
  /**
   * Write histograms of all weights every so many epochs, a whole number >= 0; 0 is never.
   * @default 0
   */
  readonly histograms?: number;
  /**
   * Write loss and metrics of one batch in so many, a whole number >= 0; 0 writes epochs alone.
   * @default 0
   */
  readonly everyBatches?: number;
  /**
   * Makes pictures to write at the end of an epoch, such as samples of a diffusion model. It is given the
   * epoch, counted from 0 over all fits.
   * @default none
   */
  readonly images?: ((epoch: number) => TensorBoardImages | Promise<TensorBoardImages>) | null;
  /**
   * Make pictures every so many epochs, a whole number >= 1.
   * @default 1
   */
  readonly imagesEvery?: number;
  /**
   * Texts in Markdown by tag, such as the configuration of the run; written once, at step 0.
   * @default none
   */
  readonly text?: Readonly<Record<string, string>> | null;
  /**
   * Seconds that values of batches may wait for others before they are written, >= 0.
   * @default 5
   */
  readonly flushSeconds?: number;
}

/** The state of a {@linkcode TensorBoard}, plain data for JSON. */
export interface TensorBoardState {
  /** What these data are, with their version: others are refused. */
  readonly format: "signalfit-tensorboard-1";
  /** Number of epochs that have ended. */
  readonly epochs: number;
  /** Number of batches that have ended. */
  readonly steps: number;
  /** The files of the runs. */
  readonly files: { train?: EventFilePosition; val?: EventFilePosition };
}

/** The callback, for messages. */
const NAME = "TensorBoard";

/** The rules of the options. */
const OPTIONS: OptionTable<Required<TensorBoardOptions>> = /* @__PURE__ */ pure(
  () => ({
    histograms: whole(0, 0),
    everyBatches: whole(0, 0),
    images: {
      fallback: null,
      rule: "must be a function of the epoch, or null",
      accepts: (value) => value === null || typeof value === "function",
    },
    imagesEvery: whole(1, 1),
    text: {
      fallback: null,
      rule: "must be an object of strings, or null",
      accepts: (value) =>
        value === null ||
        (typeof value === "object" &&
          Object.values(value).every((text) => typeof text === "string")),
    },
    flushSeconds: nonNegative(5),
  }),
);

/**
 * A batch whose values are to be written.
 *
 * @internal
 */
interface BatchNote {
  readonly step: number;
  readonly seconds: number;
  readonly rate: number | undefined;
}

/** The two runs that TensorBoard shows. */
type Run = "train" | "val";

const VALIDATION = "val_";

/**
 * Writes what happens in `fit` to event files that TensorBoard reads, laid out as tfjs-node does: the runs
 * `train` and `val` below `logDir`; `epoch_<name>` at the end of each epoch, counted from 1, and with
 * `everyBatches` `batch_<name>`, counted in batches from 1. The learning rate is `epoch_learning_rate` and
 * `batch_learning_rate`. Several fits go on in one run.
 *
 * In Deno it needs `--allow-read` and `--allow-write`; a browser has no files. A run should be written by
 * one process at a time.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { TensorBoard } from "@signalfit/tfjs";
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
 * const logDir = `${await mkdtemp(`${tmpdir()}/run-`)}/runs/a`;
 * const board = new TensorBoard(logDir, { histograms: 1, everyBatches: 10 });
 * await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { epochs: 2, verbose: 0, callbacks: [board] });
 * await board.writeImage("noise", tf.randomUniform([16, 16]), 2);
 * await board.flush();
 * // tensorboard --logdir runs
 * ```
 */
export class TensorBoard extends OwnCallback {
  readonly #logDir: string;
  readonly #options: Required<TensorBoardOptions>;
  readonly #clock = new TrainingClock();
  readonly #reader = new BatchReader<BatchNote>();
  readonly #files = new Map<Run, EventFile>();
  #textIsWritten = false;

  /**
   * Prepares the callback; nothing happens before a fit begins.
   *
   * @param logDir the directory of the run, such as "runs/a"; it is made, with those above it
   * @param options see {@linkcode TensorBoardOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option, or the directory is none
   */
  constructor(logDir: string, options: TensorBoardOptions = {}) {
    super();
    checkPath(NAME, logDir);
    this.#logDir = logDir;
    this.#options = resolveOptions<Required<TensorBoardOptions>>(
      NAME,
      OPTIONS,
      options,
    );
  }

  /** Writes a number under a tag, to the run `train`; `flush` brings it to the disk. */
  writeScalar(tag: string, value: number, step: number): void {
    this.#add("train", step, [scalarValue(tag, value)]);
  }

  /** Writes a histogram of a tensor, in 30 buckets. Values that are not finite are counted apart. */
  async writeHistogram(tag: string, tensor: tf.Tensor, step: number): Promise<void> {
    this.#add("train", step, histogramValues(tag, await tensor.data()));
  }

  /**
   * Writes a picture.
   *
   * @param image the bytes of a PNG, or a tensor: [height, width], [height, width, channels] with 1 to 4
   * channels, or [count, height, width, channels], which becomes a grid. Not disposed
   * @param options `range`: the numbers that are black and white, such as [-1, 1]; [0, 255] for int32,
   * else [0, 1], if left out
   */
  async writeImage(
    tag: string,
    image: tf.Tensor | Uint8Array,
    step: number,
    options: { readonly range?: PixelRange } = {},
  ): Promise<void> {
    if (image instanceof Uint8Array) {
      this.#add("train", step, [imageValue(tag, { ...readPngHeader(image), png: image })]);
      return;
    }
    const pixels = await pixelsOf(image, options.range);
    this.#add("train", step, [imageValue(tag, { ...pixels, png: await encodePng(pixels) })]);
  }

  /** Writes a text in Markdown. */
  writeText(tag: string, text: string, step = 0): void {
    this.#add("train", step, [textValue(tag, text)]);
  }

  /** Writes to the disk what waits, values on a device included. `fit` does this at the end of an epoch. */
  async flush(): Promise<void> {
    this.#addBatches(await this.#reader.drain());
    await this.#flushFiles();
  }

  /** Positions and counts as plain data; everything is written. */
  async getState(): Promise<TensorBoardState> {
    await this.flush();
    const files: TensorBoardState["files"] = {};
    for (const [run, file] of this.#files) files[run] = await file.position();
    const { epochs, steps } = this.#clock;
    return { format: "signalfit-tensorboard-1", epochs, steps, files };
  }

  /**
   * Goes on from a saved state: what was written after it is dropped. A TensorBoard that is running may
   * have to be started anew to see that.
   *
   * @throws {Error} if it is no such state; nothing has changed then
   */
  setState(state: TensorBoardState): void {
    checkTensorBoardState(state);
    this.#reader.dispose();
    this.#files.clear();
    for (const run of ["train", "val"] as const) {
      const position = state.files[run];
      if (position !== undefined) {
        this.#files.set(run, new EventFile(`${this.#logDir}/${run}`, position));
      }
    }
    this.#clock.restore(state);
    this.#textIsWritten = true;
  }

  /** Takes the model; in a team of processes, the first one alone writes. */
  override setModel(model: Parameters<tfl.Callback["setModel"]>[0]): void {
    super.setModel(model);
    writeOnFirstRank(this);
  }

  /** Writes the texts and opens the file of events, so that whatever forbids writing shows at once. */
  override async onTrainBegin(): Promise<void> {
    const { text } = this.#options;
    if (!this.#textIsWritten) {
      for (const [tag, content] of Object.entries(text ?? {})) this.writeText(tag, content);
    }
    this.#textIsWritten = true;
    await this.#file("train").flush(); // whatever forbids writing shows now
  }

  /** Notes the learning rate of the step to come. */
  override onBatchBegin(): Promise<void> {
    this.#clock.beginBatch(presentRate(this.model.optimizer));
    return Promise.resolve();
  }

  /** Writes the batch's scalars, if it is their turn. */
  override async onBatchEnd(_batch: number, logs?: tfl.Logs | Logs): Promise<void> {
    const step = this.#clock.endBatch(), { everyBatches, flushSeconds } = this.#options;
    if (everyBatches === 0 || step % everyBatches !== 0) return;
    const note = { step, seconds: Date.now() / 1000, rate: this.#clock.rate };
    this.#reader.keep(note, logs as Logs);
    this.#addBatches(await this.#reader.take());
    if (this.#file("train").waited >= 1000 * flushSeconds) await this.#flushFiles();
  }

  /** Writes the epoch's scalars, histograms and pictures. */
  override async onEpochEnd(epoch: number, logs?: tfl.Logs | Logs): Promise<void> {
    const present = this.#clock.endEpoch(epoch), step = present + 1;
    this.#addBatches(await this.#reader.drain());
    const values = Object.entries(await resolveLogs(logs as Logs));
    const isValidation = ([name]: [string, number]) => name.startsWith(VALIDATION);
    const { rate } = this.#clock;
    this.#add("train", step, [
      ...values.filter((value) => !isValidation(value))
        .map(([name, value]) => scalarValue(`epoch_${name}`, value)),
      ...rate === undefined ? [] : [scalarValue("epoch_learning_rate", rate)],
    ]);
    const validation = values.filter(isValidation);
    if (validation.length > 0) {
      this.#add(
        "val",
        step,
        validation.map(([name, value]) =>
          scalarValue(`epoch_${name.slice(VALIDATION.length)}`, value)
        ),
      );
    }
    const { histograms, images, imagesEvery } = this.#options;
    if (histograms > 0 && step % histograms === 0) await this.#writeWeights(step);
    if (images !== null && step % imagesEvery === 0) await this.#writeImages(present);
    await this.#flushFiles();
  }

  /** Writes out what is left. */
  override onTrainEnd(): Promise<void> {
    return this.flush();
  }

  /** The weights of the model as histograms, read in one go. */
  async #writeWeights(step: number): Promise<void> {
    const weights = this.model.weights;
    const values = await Promise.all(weights.map((weight) => weight.read().data()));
    this.#add("train", step, weights.flatMap(({ name }, i) => histogramValues(name, values[i]!)));
  }

  /** What the user's function gives, at the step of its epoch. */
  async #writeImages(epoch: number): Promise<void> {
    const images = await this.#options.images!(epoch);
    try {
      for (const [tag, image] of Object.entries(images)) {
        await this.writeImage(tag, image, epoch + 1);
      }
    } finally {
      tf.dispose(Object.values(images).filter((image) => image instanceof tf.Tensor));
    }
  }

  #addBatches(rows: Awaited<ReturnType<BatchReader<BatchNote>["take"]>>): void {
    for (const { note: { step, seconds, rate }, values } of rows) {
      this.#file("train").add(seconds, step, [
        ...Object.entries(values).map(([name, value]) => scalarValue(`batch_${name}`, value)),
        ...rate === undefined ? [] : [scalarValue("batch_learning_rate", rate)],
      ]);
    }
  }

  #add(run: Run, step: number, values: readonly Value[]): void {
    this.#file(run).add(Date.now() / 1000, step, values);
  }

  #file(run: Run): EventFile {
    let file = this.#files.get(run);
    if (file === undefined) {
      file = new EventFile(`${this.#logDir}/${run}`);
      this.#files.set(run, file);
    }
    return file;
  }

  async #flushFiles(): Promise<void> {
    for (const file of this.#files.values()) await file.flush();
  }
}

/** A histogram, and where not all values are finite, how many are not. */
function histogramValues(tag: string, values: ArrayLike<number>): Value[] {
  const histogram = histogramOf(values), { nonFinite } = histogram;
  const value = histogramValue(tag, histogram);
  return nonFinite === 0 ? [value] : [value, scalarValue(`${tag}/non_finite`, nonFinite)];
}

/**
 * Checks a state before anything is changed.
 *
 * @throws {Error} naming the field, the rule and the value
 */
function checkTensorBoardState(state: TensorBoardState): void {
  const refuse = (rule: string, value: unknown): never => {
    throw new Error(`Cannot restore ${NAME}: ${rule}, got ${value}`);
  };
  if (state?.format !== "signalfit-tensorboard-1") {
    refuse('the format must be "signalfit-tensorboard-1"', state?.format);
  }
  checkCounts(NAME, state);
  for (const run of ["train", "val"] as const) {
    const position = state.files?.[run];
    if (position === undefined) continue;
    if (!isEventFileName(position.name)) {
      refuse(`files.${run}.name must be that of an event file`, position.name);
    }
    if (!isWhole(position.bytes)) {
      refuse(`files.${run}.bytes must be a whole number >= 0`, position.bytes);
    }
  }
}
