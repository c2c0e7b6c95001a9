/**
 * What a live page costs a training: fits of the same small network, by turns with an empty callback and
 * with a page that a viewer in another process follows. `deno task bench:live`.
 * Which comes first takes turns, too.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import process from "node:process";
import { parseArgs } from "node:util";
import { adamf } from "@signalfit/tfjs";
import { LivePage } from "@signalfit/tfjs/live";
import { startBackend } from "../cli/lib/backend.ts";
import { quantile } from "../cli/bench/statistics.ts";
import { taskArguments } from "../cli/lib/task_arguments.ts";

const { values } = parseArgs({
  args: [...taskArguments(Deno.args)],
  options: {
    backend: { type: "string", default: "wasm" },
    rounds: { type: "string", default: "15" },
    units: { type: "string", default: "128" },
  },
});
const backend = values.backend as "cpu" | "wasm" | "webgpu";
const [rounds, units] = [Number(values.rounds), Number(values.units)];

const PIXELS = 784, CLASSES = 10, BATCH = 128, BATCHES = 500;
const ROWS = BATCH * BATCHES;

/**
 * Milliseconds of processor time that training has used, which other processes change little: of this
 * thread where the system tells it (Linux), else of the whole process.
 */
function used(): number {
  try {
    const [nanoseconds] = Deno.readTextFileSync("/proc/thread-self/schedstat").split(" ");
    return Number(nanoseconds) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}

class Empty extends tfl.Callback {}

/** Milliseconds of processor time that a callback of `fit` took at each batch. */
function timed(callback: tfl.Callback): number[] {
  const times: number[] = [];
  const original = callback.onBatchEnd.bind(callback);
  callback.onBatchEnd = async (...args) => {
    const began = used();
    await original(...args);
    times.push(used() - began);
  };
  return times;
}

/** Fits a new model for an epoch. Gives milliseconds of processor time. */
async function fit(xs: tf.Tensor, ys: tf.Tensor, callback: tfl.Callback): Promise<number> {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ inputShape: [PIXELS], units, activation: "relu" }),
      tfl.layers.dense({ units: CLASSES, activation: "softmax" }),
    ],
  });
  const optimizer = adamf({ learningRate: 1e-3 });
  model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  const began = used();
  await model.fit(xs, ys, { batchSize: BATCH, shuffle: false, verbose: 0, callbacks: [callback] });
  const took = used() - began;
  model.dispose();
  optimizer.dispose();
  return took;
}

await startBackend(backend, []);
const xs = tf.randomUniform([ROWS, PIXELS], 0, 1, "float32", 1);
const ys = tf.oneHot(tf.randomUniform([ROWS], 0, CLASSES, "int32", 2), CLASSES);
const page = new LivePage(), empty = new Empty();
const url = await page.start();
const viewer = new Deno.Command(Deno.execPath(), {
  args: ["eval", `for await (const _ of (await fetch("${url}events")).body);`],
  stdout: "null",
  stderr: "null",
}).spawn();
const [inPage, inEmpty] = [timed(page), timed(empty)];
await fit(xs, ys, empty);
await fit(xs, ys, page);
inPage.length = inEmpty.length = 0;
const without: number[] = [], ratios: number[] = [];
let passed = 0, ran = 0;
for (let round = 0; round < rounds; round++) {
  const show = async () => {
    const began = performance.now(), took = await fit(xs, ys, page);
    passed += performance.now() - began;
    ran += took;
    return took;
  };
  let bare: number, shown: number;
  if (round % 2 === 0) bare = await fit(xs, ys, empty), shown = await show();
  else shown = await show(), bare = await fit(xs, ys, empty);
  without.push(bare);
  ratios.push(shown / bare);
}
await page.close();
await viewer.status;
const mean = (list: number[]) => list.reduce((sum, value) => sum + value) / list.length;
const batch = mean(without) / BATCHES, spent = mean(inPage) - mean(inEmpty);
const [low, middle, high] = [0.25, 0.5, 0.75].map((share) =>
  (100 * (quantile(ratios, share) - 1)).toFixed(1)
);
console.log(
  `${backend}, ${batch.toFixed(2)} ms of processor time a batch; the page's callback takes ` +
    `${(1000 * spent).toFixed(0)} us of it, ${(100 * spent / batch).toFixed(2)} %. ` +
    `Whole fits take ${middle} % more (quartiles of ${rounds} pairs: ${low} and ${high}). ` +
    // The page works by the clock, so that where others take the processor its share is greater.
    `Training had ${
      (100 * ran / passed).toFixed(0)
    } % of a processor; of the time that passed, the ` +
    `callback took ${(100 * spent * rounds * BATCHES / passed).toFixed(2)} %.`,
);
Deno.exit(0);
