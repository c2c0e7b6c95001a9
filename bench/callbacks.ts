/**
 * What each callback takes of a batch and of an epoch of `model.fit`: `deno task bench:callbacks -- --help` tells about the
 * options.
 *
 * @module
 */
import { choice, integer, message, object, option, optional } from "@optique/core";
import { run } from "@optique/run";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  adamf,
  BestWeights,
  CsvLogger,
  GainMonitor,
  JsonlLogger,
  LearningRateLogger,
  Progress as ProgressCallback,
  ReduceLROnPlateau,
  TensorBoard,
  TerminateOnNaN,
  type TextOutput,
} from "../mod.ts";
import { EmaWeights } from "../diffusion.ts";
import { adapter, type Backend, BACKENDS, startBackend } from "../cli/bench/backends.ts";
import { describeMachine } from "../cli/bench/machine.ts";
import { Progress } from "../cli/bench/progress.ts";
import { table } from "../cli/bench/report.ts";
import { summarize, type Summary } from "../cli/bench/statistics.ts";
import { taskArguments } from "../cli/lib/task_arguments.ts";

const parser = object({
  quick: option("--quick", { description: message`Few and short rounds: shows that all works.` }),
  rounds: optional(option("--rounds", integer({ metavar: "N", min: 2 }), {
    description: message`Fits of each callback; 15 if left out, 7 on webgpu.`,
  })),
  batches: optional(option("--batches", integer({ metavar: "N", min: 10 }), {
    description: message`Batches of a fit, one epoch; 100 if left out, 50 on webgpu.`,
  })),
  backend: optional(option("--backend", choice(["cpu", "wasm", "webgpu"]), {
    description: message`One backend; all that are there, if left out.`,
  })),
});

const [INPUTS, HIDDEN, CLASSES, BATCH] = [8, 8, 3, 8];

class Nothing extends tfl.Callback {}

/** What tfjs calls; `CustomCallback`, which it makes of plain objects, is no `Callback`. */
type Hooks = Pick<
  tfl.Callback,
  | "setParams"
  | "setModel"
  | "onTrainBegin"
  | "onTrainEnd"
  | "onEpochBegin"
  | "onEpochEnd"
  | "onBatchBegin"
  | "onBatchEnd"
>;

/** Passes all calls on, and takes the time. */
class Timed extends tfl.Callback {
  /** Milliseconds in the hooks of batches, and in those of epochs and of training. */
  inBatches = 0;
  inEpochs = 0;
  constructor(readonly inner: Hooks) {
    super();
  }
  override setParams(params: Parameters<tfl.Callback["setParams"]>[0]): void {
    this.inner.setParams(params);
  }
  override setModel(model: Parameters<tfl.Callback["setModel"]>[0]): void {
    this.inner.setModel(model);
  }
  override async onTrainBegin(logs?: tfl.Logs): Promise<void> {
    await this.inner.onTrainBegin(logs); // opens files, once
  }
  override onTrainEnd(logs?: tfl.Logs): Promise<void> {
    return this.#epoch(() => this.inner.onTrainEnd(logs));
  }
  override onEpochBegin(epoch: number, logs?: tfl.Logs): Promise<void> {
    return this.#epoch(() => this.inner.onEpochBegin(epoch, logs));
  }
  override onEpochEnd(epoch: number, logs?: tfl.Logs): Promise<void> {
    return this.#epoch(() => this.inner.onEpochEnd(epoch, logs));
  }
  override async onBatchBegin(batch: number, logs?: tfl.Logs): Promise<void> {
    const start = performance.now();
    await this.inner.onBatchBegin(batch, logs);
    this.inBatches += performance.now() - start;
  }
  override async onBatchEnd(batch: number, logs?: tfl.Logs): Promise<void> {
    const start = performance.now();
    await this.inner.onBatchEnd(batch, logs);
    this.inBatches += performance.now() - start;
  }
  async #epoch(hook: () => Promise<void>): Promise<void> {
    const start = performance.now();
    await hook();
    this.inEpochs += performance.now() - start;
  }
}

/** A terminal that nobody looks at. */
const terminal: TextOutput = { isTerminal: true, hasColors: true, columns: 100, write: () => {} };

/** Callbacks by the names that the table has. */
function contestantsIn(directory: string): Readonly<Record<string, Hooks>> {
  return {
    "a callback that does nothing": new Nothing(),
    BestWeights: new BestWeights({ monitor: "loss", restoreAtEnd: false }),
    LearningRateLogger: new LearningRateLogger(),
    "CsvLogger": new CsvLogger(`${directory}/epochs.csv`),
    "CsvLogger, everyBatches: 10": new CsvLogger(`${directory}/batches.csv`, { everyBatches: 10 }),
    "JsonlLogger": new JsonlLogger(`${directory}/epochs.jsonl`),
    "JsonlLogger, every batch": new JsonlLogger(`${directory}/all.jsonl`, { every: "batch" }),
    "Progress, no terminal": new ProgressCallback({ output: { ...terminal, isTerminal: false } }),
    "Progress, terminal": new ProgressCallback({ output: terminal }),
    TerminateOnNaN: new TerminateOnNaN(),
    "TerminateOnNaN, watchWeights": new TerminateOnNaN({ watchWeights: true }),
    TensorBoard: new TensorBoard(`${directory}/epochs`),
    "TensorBoard, everyBatches: 10": new TensorBoard(`${directory}/batches`, { everyBatches: 10 }),
    "TensorBoard, histograms: 1": new TensorBoard(`${directory}/weights`, { histograms: 1 }),
    EmaWeights: new EmaWeights(),
    ReduceLROnPlateau: new ReduceLROnPlateau({ monitor: "loss" }),
    "GainMonitor, everySteps: 20": new GainMonitor({ everySteps: 20 }),
    "GainMonitor, everySteps: 1": new GainMonitor({ everySteps: 1 }),
    "{ onBatchEnd } (a plain object)": new tfl.CustomCallback({ onBatchEnd: () => {} }, "never"),
  };
}

