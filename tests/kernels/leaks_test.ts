import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, installTrainingKernels } from "@signalfit/tfjs";
import { counts } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";
import { GRADIENT_CASES } from "./gradient_cases.ts";

/** Bytes of the wasm backend's memory. */
function heapBytes(): number {
  const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  return wasm.HEAPU8.buffer.byteLength;
}

/** A network with a layer for most kernels. */
function network(): tfl.LayersModel {
  const { layers } = tfl;
  return tfl.sequential({
    layers: [
      layers.conv2d({
        filters: 4,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        inputShape: [8, 8, 2],
      }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.depthwiseConv2d({ kernelSize: 3, padding: "same", depthMultiplier: 2 }),
      layers.batchNormalization(),
      layers.upSampling2d({ size: [2, 2] }),
      layers.averagePooling2d({ poolSize: 2, padding: "same" }),
      layers.reshape({ targetShape: [16, 8] }),
      layers.layerNormalization(),
      layers.lstm({ units: 4, recurrentInitializer: "glorotUniform" }),
      layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
}

backendTest("training leaves no tensor, no data and no heap behind", "wasm", async () => {
  installTrainingKernels();
  const model = network(), optimizer = adamf();
  model.compile({ optimizer, loss: "categoricalCrossentropy" });
  const x = tf.randomNormal([16, 8, 8, 2]),
    y = tf.tidy(() => tf.oneHot(tf.zeros([16], "int32"), 3));
  const fit = () => model.fit(x, y, { batchSize: 4, verbose: 0 });
  await fit();
  await fit();
  const before = { ...counts(), ids: tf.backend().numDataIds(), heap: heapBytes() };
  for (let round = 0; round < 10; round++) await fit();
  assert.deepEqual({ ...counts(), ids: tf.backend().numDataIds(), heap: heapBytes() }, before);
  model.dispose();
  optimizer.dispose();
  tf.dispose([x, y]);
});

// tfjs counts the data of a backend before and after each kernel where DEBUG is set, and throws
backendTest(
  "no kernel leaves data behind, inside and outside of tidy, under tf.profile",
  "wasm",
  async () => {
    installTrainingKernels();
    const examples = GRADIENT_CASES.filter(({ name }) =>
      !["ComplexAbs", "Maximum", "Minimum", "SquaredDifference", "Prod"].includes(name)
    );
    const gradients = ({ shapes, run, range: [low, high] = [-2, 2] }: typeof examples[number]) => {
      const x = shapes.map((shape, at) => tf.randomUniform([...shape], low, high, "float32", at));
      const { grads, value } = tf.valueAndGrads(run)(x, tf.onesLike(tf.tidy(() => run(...x))));
      tf.dispose([x, grads, value]);
    };
    const warn = console.warn;
    console.warn = () => {}; // what DEBUG prints about its own slowness, and each kernel
    const log = console.log;
    console.log = () => {};
    tf.env().set("DEBUG", true);
    try {
      for (const example of examples) {
        tf.tidy(() => gradients(example));
        const { result, newTensors } = await tf.profile(() => {
          tf.tidy(() => gradients(example));
          return tf.scalar(0);
        });
        assert.equal(newTensors, 1, example.name);
        tf.dispose(result);
      }
    } finally {
      tf.env().set("DEBUG", false);
      [console.warn, console.log] = [warn, log];
    }
  },
);

backendTest("a full memory is told of, and nothing is written", "wasm", () => {
  installTrainingKernels();
  const x = tf.zeros([1, 2]);
  const before = counts();
  // 2 x 2^29 numbers, 4 GiB: more than a memory of 32-bit addresses can have beside anything else
  assert.throws(() => tf.tile(x, [2 ** 29, 1]), /memory|Array buffer|allocat|OOM|abort/i);
  assert.deepEqual(counts(), before);
  x.dispose();
});
