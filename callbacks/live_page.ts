import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { type Action, Controls } from "../src/live/controls.ts";
import { batchesOf, optimizerName } from "../src/live/facts.ts";
import { readPictures } from "../src/live/grid.ts";
import { importLiveHost } from "../src/live/host.ts";
import type { LiveState, Patch } from "../src/live/data.ts";
import { apply, emptyState } from "../src/live/page/state.js";
import { RunRecorder } from "../src/live/run_recorder.ts";
import { saveStopped } from "../src/live/save_stopped.ts";
import { openService, type Service } from "../src/live/service.ts";
import { writeReport } from "../src/live/write_report.ts";
import { writeOnFirstRank } from "../src/parallel/team_fit.ts";
import { optional } from "../src/options/options.ts";
import {
  checkOption,
  flag,
  type OptionTable,
  resolveOptions,
  whole,
} from "../src/options/options.ts";
import { whenFitEnds } from "../src/training/fit_hooks.ts";
import { partsOf } from "../src/training/model_parts.ts";
import { besideStopSignal, Turns } from "../src/training/stop_signals.ts";
import type { GainSource } from "../src/live/sources.ts";
import type { ERDReport } from "./erd.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

/** Milliseconds between two turns that training gives to the server, and while a request is there. */
const TURN_EVERY = 250;
const BUSY_TURN_EVERY = 20;
/** Milliseconds that the end of a training waits for the last news to be sent. */
const LAST_NEWS = 500;

/** Pictures for a live page; see {@linkcode LivePageOptions.images}. */
export interface LiveImages {
  /** Gives pictures [n, h, w, c] with c of 1 or 3, at most 2^18 values a picture; they are disposed of. */
  readonly sample: () => tf.Tensor | Promise<tf.Tensor>;
  /**
   * Ask after every so many epochs, and before the first: a whole number >= 1.
   * @default 1
   */
  readonly everyEpochs?: number;
  /**
   * The values that are shown as black and white.
   * @default the least and the greatest of each grid
   */
  readonly range?: readonly [black: number, white: number] | null;
}

/** Options of {@linkcode LivePage}. */
export interface LivePageOptions {
  /**
   * What stands at the top of the page.
   * @default "Training"
   */
  readonly title?: string;
  /**
   * Port on 127.0.0.1, a whole number from 0 to 65535; 0 takes a free one.
   * @default 0
   */
  readonly port?: number;
  /**
   * Open the page in a browser.
   * @default false
   */
  readonly open?: boolean;
  /**
   * File that the page is kept in whenever a training ends: one HTML file with all that it shows, which
   * needs no server. Its name must end in ".html".
   * @default none
   */
  readonly report?: string | null;
  /**
   * What is saved when a viewer stops the training: a directory for the model and its optimizer, or a
   * function that saves it in another way.
   * @default none
   */
  readonly checkpoint?: string | ((model: tfl.LayersModel) => unknown) | null;
  /**
   * Sample pictures, shown as they improve.
   * @default none
   */
  readonly images?: LiveImages | null;
  /**
   * An ERD that measures, whose raw loss, recoverability and weight are shown by noise level.
   * @default none
   */
  readonly erd?: { report(): ERDReport } | null;
  /**
   * What tells the filter's gain by layer.
   * @default none
   */
  readonly gains?: GainSource | null;
  /**
   * Files of earlier pages, exports or reports, whose runs are shown beside these.
   * @default none
   */
  readonly compare?: readonly string[];
}

/** All options, checked and with their defaults. */
type Resolved =
  & Omit<Required<LivePageOptions>, "images">
  & { readonly images: Required<LiveImages> | null };

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const canReport = (value: unknown): boolean =>
  typeof (value as { report?: unknown } | undefined)?.report === "function";

const OPTIONS: OptionTable<Required<LivePageOptions>> = {
  title: {
    fallback: "Training",
    rule: "must be a text",
    accepts: (value) => typeof value === "string",
  },
  port: whole(0, 0, 65535),
  open: flag(false),
  report: optional(
    'must be the name of a file that ends in ".html"',
    (value) => typeof value === "string" && /.\.html$/.test(value),
  ),
  checkpoint: optional(
    "must be a directory or a function",
    (value) => typeof value === "function" || isText(value),
  ),
  images: optional(
    "must be an object such as { sample: () => pictures }",
    (value) => typeof value === "object",
  ),
  erd: optional("must be an object with a method report()", canReport),
  gains: optional("must be an object with a method report()", canReport),
  compare: {
    fallback: [],
    rule: "must be a list of files",
    accepts: (value) => Array.isArray(value) && value.every(isText),
  },
};

const IMAGES: OptionTable<Required<LiveImages>> = {
  sample: {
    fallback: undefined as unknown as LiveImages["sample"], // checked below: it has no default
    rule: "must be a function that gives pictures [n, h, w, c]",
    accepts: (value) => typeof value === "function",
  },
  everyEpochs: whole(1),
  range: optional(
    "must be [black, white], two different finite numbers",
    (value) =>
      Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) &&
      value[0] !== value[1],
  ),
};

