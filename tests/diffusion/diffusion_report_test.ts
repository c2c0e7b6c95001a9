import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { diffusionReport } from "../../src/diffusion/diagnostics/diffusion_report.ts";
import type { DiffusionReportOptions } from "../../src/diffusion/diagnostics/diffusion_report_options.ts";
import { effectiveRank } from "../../src/diffusion/diagnostics/effective_rank.ts";
import { ntkSpectrum } from "../../src/diffusion/diagnostics/ntk.ts";
import { noisePath } from "../../src/diffusion/noise/path.ts";
import { recoverability } from "../../src/diffusion/weights/recoverability.ts";
import { ddpmSchedule } from "../../src/diffusion/noise/schedule.ts";
import { type Target, targetCoefficients } from "../../src/diffusion/noise/target.ts";
import { denseDenoiser, gaussianData } from "../callbacks/fixtures.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { weightsOf } from "../support/models.ts";
import { backendTest } from "../support/test.ts";
import { exactDenoiser, levelsOf } from "./exact_denoiser.ts";
import { assertClose } from "./golden.ts";

const TIMES = [0.1, 0.5, 0.9];

/** As an `EmaWeights` whose averages are all 0. */
function zeroWeights(model: tfl.LayersModel) {
  let own: tf.Tensor[] = [];
  return {
    swapIn: () => {
      own = model.getWeights().map((weight) => tf.keep(tf.clone(weight)));
      tf.tidy(() => model.setWeights(own.map((weight) => tf.zerosLike(weight))));
    },
    swapOut: () => {
      model.setWeights(own);
      tf.dispose(own);
    },
  };
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `diffusionReport - the exact denoiser's loss is the floor: ${backend}`,
    backend,
    async () => {
      const n = 4096, variance = 0.49, x0 = tf.tidy(() => tf.mul(gaussianData(n, 4), 0.7));
      const mixture = { pi: [1], mu: [[0, 0, 0, 0]], std: [0.7] };
      for (const target of ["epsilon", "x0", "v", "flow"] satisfies Target[]) {
        const denoiser = exactDenoiser(mixture, levelsOf("cosine", target));
        const levels = await diffusionReport(denoiser, x0, {
          target,
          path: "cosine",
          times: TIMES,
          covarianceSpectrum: [variance, variance],
          weight: (t) => 3 * t,
          batchSize: 1000,
        });
        levels.forEach((level, i) => {
          const at = noisePath("cosine")(TIMES[i]!);
          const exact = recoverability(target, at, [variance]), what = `${target} ${level.t}`;
          assert.deepEqual([level.t, level.alpha, level.sigma], [TIMES[i], at.alpha, at.sigma]);
          assert.equal(level.weight, 3 * TIMES[i]!);
          assertClose(level.floor!, exact.floor, 1e-14, what);
          assertClose(level.variance, exact.variance, 1e-14, what);
          assertClose(level.recoverabilityLimit!, exact.value, 1e-14, what);
          // A mean of 4 n squares of normal numbers: five standard errors, sqrt(2 / 4n) each.
          assertClose(level.loss!, exact.floor, 5 * Math.sqrt(2 / (4 * n)), what);
          assertClose(level.recoverability!, exact.value, 0, what, 0.06);
          assert.deepEqual([level.featureRank, level.ntk], [null, null]);
        });
        denoiser.dispose();
      }
      x0.dispose();
    },
  );

  backendTest(
    `diffusionReport - ranks and kernel are those of the model at x_t: ${backend}`,
    backend,
    async () => {
      const denoiser = denseDenoiser(3, 2, 8),
        x0 = gaussianData(20, 3),
        condition = gaussianData(20);
      const layer = denoiser.layers.at(-2)!.name, weights = await weightsOf(denoiser);
      const options = {
        target: "v",
        path: "linear",
        times: [0.25],
        conditions: [condition],
        layer,
        ntkSamples: 6,
        ntkOutput: "sum",
        batchSize: 7,
        seed: 3,
      } as const;
      const before = counts();
      const [level] = await diffusionReport(denoiser, x0, options);
      assert.deepEqual(counts(), before);
      assert.deepEqual(await weightsOf(denoiser), weights);
      assert.deepEqual(await diffusionReport(denoiser, x0, options), [level], "same again");
      assert.deepEqual(JSON.parse(JSON.stringify(level)), level, "plain");
      const other = await diffusionReport(denoiser, x0, { ...options, seed: 4 });
      assert.notEqual(other[0]!.loss, level!.loss);
      // The noise, found again: a layer that shows x_t.
      const inputs = await noisyInputs(x0, options);
      const hidden = tfl.model({
        inputs: denoiser.inputs,
        outputs: [denoiser.outputs[0]!, denoiser.layers.at(-2)!.output as tfl.SymbolicTensor],
      });
      const given = [...inputs, condition];
      const [output, features] = hidden.predict(given) as [tf.Tensor, tf.Tensor];
      // float32 sums of batches of 7 and of 20 may differ in the last bits.
      assertClose(level!.outputRank!, await effectiveRank(output), 1e-5, "output");
      assertClose(level!.featureRank!, await effectiveRank(features), 1e-5, "features");
      const first = given.map((input) => tf.slice(input, 0, 6));
      const { eigenvalues, effectiveRank: rank, conditionNumber } = await ntkSpectrum(
        denoiser,
        first,
        { output: "sum" },
      );
      assert.deepEqual(level!.ntk, { eigenvalues, effectiveRank: rank, conditionNumber });
      assert.ok(conditionNumber > 1 && eigenvalues.length === 6);
      tf.dispose([...given, ...first, output, features, x0]);
      denoiser.dispose();
      assert.equal(counts().tensors, 0);
    },
  );
}

