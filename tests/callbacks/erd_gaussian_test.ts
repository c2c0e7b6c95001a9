import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ERD } from "../../callbacks/erd.ts";
import { noisePath } from "../../src/diffusion/noise/path.ts";
import { recoverability } from "../../src/diffusion/weights/recoverability.ts";
import type { Target } from "../../src/diffusion/noise/target.ts";
import { adamf } from "../../src/optimizers/adamf.ts";
import { normal } from "../support/random.ts";
import { backendTest } from "../support/test.ts";

/** Eigenvalues of the data's covariance, and an orthogonal matrix of eigenvectors. */
const SPECTRUM = [2, 1, 0.3, 0.1];
const BASIS = [[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]];
const MEAN = [0.5, -1, 0, 2];
const ROWS = 4096, BATCH = 256, BINS = 16;

function data(): tf.Tensor2D {
  const next = normal(7);
  const rows = Array.from({ length: ROWS }, () => {
    const z = SPECTRUM.map((l) => Math.sqrt(l) * next());
    return MEAN.map((mean, j) => mean + BASIS.reduce((sum, b, i) => sum + b[j]! * z[i]! / 2, 0));
  });
  return tf.tensor2d(rows);
}

/** Directions of x_t scaled by functions of t, and a function of t: enough for any Gaussian. */
function gatedDenoiser(): tfl.LayersModel {
  const kernel = (seed: number) => tfl.initializers.glorotUniform({ seed });
  const dense = (units: number, seed: number, activation?: "tanh") =>
    tfl.layers.dense({ units, activation, kernelInitializer: kernel(seed) });
  const x = tfl.input({ shape: [4] }), t = tfl.input({ shape: [1] });
  const time = dense(16, 1, "tanh").apply(dense(16, 2, "tanh").apply(t));
  const gated = tfl.layers.multiply().apply(
    [dense(8, 3).apply(x), dense(8, 4).apply(time)] as tfl.SymbolicTensor[],
  );
  const outputs = tfl.layers.add().apply(
    [dense(4, 5).apply(gated), dense(4, 6).apply(time)] as tfl.SymbolicTensor[],
  ) as tfl.SymbolicTensor;
  return tfl.model({ inputs: [x, t], outputs });
}

/** Exact recoverability of each bin: 1 - mean floor / mean variance. */
function exact(target: Target): number[] {
  const at = noisePath("cosine"), nodes = 32;
  return Array.from({ length: BINS }, (_, b) => {
    let floor = 0, variance = 0;
    for (let i = 0; i < nodes; i++) {
      const r = recoverability(target, at((b + (i + 0.5) / nodes) / BINS), SPECTRUM);
      floor += r.floor;
      variance += r.variance;
    }
    return 1 - floor / variance;
  });
}

for (const target of ["epsilon", "v"] as const) {
  backendTest(
    `Gaussian data, trained: R is within 0.05 of the truth: ${target}`,
    "wasm",
    async () => {
      const erd = new ERD({ target, path: "cosine", mode: "online", bins: BINS, stratified: true });
      const model = erd.wrap(gatedDenoiser());
      const optimizer = adamf({ learningRate: 0.01 });
      model.compile({ optimizer, loss: erd.loss });
      const x0 = data(), labels = erd.labels(x0);
      const fit = (epochs: number) =>
        model.fit(x0, labels, {
          batchSize: BATCH,
          epochs,
          shuffle: false,
          verbose: 0,
          callbacks: [erd],
        });
      await fit(20);
      optimizer.learningRate = 0.002;
      await fit(20);
      const truth = exact(target);
      const errors = erd.report().bins.map((bin, b) => Math.abs(bin.recoverability - truth[b]!));
      assert.ok(Math.max(...errors) <= 0.05, `errors ${errors}`);
      tf.dispose([x0, labels]);
      model.dispose();
      optimizer.dispose();
      erd.dispose();
    },
  );
}