function resolved(given: LivePageOptions): Resolved {
  const options = resolveOptions<Required<LivePageOptions>>("LivePage", OPTIONS, given);
  if (options.images === null) return { ...options, images: null };
  const images = resolveOptions<Required<LiveImages>>("LivePage: images", IMAGES, options.images);
  checkOption("Cannot create LivePage: images", IMAGES, "sample", images.sample);
  return { ...options, images };
}

/**
 * Shows a training in a browser while it runs, and lets it be paused and stopped there. The page is
 * served on 127.0.0.1 alone, under an address that cannot be guessed, and fetches nothing from
 * elsewhere. Give one to several calls of `fit` to see them on one page: each model is a run.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { LivePage } from "@signalfit/tfjs/live";
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
 * const page = new LivePage({ title: "A line" });
 * console.log(await page.start()); // such as http://127.0.0.1:40123/Xk3…/
 * await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { callbacks: [page], verbose: 0 });
 * await page.close();
 * ```
 */
export class LivePage extends OwnCallback {
  readonly #options: Resolved;
  readonly #state: LiveState;
  readonly #controls: Controls;
  #service: Promise<Service> | undefined;
  #open: Service | undefined;
  #recorder: RunRecorder | undefined;
  #recorded: tfl.LayersModel | undefined;
  #next: { readonly name?: string; readonly epochs?: number } | undefined;
  #epochs: number | undefined;
  #runs = 0;
  #epochsDone = 0;
  readonly #turns = new Turns();
  /** The model that is being trained. */
  #training: tfl.LayersModel | undefined;
  /** What is still done for a training that an exception has ended. */
  #ending: Promise<void> = Promise.resolve();
  /** Ends waiting for signals, once that has begun. */
  #stopListening: (() => void) | undefined;
  #isInterrupted = false;

  /**
   * Makes a page, which is served from {@linkcode start} or the first `fit` on.
   *
   * @param options see {@linkcode LivePageOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: LivePageOptions = {}) {
    super();
    this.#options = resolved(options);
    this.#state = emptyState(this.#options.title, this.#options.checkpoint !== null);
    this.#controls = new Controls((status) => this.#recorder?.status(status));
  }

  /** The page's address while it is served. Whoever has it can read and control the training. */
  get url(): string | undefined {
    return this.#open?.server.url;
  }