/** What a callback took in one fit of one epoch. */
interface Sample {
  /** Microseconds a batch. */
  readonly batch: number;
  /** Milliseconds of the epoch. */
  readonly epoch: number;
  /** Microseconds of the fit for each batch. */
  readonly all: number;
}

interface Row {
  readonly name: string;
  readonly batch: Summary;
  readonly epoch: Summary;
  readonly all: Summary;
}

async function measure(
  backend: Backend,
  rounds: number,
  batches: number,
  progress: Progress,
): Promise<Row[]> {
  const directory = await Deno.makeTempDir();
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ units: HIDDEN, inputShape: [INPUTS], activation: "relu" }),
      tfl.layers.dense({ units: CLASSES, activation: "softmax" }),
    ],
  });
  const optimizer = adamf({ learningRate: 1e-4 });
  model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  const x = tf.randomNormal([batches * BATCH, INPUTS], 0, 1, "float32", 1);
  const y = tf.tidy(() => {
    const labels = tf.randomUniformInt([batches * BATCH], 0, CLASSES, 2);
    return tf.cast(tf.oneHot(labels, CLASSES), "float32");
  });
  const contestants = Object.entries(contestantsIn(directory));
  const times = new Map(contestants.map(([name]) => [name, [] as Sample[]]));
  try {
    for (let round = -1; round < rounds; round++) { // the first warms up
      progress.show(`${backend.name}, round ${round + 1} of ${rounds}`);
      for (const [name, callback] of round % 2 === 0 ? contestants : contestants.toReversed()) {
        (globalThis as { gc?: () => void }).gc?.();
        const timed = new Timed(callback), start = performance.now();
        await model.fit(x, y, {
          batchSize: BATCH,
          verbose: 0,
          yieldEvery: "never",
          callbacks: timed,
        });
        if (round < 0) continue;
        times.get(name)!.push({
          batch: 1000 * timed.inBatches / batches,
          epoch: timed.inEpochs,
          all: 1000 * (performance.now() - start) / batches,
        });
      }
      progress.next();
    }
  } finally {
    for (const [, callback] of contestants) {
      if (callback instanceof BestWeights || callback instanceof EmaWeights) callback.dispose();
    }
    tf.dispose([x, y]);
    model.dispose();
    optimizer.dispose();
    await Deno.remove(directory, { recursive: true });
  }
  return contestants.map(([name]) => {
    const samples = times.get(name)!;
    const of = (clock: keyof Sample) => summarize(samples.map((sample) => sample[clock]));
    return { name, batch: of("batch"), epoch: of("epoch"), all: of("all") };
  });
}

function short(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}

/** Median and quartiles. */
function spread({ median, lowerQuartile, upperQuartile }: Summary): string {
  return `${short(median)} (${short(lowerQuartile)} to ${short(upperQuartile)})`;
}

async function main(): Promise<void> {
  const { quick, ...asked } = run(parser, {
    programName: "bench:callbacks",
    args: taskArguments(Deno.args),
    help: { option: true },
    brief: message`What each callback takes of a batch and of an epoch of model.fit.`,
  });
  const graphics = await adapter();
  const backends = BACKENDS.filter(({ name }) =>
    name === (asked.backend ?? name) && (name !== "webgpu" || typeof graphics !== "string")
  );
  const plans = backends.map((backend) => {
    const isDevice = backend.finish !== undefined;
    const rounds = asked.rounds ?? (quick ? 2 : isDevice ? 7 : 15);
    return { backend, rounds, batches: asked.batches ?? (quick ? 20 : isDevice ? 50 : 100) };
  });
  const progress = new Progress(
    plans.flatMap(({ backend, rounds, batches }) =>
      Array(rounds + 1).fill(batches * (backend.finish === undefined ? 1 : 10))
    ),
  );
  const machine = await describeMachine({
    adapter: typeof graphics === "string" ? null : graphics,
    torch: null,
  });
  const sections = [
    `${machine.date}: signalfit ${machine.versions.signalfit}, Deno ${machine.versions.deno}, ` +
    `TensorFlow.js ${machine.versions.tfjs}, ${machine.os}, ${machine.cpu.cores} x ` +
    `${machine.cpu.model}, load ${machine.load.toFixed(1)}` +
    (machine.adapter === null ? "." : `, WebGPU on ${machine.adapter.description}.`),
  ];
  for (const { backend, rounds, batches } of plans) {
    await startBackend(backend);
    const rows = await measure(backend, rounds, batches, progress);
    sections.push(
      `### ${backend.name}: ${batches} batches an epoch, ${rounds} rounds, median (quartiles)`,
      table([
        { title: "callback", cell: ({ name }: Row) => name },
        { title: "a batch, µs", cell: ({ batch }: Row) => spread(batch), align: "right" },
        { title: "an epoch, ms", cell: ({ epoch }: Row) => spread(epoch), align: "right" },
        { title: "fit, µs a batch", cell: ({ all }: Row) => short(all.median), align: "right" },
      ], rows),
    );
  }
  progress.clear();
  console.log(sections.join("\n\n"));
}

if (import.meta.main) await main();
