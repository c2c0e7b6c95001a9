import assert from "node:assert/strict";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { gatherRowsByCopying } from "../../src/cli/lib/wasm_gather.ts";

tf.enableProdMode();

/** Gathered rows, and cases that are none of its business. */
async function gathered(backend: string): Promise<unknown[]> {
  await tf.setBackend(backend);
  const tensors = tf.tidy(() => {
    const x = tf.reshape(tf.range(0, 60), [5, 4, 3]);
    const rows = tf.tensor1d([4, 0, 4, 2], "int32");
    return [
      tf.gather(x, rows),
      tf.gather(tf.tensor1d([5, 6, 7, 8, 9]), rows),
      tf.gather(x, tf.tensor1d([], "int32")),
      tf.gather(x, tf.tensor2d([[1, 2], [0, 3]], [2, 2], "int32")),
      tf.gather(x, tf.tensor1d([3, 1], "int32"), 1),
      tf.gather(tf.cast(x, "int32"), rows),
    ];
  });
  const values = await Promise.all(tensors.map((tensor) => tensor.array()));
  tf.dispose(tensors);
  return values;
}

Deno.test("gatherRowsByCopying() changes the speed of gathering rows and nothing else", async () => {
  const expected = await gathered("cpu");
  await tf.setBackend("wasm"); // sets up the kernel that is replaced
  const kernel = tf.getKernel("GatherV2", "wasm")!;
  try {
    gatherRowsByCopying();
    assert.notEqual(tf.getKernel("GatherV2", "wasm"), kernel);
    const before = tf.memory().numTensors;
    assert.deepEqual(await gathered("wasm"), expected);
    assert.equal(tf.memory().numTensors, before);
  } finally {
    tf.unregisterKernel("GatherV2", "wasm");
    tf.registerKernel(kernel);
  }
});
