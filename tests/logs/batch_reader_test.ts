import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { BatchReader } from "../../src/logs/batch_reader.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `BatchReader - all values, in order, and no tensor left: ${backend}`,
    backend,
    async () => {
      const reader = new BatchReader<number>(), before = counts(), seen: unknown[] = [];
      const take = async () => {
        for (const { note, values } of await reader.take()) seen.push([note, values]);
      };
      for (let step = 0; step < 40; step++) {
        const loss = tf.scalar(step / 4);
        const acc = tf.tidy(() => tf.mul(tf.tensor1d([step], "int32"), 2));
        reader.keep(step, { batch: 1, size: 3, loss, acc, rate: 0.5 });
        tf.dispose([loss, acc]); // as fit does
        if (step % 9 === 8) await take();
      }
      const late = backend === "webgpu" ? 27 : 36;
      assert.equal(seen.length, late, "a device's are taken at the next look");
      for (const { note, values } of await reader.drain()) seen.push([note, values]);
      assert.deepEqual(
        seen,
        Array.from({ length: 40 }, (_, i) => [i, { loss: i / 4, acc: 2 * i, rate: 0.5 }]),
      );
      assert.deepEqual(await reader.drain(), []);
      assert.deepEqual(counts(), before);
    },
  );
}

backendTest(
  "BatchReader - what is forgotten is freed; a read that fails is told once",
  "webgpu",
  async () => {
    const reader = new BatchReader<number>(), loss = tf.add(tf.scalar(1), 1), before = counts();
    reader.keep(1, { loss });
    reader.dispose();
    assert.deepEqual(await reader.drain(), []);
    reader.keep(2, { loss });
    const { backend } = tf.engine(), { read } = backend;
    backend.read = () => Promise.reject(new Error("the device is lost"));
    try {
      await assert.rejects(() => reader.drain(), /the device is lost/);
    } finally {
      backend.read = read;
    }
    assert.deepEqual(await reader.drain(), []);
    assert.deepEqual(counts(), before);
    loss.dispose();
  },
);
