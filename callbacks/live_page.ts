import type * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { fileSystem } from "../src/io/file_system.ts";
import { type Action, Controls } from "../src/live/controls.ts";
import { type LiveDocuments, loadDocuments } from "../src/live/document.ts";
import { readEarlier } from "../src/live/earlier.ts";
import { optimizerName } from "../src/live/facts.ts";
import { readPictures } from "../src/live/grid.ts";
import { importLiveHost, type LiveHost } from "../src/live/host.ts";
import { openInBrowser } from "../src/live/open_in_browser.ts";
import type { LiveState, Patch } from "../src/live/data.ts";
import { apply, emptyState } from "../src/live/page/state.js";
import { RunRecorder } from "../src/live/run_recorder.ts";
import { type LiveServer, serve, SERVER_LIMITS } from "../src/live/server.ts";
import { VIEWER_LIMITS, Viewers } from "../src/live/viewers.ts";
import { writeReport } from "../src/live/write_report.ts";
import { writeOnFirstRank } from "../src/parallel/team_fit.ts";
import {
  type LivePageOptions,
  type ResolvedLivePageOptions,
  resolveLivePageOptions,
} from "./live_page_options.ts";

/** Milliseconds between two turns that training gives to the server, and while a request is there. */
const TURN_EVERY = 250;
const BUSY_TURN_EVERY = 20;
/** Milliseconds that the end of a training waits for the last news to be sent. */
const LAST_NEWS = 500;

/** What is there while a page is served. */
interface Service {
  readonly host: LiveHost;
  readonly documents: LiveDocuments;
  readonly viewers: Viewers;
  readonly server: LiveServer;
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
export class LivePage extends tfl.Callback {
  readonly #options: ResolvedLivePageOptions;
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
  #lastTurn = 0;

  /**
   * @param options see {@linkcode LivePageOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: LivePageOptions = {}) {
    super();
    this.#options = resolveLivePageOptions(options);
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

  /** Ends the page: viewers keep what they have seen. Writes the report once more. */
  async close(): Promise<void> {
    const service = await this.#service;
    if (service === undefined) return;
    this.#service = this.#open = undefined;
    this.#recorder?.dispose();
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

  override setModel(model: Parameters<tfl.Callback["setModel"]>[0]): void {
    super.setModel(model);
    writeOnFirstRank(this);
  }

  override async onTrainBegin(): Promise<void> {
    const isNew = this.#service === undefined;
    const url = await this.start();
    if (isNew) console.log(`Live page: ${url}`);
    if (this.#next !== undefined || this.#recorded !== this.model) await this.#beginRun();
    this.#recorder!.begin(this.params.batchSize);
    this.#controls.begin();
    if (this.#epochsDone === 0) await this.#showPictures();
  }

  override onEpochBegin(epoch: number): Promise<void> {
    const { samples, batchSize, steps } = this.params as Record<string, unknown>;
    const batches = typeof steps === "number"
      ? steps
      : typeof samples === "number" && typeof batchSize === "number"
      ? Math.ceil(samples / batchSize)
      : null;
    const epochs = this.#epochs ?? this.params.epochs as number;
    this.#publish({ run: this.#run(), epoch: epoch + 1, epochs, batches });
    return Promise.resolve();
  }

  override async onBatchEnd(_batch: number, logs: object = {}): Promise<void> {
    const recorder = this.#recorder!;
    const wait = recorder.batch(logs);
    if (wait !== undefined) await wait;
    const every = this.#open?.server.isBusy ? BUSY_TURN_EVERY : TURN_EVERY;
    if (performance.now() - this.#lastTurn > every) await this.#turn();
    const paused = await this.#controls.passage();
    if (paused > 0) recorder.skip(paused);
    if (this.#controls.isStopping) await this.#stop();
  }

  override async onEpochEnd(_epoch: number, logs: object = {}): Promise<void> {
    await this.#recorder!.epoch(logs);
    this.#epochsDone++;
    await this.#showPictures();
    await this.#turn();
    if (this.#controls.isStopping) await this.#stop();
  }

  override async onTrainEnd(): Promise<void> {
    await this.#recorder!.end();
    this.#controls.end();
    const service = await this.#service;
    if (service === undefined) return;
    await this.#report(service).catch((error) => this.#recorder!.complain(error));
    await service.viewers.flushed(LAST_NEWS);
  }

  async #serve(): Promise<Service> {
    const host = await importLiveHost();
    const documents = await loadDocuments(host);
    const { compare, port, open } = this.#options;
    const earlier = await Promise.all(compare.map((path, i) => readEarlier(host, path, i)));
    this.#state.runs = [...earlier.flat(), ...this.#state.runs];
    const viewers = new Viewers(host, () => this.#state, VIEWER_LIMITS);
    const server = await serve(host, {
      port,
      document: documents.live,
      viewers,
      control: (action) => this.#controls.act(action as Action),
      limits: SERVER_LIMITS,
    });
    if (open) openInBrowser(host, server.url);
    return this.#open = { host, documents, viewers, server };
  }

  /** Name of the present run in patches. */
  #run(): string {
    return `run-${this.#runs}`;
  }

  async #beginRun(): Promise<void> {
    const { host } = (await this.#service)!;
    const { erd, gains } = this.#options;
    const name = this.#next?.name ?? optimizerName(this.model);
    this.#epochs = this.#next?.epochs;
    this.#next = undefined;
    this.#recorded = this.model;
    this.#runs++;
    this.#epochsDone = 0;
    const publish = (patch: Patch) => this.#publish(patch);
    const { model } = this, id = this.#run();
    this.#recorder?.dispose();
    this.#recorder = new RunRecorder({ id, model, host, publish, erd, gains });
    this.#publish({ run: this.#run(), begin: { name, started: Date.now() } });
  }

  #publish(patch: Patch): void {
    apply(this.#state, patch);
    this.#open?.viewers.publish(patch);
  }

  /** Lets the server do what waits, however long the batches are. */
  async #turn(): Promise<void> {
    const { timers } = (await this.#service)!.host;
    await new Promise((resolve) => timers.setImmediate(resolve));
    this.#lastTurn = performance.now();
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
      let text = "Saved a checkpoint";
      try {
        if (typeof checkpoint === "function") await checkpoint(this.model);
        else {
          await this.model.save(fileSystem(checkpoint), { includeOptimizer: true });
          text += ` in ${checkpoint}`;
        }
      } catch (error) {
        this.#controls.keepOn();
        const reason = error instanceof Error ? error.message : error;
        text = `Not stopped, because no checkpoint could be saved: ${reason}`;
      }
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