/** x_t and t as the report makes them, from a denoiser of the target x0 whose output is x_t itself. */
async function noisyInputs(
  x0: tf.Tensor,
  { seed, times }: { seed: number; times: readonly number[] },
) {
  const t = times[0]!, seen: tf.Tensor[] = [];
  const [x, time] = [tfl.input({ shape: [3] }), tfl.input({ shape: [1] })];
  const identity = tfl.layers.add().apply([x, x]) as tfl.SymbolicTensor;
  const spy = tfl.model({ inputs: [x, time], outputs: identity });
  const predict = spy.predict.bind(spy);
  spy.predict = (inputs, args) => {
    seen.push(...(inputs as tf.Tensor[]).map((input) => tf.keep(tf.clone(input))));
    return predict(inputs, args);
  };
  await diffusionReport(spy, x0, { target: "x0", path: "linear", times: [t], seed });
  return seen;
}

backendTest("diffusionReport - loss, variance and noise of the sample", "cpu", async () => {
  const denoiser = denseDenoiser(3), x0 = gaussianData(50, 3), times = [0.25, 0.5];
  const ema = zeroWeights(denoiser); // an output of 0: the loss is the target's mean square
  const report = (target: Target) =>
    diffusionReport(denoiser, x0, { target, path: "linear", times, ema });
  const before = counts(), weights = await weightsOf(denoiser);
  const [epsilon, data, v] = [await report("epsilon"), await report("x0"), await report("v")];
  assert.deepEqual(counts(), before);
  assert.deepEqual(await weightsOf(denoiser), weights, "swapped out again");
  const rows = await x0.array() as number[][];
  const square = rows.flat().reduce((sum, x) => sum + x * x, 0) / 150;
  assert.equal(epsilon[0]!.loss, epsilon[1]!.loss, "the same noise at each level");
  assertClose(data[0]!.loss!, square, 1e-12, "the data's mean square");
  const means = [0, 1, 2].map((j) => rows.reduce((sum, row) => sum + row[j]! / 50, 0));
  const variance = rows.flatMap((row) => row.map((x, j) => (x - means[j]!) ** 2))
    .reduce((sum, x) => sum + x, 0) / (49 * 3);
  times.forEach((t, i) => {
    assertClose(epsilon[i]!.variance, 1, 0, "epsilon");
    assertClose(data[i]!.variance, variance, 1e-12, "x0");
    const c = targetCoefficients("v", noisePath("linear")(t));
    assertClose(v[i]!.variance, c.x0 ** 2 * variance + c.epsilon ** 2, 1e-12, "v");
    const expected = Math.min(1, Math.max(0, 1 - v[i]!.loss! / v[i]!.variance));
    assert.equal(v[i]!.recoverability, expected);
    assert.deepEqual([v[i]!.floor, v[i]!.recoverabilityLimit, v[i]!.weight], [null, null, null]);
    assert.equal(v[i]!.outputRank, 0, "constant outputs");
  });
  denoiser.dispose();
  x0.dispose();
});