  /**
   * Serves the page, if it is not served yet. `fit` does this too, and prints the address then.
   *
   * @returns the page's address
   * @throws {Error} if the port is taken, or a file to compare with cannot be read
   */
  async start(): Promise<string> {
    this.#service ??= this.#serve().catch((error) => {
      this.#service = undefined;
      throw error;
    });
    return (await this.#service).server.url;
  }

  /**
   * The next call of `fit` begins a new run, also if it trains the same model.
   *
   * @param name what the page calls it; without one, its optimizer's name
   * @param epochs epochs in all, where a run is made of several calls of `fit`
   */
  nextRun(name?: string, epochs?: number): void {
    this.#next = { name, epochs };
  }

  /** All that the page shows, as plain data for JSON: what option `compare` takes. */
  getState(): LiveState {
    return structuredClone(this.#state);
  }

  /**
   * Ends the page: viewers keep what they have seen. Writes the report once more. A training that is under
   * way goes on without the page, also if it was paused there.
   */
  async close(): Promise<void> {
    this.#controls.release();
    await this.#ending;
    const service = await this.#service;
    if (service === undefined) return;
    this.#service = this.#open = undefined;
    if (this.#training === undefined) this.#recorder?.dispose();
    try {
      await this.#report(service);
    } finally {
      await service.viewers.flushed(LAST_NEWS);
      await service.server.close();
    }
  }

  /** What `await using` calls at the end: {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * What `fit` calls first.
   *
   * @throws {Error} if the page shows another training that is under way
   */
  override setParams(params: Record<string, unknown>): void {
    this.#refuseSecond(undefined);
    super.setParams(params as Parameters<tfl.Callback["setParams"]>[0]);
  }

  /**
   * What `fit` calls then.
   *
   * @throws {Error} if the page shows another training that is under way
   */
  override setModel(model: Parameters<tfl.Callback["setModel"]>[0]): void {
    this.#refuseSecond(model);
    super.setModel(model);
    writeOnFirstRank(this);
    if (!partsOf(this.model).isTraining) return; // callbacks may be called without a fit
    this.#training = this.model;
    whenFitEnds(this.model, () => this.#fitEnded());
  }

  /** Serves the page, if it is not served yet, and begins a run where this is a new one. */
  override async onTrainBegin(): Promise<void> {
    await this.#ending;
    const isNew = this.#service === undefined;
    const url = await this.start();
    if (isNew) console.log(`Live page: ${url}`);
    if (this.#next !== undefined || this.#recorded !== this.model) await this.#beginRun();
    this.#isInterrupted = false;
    this.#recorder!.begin(this.params.batchSize);
    this.#controls.begin();
    if (this.#epochsDone === 0) await this.#showPictures();
  }

  /** Tells how far the run is. */
  override async onEpochBegin(epoch: number): Promise<void> {
    const epochs = this.#epochs ?? this.params.epochs as number;
    const batches = batchesOf(this.params as Record<string, unknown>);
    this.#publish({ run: this.#run(), epoch: epoch + 1, epochs, batches });
    // By now all callbacks of this fit that wait for signals do.
    const { process } = await importLiveHost();
    this.#stopListening ??= besideStopSignal(process, () => {
      this.#isInterrupted = true;
      this.#controls.release();
    });
  }

  /** Keeps what the batch gave, and waits while the training is paused. */
  override async onBatchEnd(_batch: number, logs: object = {}): Promise<void> {
    const recorder = this.#recorder!;
    const wait = recorder.batch(logs);
    if (wait !== undefined) await wait;
    if (this.#open !== undefined) {
      await this.#turns.takeIfDue(this.#open.server.isBusy ? BUSY_TURN_EVERY : TURN_EVERY);
    }
    const paused = this.model.stopTraining ? 0 : await this.#controls.passage();
    if (paused > 0) recorder.skip(paused);
    if (this.#controls.isStopping) await this.#stop();
  }

  /** Keeps what the epoch gave, and shows pictures where they are due. */
  override async onEpochEnd(_epoch: number, logs: object = {}): Promise<void> {
    await this.#recorder!.epoch(logs);
    this.#epochsDone++;
    if (this.#open !== undefined) {
      await this.#showPictures();
      await this.#turns.take();
    }
    if (this.#controls.isStopping) await this.#stop();
  }

  /** Reads what is left, and writes the report. */
  override async onTrainEnd(): Promise<void> {
    await this.#recorder!.end();
    this.#controls.end(this.#isInterrupted ? "stopped" : undefined);
    await this.#tellLast();
  }

  async #serve(): Promise<Service> {
    const { compare, port, open } = this.#options;
    const control = (action: unknown) => this.#controls.act(action as Action);
    return this.#open = await openService({ port, compare, open, state: this.#state, control });
  }

  /** Name of the present run in patches. */
  #run(): string {
    return `run-${this.#runs}`;
  }

  async #beginRun(): Promise<void> {
    const host = await importLiveHost();
    const { erd, gains } = this.#options;
    const name = this.#next?.name ?? optimizerName(this.model);
    this.#epochs = this.#next?.epochs;
    this.#next = undefined;
    this.#recorded = this.model;
    this.#runs++;
    this.#epochsDone = 0;
    this.#recorder?.dispose();
    const { model } = this, id = this.#run(), publish = this.#publish.bind(this);
    this.#recorder = new RunRecorder({ id, model, host, publish, erd, gains });
    publish({ run: id, begin: { name, started: Date.now() } });
  }

  #publish(patch: Patch): void {
    apply(this.#state, patch);
    this.#open?.viewers.publish(patch);
  }

  #refuseSecond(model: unknown): void {
    if (this.#training === undefined || this.#training === model) return;
    throw new Error(
      "Cannot show two trainings at once on a LivePage: give each a page of its own, or train one " +
        "after the other",
    );
  }

  /** The fit is over, by its end or by an exception, of which callbacks are told nothing. */
  #fitEnded(): void {
    this.#training = undefined;
    this.#stopListening?.();
    this.#stopListening = undefined;
    if (!this.#controls.isTraining) return;
    this.#controls.end("failed");
    this.#ending = this.#recorder!.end().then(() => this.#tellLast())
      .catch((error) => this.#recorder!.complain(error));
  }

  /** Writes the report, and waits until viewers have the last news. */
  async #tellLast(): Promise<void> {
    const service = await this.#service;
    if (service === undefined) return;
    await this.#report(service).catch((error) => this.#recorder!.complain(error));
    await service.viewers.flushed(LAST_NEWS);
  }

  async #showPictures(): Promise<void> {
    const { images } = this.#options;
    if (images === null || this.#epochsDone % images.everyEpochs !== 0) return;
    let pictures: tf.Tensor | undefined;
    try {
      pictures = await images.sample();
      const grid = await readPictures(pictures, images.range);
      const step = this.#recorder!.step, epoch = this.#epochsDone;
      this.#publish({ run: this.#run(), grid: { ...grid, step, epoch } });
    } catch (error) {
      if (this.#epochsDone === 0) throw error; // Nothing is lost yet.
      this.#recorder!.complain(error);
    } finally {
      pictures?.dispose();
    }
  }

  /** Stops the training, as a viewer wants; not if the checkpoint cannot be saved. */
  async #stop(): Promise<void> {
    if (this.model.stopTraining) return;
    const { checkpoint } = this.#options;
    if (checkpoint !== null) {
      const { text, isSaved } = await saveStopped(this.model, checkpoint);
      if (!isSaved) this.#controls.keepOn();
      this.#publish({ run: this.#run(), notice: { step: this.#recorder!.step, text } });
    }
    this.model.stopTraining = this.#controls.isStopping;
  }

  async #report({ host, documents }: Service): Promise<void> {
    const { report } = this.#options;
    if (report === null) return;
    await writeReport(host, report, documents.report(this.#state));
  }
}
