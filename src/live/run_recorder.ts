import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { presentRate } from "../optimizers/learning_rate.ts";
import { factsOf } from "./facts.ts";
import type { LiveHost } from "./host.ts";
import type { Patch, Status } from "./data.ts";
import type { GainSource } from "./sources.ts";
import { finite, type Points, UnreadLogs } from "./unread_logs.ts";

/** Milliseconds between two looks at what the batches gave, and at slower things. */
const LOOK_EVERY = 400;
const LOOK_AROUND_EVERY = 1000;

/** The most values that wait to be read; then training waits for them. */
const MOST_UNREAD = 20_000;

/** The series that are not from logs. */
const OWN = {
  learningRate: "~lr",
  rate: "~rate",
  elapsed: "~elapsed",
  tensors: "~tensors",
  bytes: "~bytes",
  heap: "~heap",
} as const;

/** What an ERD tells by noise level, as far as it is shown. */
export interface NoiseReport {
  /** Training batches so far. */
  readonly step: number;
  readonly bins: readonly {
    readonly t: number;
    readonly loss: number;
    readonly recoverability: number;
    readonly weight: number;
  }[];
}

/** What a recorder tells about and to whom. */
export interface Recording {
  readonly id: string;
  readonly model: tfl.LayersModel;
  readonly host: LiveHost;
  readonly publish: (patch: Patch) => void;
  readonly erd: { report(): NoiseReport } | null;
  readonly gains: GainSource | null;
}

/** Records a run: cheap at each batch, all else a few times a second. */
export class RunRecorder {
  readonly #to: Recording;
  readonly #unread = new UnreadLogs();
  readonly #batchNames = new Set<string>();
  #reading: Promise<void> = Promise.resolve();
  #isReading = false;
  #batchSize: unknown;
  #step = 0;
  #samples = 0;
  #lastStep = 0;
  #lastSamples = 0;
  #lastLook = 0;
  #lastLookAround = -Infinity;
  #aroundStep = 0;
  #erdStep = -1;
  #lastGains = "";
  /** Milliseconds of training before `#since`. */
  #elapsed = 0;
  #since: number | undefined;
  #bad = new Set<string>();
  #failed = false;

  constructor(to: Recording) {
    this.#to = to;
  }

  /** Batches so far. */
  get step(): number {
    return this.#step;
  }

  /** Training begins, or goes on. */
  begin(batchSize: unknown): void {
    this.#batchSize = batchSize;
    this.#since = this.#lastLook = performance.now();
  }

