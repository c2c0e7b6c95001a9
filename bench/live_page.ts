/**
 * What a live page costs a training: fits of the same small network, by turns without a page and with one
 * that a viewer in another process follows. `deno task bench:live`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import process from "node:process";
import { parseArgs } from "node:util";
import { adamf } from "@signalfit/tfjs";
import { LivePage } from "@signalfit/tfjs/live";
import { startBackend } from "../examples/lib/backend.ts";
import { quantile } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "wasm" },
    rounds: { type: "string", default: "15" },
    units: { type: "string", default: "128" },
  },
});
const backend = values.backend as "cpu" | "wasm" | "webgpu";
const [rounds, units] = [Number(values.rounds), Number(values.units)];

const PIXELS = 784, CLASSES = 10, ROWS = 12_800, BATCH = 128;

/** Milliseconds of processor time that this process has used: other processes change it little. */
function used(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Fits a new model for three epochs. Gives milliseconds of processor time. */
async function fit(xs: tf.Tensor, ys: tf.Tensor, page?: LivePage): Promise<number> {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ inputShape: [PIXELS], units, activation: "relu" }),
      tfl.layers.dense({ units: CLASSES, activation: "softmax" }),
    ],
  });
  const optimizer = adamf({ learningRate: 1e-3 });
  model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  const options = { batchSize: BATCH, epochs: 3, shuffle: false, verbose: 0 } as const;
  const began = used();
  await model.fit(xs, ys, { ...options, callbacks: page === undefined ? [] : [page] });
  const took = used() - began;
  model.dispose();
  optimizer.dispose();
  return took;
}

/** Milliseconds of processor time spent in the page's callbacks. */
function timed(page: LivePage): { milliseconds: number } {
  const spent = { milliseconds: 0 };
  for (const name of ["onEpochBegin", "onBatchEnd", "onEpochEnd"] as const) {
    const original = page[name].bind(page) as (...args: unknown[]) => Promise<void>;
    page[name] = async (...args: unknown[]) => {
      const began = used();
      await original(...args);
      spent.milliseconds += used() - began;
    };
  }
  return spent;
}

await startBackend(backend, []);
const xs = tf.randomUniform([ROWS, PIXELS], 0, 1, "float32", 1);
const ys = tf.oneHot(tf.randomUniform([ROWS], 0, CLASSES, "int32", 2), CLASSES);
const page = new LivePage();
const spent = timed(page);
const url = await page.start();
const viewer = new Deno.Command(Deno.execPath(), {
  args: ["eval", `for await (const _ of (await fetch("${url}events")).body);`],
  stdout: "null",
  stderr: "null",
}).spawn();
await fit(xs, ys);
await fit(xs, ys, page);
spent.milliseconds = 0;
const without: number[] = [], ratios: number[] = [];
let all = 0;
for (let round = 0; round < rounds; round++) {
  const bare = await fit(xs, ys), shown = await fit(xs, ys, page);
  without.push(bare);
  ratios.push(shown / bare);
  all += shown;
}
await page.close();
await viewer.status;
const median = (list: number[]) => quantile(list, 0.5);
const batch = median(without) / (3 * ROWS / BATCH);
const more = 100 * (median(ratios) - 1), inside = 100 * spent.milliseconds / all;
console.log(
  `${backend}, ${batch.toFixed(2)} ms of processor time a batch; with a page ${
    more.toFixed(1)
  } % more ` +
    `(median of ${rounds} pairs); ${inside.toFixed(2)} % in its callbacks`,
);
Deno.exit(0);
