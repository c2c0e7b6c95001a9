import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ERD } from "../../callbacks/erd.ts";
import { installTrainingKernels } from "../../src/kernels/install.ts";
import { adamf } from "../../src/optimizers/adamf.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { weightsOf } from "../support/models.ts";
import { normal } from "../support/random.ts";
import { backendTest } from "../support/test.ts";
import { denseDenoiser, gaussianData } from "./fixtures.ts";

const newERD = () => new ERD({ target: "v", path: "cosine", measure: true });

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `wrap: shares the denoiser's weights, leaks nothing: ${backend}`,
    backend,
    async () => {
      const before = counts();
      const denoiser = denseDenoiser(), erd = newERD();
      const standing = counts();
      const model = erd.wrap(denoiser);
      assert.equal(counts().tensors, standing.tensors, "wrapping makes no tensors");
      assert.deepEqual(model.inputs.map(({ shape }) => shape), [[null, 2]]);
      assert.deepEqual(model.outputs.map(({ shape }) => shape), [[null, 4]]);
      assert.deepEqual(model.trainableWeights, denoiser.trainableWeights);
      const optimizer = adamf({ learningRate: 0.01 });
      model.compile({ optimizer, loss: erd.loss });
      const x0 = gaussianData(8), labels = erd.labels(x0), old = await weightsOf(denoiser);
      await model.fit(x0, labels, { epochs: 2, verbose: 0 });
      assert.notDeepEqual(await weightsOf(denoiser), old);
      tf.dispose([x0, labels]);
      optimizer.dispose();
      model.dispose();
      assert.deepEqual(counts(), before);
    },
  );

  backendTest(`wrap: conditions go to the denoiser: ${backend}`, backend, async () => {
    const erd = newERD(), denoiser = denseDenoiser(2, 3), model = erd.wrap(denoiser);
    model.compile({ optimizer: tf.train.sgd(0.01), loss: erd.loss, metrics: [erd.rawLoss] });
    const x = [gaussianData(10), gaussianData(10, 3)], labels = erd.labels(x);
    const { history } = await model.fit(x, labels, {
      batchSize: 4,
      verbose: 0,
      callbacks: [erd],
      validationSplit: 0.2,
    });
    assert.ok((history.rawLoss as number[])[0]! > 0);
    assert.equal(erd.report().step, 2);
    model.dispose();
  });
}

/** A small convolutional denoiser of 6x6 images. */
function convDenoiser(): tfl.LayersModel {
  const x = tfl.input({ shape: [6, 6, 1] }), t = tfl.input({ shape: [1] });
  const conv = (filters: number, activation?: "relu") =>
    tfl.layers.conv2d({ filters, kernelSize: 3, padding: "same", activation });
  const shift = tfl.layers.reshape({ targetShape: [1, 1, 4] }).apply(
    tfl.layers.dense({ units: 4 }).apply(t),
  ) as tfl.SymbolicTensor;
  const spread = tfl.layers.upSampling2d({ size: [6, 6] }).apply(shift) as tfl.SymbolicTensor;
  const hidden = conv(4, "relu").apply(
    tfl.layers.add().apply([conv(4).apply(x) as tfl.SymbolicTensor, spread]),
  );
  return tfl.model({ inputs: [x, t], outputs: conv(1).apply(hidden) as tfl.SymbolicTensor });
}

for (const backend of ["cpu", "webgpu"] satisfies BackendName[]) {
  backendTest(`wrap: images, convolutions: ${backend}`, backend, async () => {
    const erd = newERD(), model = erd.wrap(convDenoiser());
    model.compile({ optimizer: adamf({ learningRate: 0.01 }), loss: erd.loss });
    const next = normal(5);
    const x0 = tf.tensor(Float32Array.from({ length: 8 * 36 }, next), [8, 6, 6, 1]);
    const { history } = await model.fit(x0, erd.labels(x0), {
      verbose: 0,
      epochs: 2,
      callbacks: [erd],
    });
    assert.ok((history.loss as number[]).every((loss) => Number.isFinite(loss) && loss > 0));
  });
}

backendTest("wrap: convolutions train on wasm, with the kernels for training", "wasm", async () => {
  installTrainingKernels();
  const erd = newERD(), model = erd.wrap(convDenoiser());
  model.compile({ optimizer: adamf(), loss: erd.loss });
  const x0 = tf.ones([4, 6, 6, 1]);
  const { history } = await model.fit(x0, erd.labels(x0), { verbose: 0, callbacks: [erd] });
  assert.ok((history.loss as number[]).every((loss) => Number.isFinite(loss) && loss > 0));
});

backendTest("wrap: a training model is saved, loaded and wrapped again", "cpu", async () => {
  const erd = newERD(), model = erd.wrap(denseDenoiser(2, 3));
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save(tf.io.withSaveHandler((saved) => {
    artifacts = saved;
    return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) });
  }));
  const loaded = await tfl.loadLayersModel(tf.io.fromMemory(artifacts!));
  assert.deepEqual(await weightsOf(loaded), await weightsOf(model));
  const x = [gaussianData(4), gaussianData(4, 3)];
  assert.throws(() => loaded.predict(x), /must go through erd.wrap\(model\) before it runs/);
  const again = newERD();
  assert.equal(again.wrap(loaded), loaded);
  const rows = async (m: tfl.LayersModel) => {
    const output = m.apply(x, { training: true }) as tf.Tensor;
    return [...await output.data()];
  };
  assert.deepEqual(await rows(loaded), await rows(model));
});

backendTest("wrap: what is no denoiser is refused", "cpu", () => {
  const erd = newERD();
  const input = (shape: number[]) => tfl.input({ shape });
  const dense = (x: tfl.SymbolicTensor, units: number) =>
    tfl.layers.dense({ units }).apply(x) as tfl.SymbolicTensor;
  const [x, t, wide] = [input([2]), input([1]), input([3])];
  const both = tfl.layers.concatenate().apply([x, t]) as tfl.SymbolicTensor;
  const rows: [unknown, RegExp][] = [
    ["model", /it must be a tf.LayersModel, got model/],
    [tfl.model({ inputs: x, outputs: dense(x, 2) }), /inputs \[x_t, t\] or .*, got 1/],
    [
      tfl.model({ inputs: [x, wide], outputs: dense(x, 2) }),
      /second input, t, must have the shape \[null, 1\], got \[null, 3\]/,
    ],
    [
      tfl.model({ inputs: [x, t], outputs: dense(both, 3) }),
      /output must be shaped like x_t, \[null, 2\], got \[null, 3\]/,
    ],
    [
      tfl.model({ inputs: [x, t], outputs: [dense(both, 2), dense(both, 2)] }),
      /it must have one output, got 2/,
    ],
  ];
  for (const [model, message] of rows) {
    assert.throws(() => erd.wrap(model as tfl.LayersModel), message);
  }
});