  /** The training waited so many milliseconds for a viewer. */
  skip(milliseconds: number): void {
    if (this.#since !== undefined) this.#since += milliseconds;
    this.#lastLook += milliseconds;
  }

  /** A batch is done. Gives a promise where training should wait. */
  batch(logs: object): Promise<void> | undefined {
    this.#step++;
    this.#samples += (logs as { size?: number }).size ?? 0;
    for (const name in logs) this.#batchNames.add(name);
    this.#unread.add(this.#step, logs);
    if (performance.now() - this.#lastLook < LOOK_EVERY) return undefined;
    if (!this.#isReading) this.#look();
    return this.#unread.size > MOST_UNREAD ? this.#reading : undefined;
  }

  /** An epoch is done: its logs hold what validation gave. */
  async epoch(logs: object): Promise<void> {
    await this.#reading;
    this.#unread.add(this.#step, logs, (name) => !this.#batchNames.has(name));
    this.#lastLookAround = -Infinity;
    this.#look();
    await this.#reading;
  }

  /** Training has ended, for now. */
  async end(): Promise<void> {
    await this.#reading;
    this.#look();
    this.#elapsed = this.#time();
    this.#since = undefined;
    await this.#reading;
  }

  /** Tells how the training stands. */
  status(status: Status): void {
    this.#to.publish({ run: this.#to.id, status, elapsed: finite(this.#time() / 1000)! });
  }

  /** Frees what was not read. */
  dispose(): void {
    this.#unread.dispose();
  }

  /** Milliseconds of training. */
  #time(): number {
    return this.#elapsed + (this.#since === undefined ? 0 : performance.now() - this.#since);
  }

  /** Reads and publishes what there is. Training goes on meanwhile. */
  #look(): void {
    const now = performance.now();
    const seconds = (now - this.#lastLook) / 1000, step = this.#step;
    const elapsed = finite(this.#time() / 1000)!;
    const batchesOnly = this.#samples === this.#lastSamples;
    const done = batchesOnly ? step - this.#lastStep : this.#samples - this.#lastSamples;
    const point = (name: string, value: number): Points[number] => [name, [step], [finite(value)]];
    const own: Points = [];
    if (step > this.#lastStep) {
      own.push(point(OWN.elapsed, elapsed));
      if (done > 0 && seconds > 0.02) own.push(point(OWN.rate, done / seconds));
      const learningRate = presentRate(this.#to.model.optimizer);
      if (learningRate !== undefined) own.push(point(OWN.learningRate, learningRate));
    }
    this.#lastLook = now;
    this.#lastStep = step;
    this.#lastSamples = this.#samples;
    const patch: Patch = { run: this.#to.id, step, elapsed };
    const around = now - this.#lastLookAround > LOOK_AROUND_EVERY && step > this.#aroundStep;
    if (this.#lastLookAround === -Infinity) {
      patch.facts = factsOf(this.#to.model, this.#batchSize);
    }
    if (around) {
      this.#lastLookAround = now;
      this.#aroundStep = step;
      this.#addNoise(patch);
    }
    this.#isReading = true;
    this.#reading = this.#read(patch, own, around).catch((error) => this.complain(error))
      .finally(() => this.#isReading = false);
  }

  async #read(patch: Patch, own: Points, around: boolean): Promise<void> {
    const { publish, gains, id } = this.#to;
    const points = await this.#unread.read();
    if (around) {
      const { numTensors, numBytes } = tf.memory(), x = [patch.step!];
      own.push([OWN.tensors, x, [numTensors]], [OWN.bytes, x, [numBytes]]);
      own.push([OWN.heap, x, [this.#to.host.process.memoryUsage().heapUsed]]);
    }
    if (around && gains !== null) {
      const { layers } = await gains.report();
      const column = {
        names: layers.map(({ name }) => name),
        gain: layers.map(({ gain }) => finite(gain)),
        snr: layers.map(({ snr }) => finite(snr)),
      };
      const text = JSON.stringify(column);
      if (layers.length > 0 && text !== this.#lastGains) {
        patch.layers = { step: patch.step!, ...column };
        this.#lastGains = text;
      }
    }
    publish({ ...patch, points: [...points, ...own] });
    for (const [name, x, y] of points) {
      const bad = y.indexOf(null);
      if (bad < 0 || this.#bad.has(name)) continue;
      this.#bad.add(name);
      const step = x[bad]!;
      publish({ run: id, notice: { step, text: `${name} is not finite at step ${step}` } });
    }
  }

  /** Adds what is known by noise level, if that is new. */
  #addNoise(patch: Patch): void {
    const report = this.#to.erd?.report();
    if (report === undefined || report.step === this.#erdStep) return;
    if (report.bins.every(({ loss }) => Number.isNaN(loss))) return;
    this.#erdStep = report.step;
    const { bins } = report;
    patch.noise = {
      step: this.#step,
      t: bins.map(({ t }) => t),
      loss: bins.map(({ loss }) => finite(loss)),
      recoverability: bins.map(({ recoverability }) => finite(recoverability)),
      weight: bins.map(({ weight }) => finite(weight)),
    };
  }

  /** What goes wrong on the page must not end a training. */
  complain(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    console.warn(`LivePage: ${error instanceof Error ? error.message : error}`);
  }
}
