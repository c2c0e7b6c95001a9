import assert from "node:assert/strict";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { Batches, type BatchesOptions } from "../../examples/lib/batches.ts";
import type { LabelledImages } from "../../cli/data/mnist.ts";

tf.enableProdMode();

const IMAGES: LabelledImages = {
  count: 10,
  size: [1, 2],
  pixels: Uint8Array.from({ length: 20 }, (_, index) => index),
  labels: Uint8Array.from([0, 1, 2, 0, 1, 2, 0, 1, 2, 0]),
};
const OPTIONS: BatchesOptions = { batchSize: 4, classes: 3, inputShape: [2] };

/** The batches of an epoch as numbers: for each image its first pixel, and its class. */
async function epoch(batches: Batches): Promise<[pixel: number, label: number][][]> {
  const iterator = await batches.iterator();
  const result: [number, number][][] = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const { xs, ys } = next.value;
    const pixels = await xs.array() as number[][];
    const labels = await ys.array() as number[][];
    result.push(pixels.map(([first], row) => [
      Math.round(first! * 255),
      labels[row]!.indexOf(1),
    ]));
    tf.dispose([xs, ys]);
  }
  return result;
}

Deno.test("Batches keep the order of the file without a seed", async () => {
  await tf.setBackend("cpu");
  const batches = new Batches(IMAGES, OPTIONS);
  const found = await epoch(batches);
  assert.equal(batches.size, 3);
  assert.deepEqual(found.map((batch) => batch.length), [4, 4, 2]);
  assert.deepEqual(found.flat(), [...IMAGES.labels].map((label, index) => [2 * index, label]));
});

Deno.test("Batches have one order for a seed and an epoch, and every image once", async () => {
  await tf.setBackend("cpu");
  const first = new Batches(IMAGES, { ...OPTIONS, seed: 7 });
  const second = new Batches(IMAGES, { ...OPTIONS, seed: 7 });
  const epochs = [await epoch(first), await epoch(first)];
  assert.deepEqual([await epoch(second), await epoch(second)], epochs);
  assert.notDeepEqual(epochs[0], epochs[1]);
  assert.notDeepEqual(await epoch(new Batches(IMAGES, { ...OPTIONS, seed: 8 })), epochs[0]);
  for (const found of epochs) {
    const sorted = found.flat().toSorted(([a], [b]) => a - b);
    assert.deepEqual(sorted, [...IMAGES.labels].map((label, index) => [2 * index, label]));
  }
});

Deno.test("Batches end when aborted", async () => {
  await tf.setBackend("cpu");
  const signal = AbortSignal.abort();
  assert.deepEqual(await epoch(new Batches(IMAGES, { ...OPTIONS, signal })), []);
});