for (const backend of ["cpu", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `diffusionReport - convolutions, their features flattened: ${backend}`,
    backend,
    async () => {
      const [x, t] = [tfl.input({ shape: [6, 6, 1] }), tfl.input({ shape: [1] })];
      const conv = (filters: number, seed: number, name?: string) =>
        tfl.layers.conv2d({
          name,
          filters,
          kernelSize: 3,
          padding: "same",
          kernelInitializer: tfl.initializers.glorotUniform({ seed }),
        });
      const time = tfl.layers.reshape({ targetShape: [1, 1, 4] })
        .apply(tfl.layers.dense({ units: 4 }).apply(t));
      const hidden = conv(4, 1, `conv_${backend}`).apply(x);
      const sum = tfl.layers.add().apply([hidden, time] as tfl.SymbolicTensor[]);
      const outputs = conv(1, 2).apply(sum) as tfl.SymbolicTensor;
      const denoiser = tfl.model({ inputs: [x, t], outputs });
      const x0 = tf.tidy(() => tf.reshape(gaussianData(12, 36), [12, 6, 6, 1])), before = counts();
      const [level] = await diffusionReport(denoiser, x0, {
        target: "x0",
        path: "linear",
        times: [0],
        layer: `conv_${backend}`,
        ntkSamples: 3,
        batchSize: 5,
      });
      assert.deepEqual(counts(), before);
      // At t = 0 the input is the data itself.
      const features = tfl.model({ inputs: x, outputs: hidden as tfl.SymbolicTensor }).predict(x0);
      assertClose(
        level!.featureRank!,
        await effectiveRank(features as tf.Tensor),
        1e-5,
        "features",
      );
      assert.ok(level!.featureRank! > 8 && level!.featureRank! < 11.01, `${level!.featureRank}`);
      assert.equal(level!.ntk!.eigenvalues.length, 3);
      assert.ok(level!.ntk!.conditionNumber! > 1);
      tf.dispose([x0, features]);
      denoiser.dispose();
    },
  );
}

backendTest("diffusionReport - the usual times, on paths and on schedules", "cpu", async () => {
  const denoiser = denseDenoiser(), x0 = gaussianData(4);
  const timesOf = async (path: DiffusionReportOptions["path"]) =>
    (await diffusionReport(denoiser, x0, { target: "v", path })).map(({ t }) => t);
  const usual = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95];
  assert.deepEqual(await timesOf("cosine"), usual);
  assert.deepEqual(await timesOf({ kind: "linear", timesteps: 1000 }), usual);
  assert.deepEqual(await timesOf({ kind: "cosine", timesteps: 4 }), [0.25, 0.5, 0.75, 1]);
  const [level] = await diffusionReport(denoiser, x0, {
    target: "epsilon",
    path: { kind: "linear", timesteps: 50 },
    times: [0.2],
  });
  assert.equal(level!.alpha, ddpmSchedule({ kind: "linear", timesteps: 50 }).alpha[9]);
  denoiser.dispose();
  x0.dispose();
});

backendTest(
  "diffusionReport - a denoiser that has come to NaN is reported as null",
  "cpu",
  async () => {
    const denoiser = denseDenoiser(), x0 = gaussianData(8);
    tf.tidy(() => denoiser.setWeights(denoiser.getWeights().map((w) => tf.fill(w.shape, NaN))));
    const [level] = await diffusionReport(denoiser, x0, {
      target: "v",
      path: "cosine",
      times: [0.5],
      layer: denoiser.layers.at(-2)!.name,
      ntkSamples: 2,
    });
    const { loss, recoverability, outputRank, featureRank, ntk } = level!;
    const all = [loss, recoverability, outputRank, featureRank, ntk];
    assert.deepEqual(all, [null, null, null, null, null]);
    denoiser.dispose();
    x0.dispose();
  },
);
