import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { diffusionReport } from "../../src/diffusion/diagnostics/diffusion_report.ts";
import type { DiffusionReportOptions } from "../../src/diffusion/diagnostics/diffusion_report_options.ts";
import { denseDenoiser, gaussianData } from "../callbacks/fixtures.ts";
import { counts } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";

backendTest("diffusionReport - errors, which leave nothing behind", "cpu", async () => {
  const denoiser = denseDenoiser(2, 3), x0 = gaussianData(6), condition = gaussianData(6, 3);
  const good = { target: "v", path: "cosine", conditions: [condition] } as const;
  const few = gaussianData(5, 3), wide = gaussianData(6, 5), one = gaussianData(1);
  const hidden = denoiser.layers.at(-2)!.name;
  const failing = {
    swapIn: () => {},
    swapOut: () => void swapped++,
  };
  let swapped = 0;
  const before = counts();
  const rows: [Record<string, unknown>, RegExp, tf.Tensor?][] = [
    [
      { target: undefined },
      /^RangeError: Cannot create a diffusion report: target must be "epsilon"/,
    ],
    [{ target: "noise" }, /target must be "epsilon", .*, got "noise"/],
    [{ path: undefined }, /path must be given, such as "cosine", got undefined/],
    [{ path: "sine" }, /path must be .*, got "sine"/],
    [{ times: [] }, /times must hold at least one time, got \[\]/],
    [{ times: [0.5, 1.5] }, /each of times must be in \[0, 1\], got 1.5/],
    [{ times: 0.5 }, /times must be a list of times, got 0.5/],
    [{ path: { kind: "linear", timesteps: 50 }, times: [0.25] }, /t must be one of 0, 1\/50/],
    [{ target: "score", times: [0] }, /sigma must be > 0/],
    [{ conditions: [] }, /conditions must be 1 tensors, the denoiser's further inputs, got 0/],
    [{ conditions: [few] }, /each condition must have 6 rows, as x0, got \[5, 3\]/],
    [{ covarianceSpectrum: [1, -1] }, /finite number >= 0 \(entry 1\), got -1/],
    [{ layer: hidden.replace("D", "") }, new RegExp(`did you mean "${hidden}"\\?`)],
    [{ layer: "nothing like it" }, /the model has no such layer; it has input/],
    [{ ntkSamples: 129 }, /ntkSamples must be a whole number from 0 to 128, got 129/],
    [{ batchSize: 0 }, /batchSize must be a whole number >= 1, got 0/],
    [{ seed: 0.5 }, /seed must be a whole number >= 0, got 0.5/],
    [{ weight: 2 }, /weight must be a function of t, got 2/],
    [{ ema: {} }, /ema must have swapIn and swapOut, as EmaWeights has/],
    [{ time: [0.5] }, /unknown option "time"; did you mean "times"\?/],
    [{}, /x0 must have the shape \[n, 2\], as the denoiser's first input, got \[6, 5\]/, wide],
    [{}, /x0 must have at least 2 samples, got 1/, one],
    [{}, /x0 must be a tensor, got \{/, {} as tf.Tensor],
    [{ conditions: [wide], ema: failing }, /./], // tfjs's own error, while swapped in
  ];
  for (const [change, message, data = x0] of rows) {
    const options = { ...good, ...change } as DiffusionReportOptions;
    await assert.rejects(() => diffusionReport(denoiser, data, options), message);
  }
  assert.equal(swapped, 1, "swapped out after the error");
  const single = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [2] })] });
  await assert.rejects(
    () => diffusionReport(single, x0, good),
    /Cannot create a diffusion report: it must have the inputs \[x_t, t\] .*, got 1/,
  );
  single.dispose();
  assert.deepEqual(counts(), before);
  denoiser.dispose();
  tf.dispose([x0, condition, few, wide, one]);
});

backendTest(
  "diffusionReport - a layer that is used twice is refused, the last one is the output",
  "cpu",
  async () => {
    const [x, t] = [tfl.input({ shape: [2] }), tfl.input({ shape: [1] })];
    const shared = tfl.layers.dense({ units: 2, name: "shared" });
    const twice = shared.apply(shared.apply(x)) as tfl.SymbolicTensor;
    const all = tfl.layers.concatenate().apply([twice, t]);
    const outputs = tfl.layers.dense({ units: 2, name: "last" }).apply(all) as tfl.SymbolicTensor;
    const denoiser = tfl.model({ inputs: [x, t], outputs }), x0 = gaussianData(6);
    const report = (layer: string) =>
      diffusionReport(denoiser, x0, { target: "v", path: "cosine", times: [0.5], layer });
    await assert.rejects(
      () => report("shared"),
      /layer "shared": it must be used once, got 2 times/,
    );
    const [level] = await report("last");
    assert.equal(level!.featureRank, level!.outputRank, "the last layer is the output");
    denoiser.dispose();
    x0.dispose();
  },
);
