import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { type NTKOptions, ntkSpectrum } from "../../src/diffusion/diagnostics/ntk.ts";
import { denseDenoiser, gaussianData } from "../callbacks/fixtures.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { weightsOf } from "../support/models.ts";
import { backendTest } from "../support/test.ts";
import { assertAllClose, assertClose } from "./golden.ts";

function linear(units: number, useBias = false): tfl.Sequential {
  const kernelInitializer = tfl.initializers.glorotUniform({ seed: 1 });
  return tfl.sequential({
    layers: [tfl.layers.dense({ units, useBias, kernelInitializer, inputShape: [3] })],
  });
}

/** Products of all pairs of rows, plus a constant. */
function products(rows: readonly ArrayLike<number>[], more = 0): number[] {
  return rows.flatMap((x) =>
    rows.map((y) => Array.from(x).reduce((sum, value, k) => sum + value * y[k]!, more))
  );
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `ntkSpectrum - of a linear model it is X X' exactly: ${backend}`,
    backend,
    async () => {
      const x = gaussianData(5, 3), rows = await x.array();
      const before = counts();
      const cases: [number, boolean, NTKOptions, number][] = [
        [1, false, { output: "sum" }, 1],
        [1, false, {}, 1], // one output: a sign, which does not matter
        [1, true, { output: "mean" }, 1],
        [4, true, { output: "sum" }, 4], // each output has weights of its own
        [4, true, { output: "mean" }, 1 / 4],
        [4, true, { output: "projection" }, 1],
        [4, true, { output: "projection", projections: 3, seed: 9 }, 1],
      ];
      for (const [units, useBias, options, factor] of cases) {
        const model = linear(units, useBias), weights = await weightsOf(model);
        const spectrum = await ntkSpectrum(model, x, options);
        const expected = products(rows, useBias ? 1 : 0).map((value) => value * factor);
        // 1 / sqrt(4) and the inputs are exact in float32, and so is each product in float64.
        assertAllClose(spectrum.kernel.flat(), expected, 1e-14, JSON.stringify(options), 1e-14);
        assert.deepEqual(await weightsOf(model), weights);
        model.dispose();
      }
      assert.deepEqual(counts(), before);
      x.dispose();
    },
  );

  backendTest(
    `ntkSpectrum - gradients agree with difference quotients: ${backend}`,
    backend,
    async () => {
      const model = denseDenoiser(2, 0, 3), n = 4;
      const inputs = [gaussianData(n), tf.tensor2d([0.1, 0.4, 0.5, 0.9], [n, 1])];
      const { kernel } = await ntkSpectrum(model, inputs, { output: "sum" });
      const values = await Promise.all(inputs.map((input) => input.array() as Promise<number[][]>));
      const weights = await weightsOf(model);
      const rows = values[0]!.map((x, i) => quotients(weights, [...x, ...values[1]![i]!]));
      // float32 gradients; central differences with h = 1e-5 in float64 are good to 1e-9.
      assertAllClose(kernel.flat(), products(rows), 1e-5, "kernel", 1e-6);
      model.dispose();
      tf.dispose(inputs);
    },
  );
}

/** The gradient of the summed outputs of a dense tanh network with one hidden layer, in float64. */
function quotients(weights: readonly number[][], input: readonly number[]): number[] {
  const sum = (all: readonly number[][]): number => {
    const [kernel, bias, outKernel, outBias] = all as [number[], number[], number[], number[]];
    const hidden = bias.map((b, j) =>
      Math.tanh(input.reduce((total, x, i) => total + x * kernel[i * bias.length + j]!, b))
    );
    return outBias.reduce(
      (total, b, k) =>
        total +
        hidden.reduce((value, h, j) => value + h * outKernel[j * outBias.length + k]!, b),
      0,
    );
  };
  const h = 1e-5, all = weights.filter((list) => list.length > 0);
  return all.flatMap((list, w) =>
    list.map((_, i) => {
      const at = (by: number) =>
        sum(all.map((other, v) => v === w ? other.with(i, other[i]! + by) : other));
      return (at(h) - at(-h)) / (2 * h);
    })
  );
}

backendTest("ntkSpectrum - eigenvalues, effective rank and condition number", "cpu", async () => {
  const model = linear(1);
  const of = async (rows: number[][]) => {
    const x = tf.tensor2d(rows);
    try {
      return await ntkSpectrum(model, x, { output: "sum" });
    } finally {
      x.dispose();
    }
  };
  const graded = await of([[0, 2, 0], [4, 0, 0], [0, 0, 1]]);
  assert.deepEqual(graded.eigenvalues, [16, 4, 1]);
  assert.equal(graded.conditionNumber, 16);
  const p = [16 / 21, 4 / 21, 1 / 21];
  const entropy = -p.reduce((total, x) => total + x * Math.log(x), 0);
  assertClose(graded.effectiveRank, Math.exp(entropy), 1e-14, "effective rank");
  const equal = await of([[0, 3, 0], [3, 0, 0]]);
  assertClose(equal.effectiveRank, 2, 1e-14, "equal");
  const repeated = await of([[1, 2, 3], [1, 2, 3], [0.1, 0.2, 0.3]]);
  assert.deepEqual(repeated.eigenvalues.slice(1), [0, 0], "rounding does not count");
  assert.equal(repeated.conditionNumber, Infinity);
  assertClose(repeated.effectiveRank, 1, 1e-14, "repeated");
  const multiples = await of([1, 2, 3, 5, 6, 7].map((k) => [0.1 * k, 0.7 * k, 0.3 * k]));
  assert.deepEqual(multiples.eigenvalues.slice(1), [0, 0, 0, 0, 0], "nor that of the inputs");
  const none = await of([[0, 0, 0]]);
  assert.deepEqual([none.eigenvalues, none.effectiveRank, none.conditionNumber], [
    [0],
    0,
    Infinity,
  ]);
});

backendTest("ntkSpectrum - projections tend to the kernel of all outputs", "wasm", async () => {
  const model = denseDenoiser(2, 0, 4), n = 3;
  const inputs = [gaussianData(n), tf.fill([n, 1], 0.5)];
  // f = y_1 and f = y_2 alone, from sum and mean of signs: y_1 + y_2 and y_1 - y_2 are all there is.
  const spectra = await Promise.all(
    [1, 64].map((projections) => ntkSpectrum(model, inputs, { projections, seed: 4 })),
  );
  const sum = await ntkSpectrum(model, inputs, { output: "sum" });
  const [one, many] = spectra.map(({ kernel }) => kernel.flat());
  const plus = sum.kernel.flat().map((value) => value / 2);
  // The signs of two outputs agree or differ: one projection gives either kernel, many their mixture.
  const others: number[][] = [];
  for (let seed = 0; seed < 8; seed++) {
    others.push((await ntkSpectrum(model, inputs, { seed })).kernel.flat());
  }
  const minus = others.find((kernel) => Math.abs(kernel[0]! - plus[0]!) > 1e-3)!;
  const share = (many![0]! - minus[0]!) / (plus[0]! - minus[0]!);
  assert.ok(share > 0.3 && share < 0.7, `${share} of 64 signs agree`);
  const mixture = plus.map((value, k) => share * value + (1 - share) * minus[k]!);
  assertAllClose(many!, mixture, 1e-5, "mixture", 1e-6);
  const isEither = [plus, minus].some((kernel) => Math.abs(kernel[0]! - one![0]!) < 1e-5);
  assert.ok(isEither, "one projection is one of the two");
  model.dispose();
  tf.dispose(inputs);
});

backendTest(
  "ntkSpectrum - no dropout, no training of normalization, same again",
  "cpu",
  async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.dense({ units: 8, inputShape: [3] }),
        tfl.layers.batchNormalization(),
        tfl.layers.dropout({ rate: 0.5 }),
        tfl.layers.dense({ units: 2, trainable: false }),
      ],
    });
    const x = gaussianData(3, 3), weights = await weightsOf(model);
    const first = await ntkSpectrum(model, x), before = counts();
    assert.deepEqual(await ntkSpectrum(model, x), first);
    assert.deepEqual(await weightsOf(model), weights);
    assert.deepEqual(counts(), before);
  },
);

/** Multiplies by a weight, the first two times. */
class Failing extends tfl.layers.Layer {
  static get className(): string {
    return "FailingThen";
  }
  #weight: tfl.LayerVariable | undefined;
  calls = 0;
  override build(): void {
    this.#weight = this.addWeight("w", [3], "float32", tfl.initializers.ones());
    this.built = true;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    if (this.calls++ === 2) throw new Error("on purpose");
    return tf.tidy(() => tf.mul([inputs].flat()[0]!, this.#weight!.read()));
  }
}
tf.serialization.registerClass(Failing);

for (const backend of ["wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `ntkSpectrum - an error in the middle leaves nothing on the way: ${backend}`,
    backend,
    async () => {
      const layer = new Failing({ inputShape: [3] } as never);
      const model = tfl.sequential({ layers: [layer] }), x = gaussianData(4, 3);
      const before = counts();
      await assert.rejects(() => ntkSpectrum(model, x), /on purpose/);
      assert.deepEqual(counts(), before);
      assert.equal((await ntkSpectrum(model, x)).eigenvalues.length, 4);
      model.dispose();
      x.dispose();
    },
  );
}

backendTest("ntkSpectrum - errors, which leave nothing behind", "cpu", async () => {
  const model = linear(1), frozen = linear(1), x = gaussianData(129, 3);
  frozen.trainable = false;
  const wide = tfl.sequential({
    layers: [tfl.layers.dense({ units: 13200, kernelInitializer: "zeros", inputShape: [39] })],
  });
  const many = gaussianData(128, 39), broken = tf.tensor2d([[1, 2, 3], [1, NaN, 1]]);
  const before = counts();
  const rows: [() => Promise<unknown>, RegExp][] = [
    [
      () => ntkSpectrum(model, x),
      /^RangeError: .* there must be 1 to 128 samples for the NTK, got 129$/,
    ],
    [
      () => ntkSpectrum(wide, many),
      /with 528000 trainable weights the NTK takes at most 127 samples, got 128$/,
    ],
    [() => ntkSpectrum(frozen, broken), /the model must have trainable weights for the NTK, got 0/],
    [() => ntkSpectrum(model, [x, x]), /there must be 1 inputs, as the model has, got 2/],
    [() => ntkSpectrum(model, broken), /all gradients must be finite, got NaN/],
    [() => ntkSpectrum(model, many), /./], // tfjs's own: 39 numbers where 3 are wanted
    [
      () => ntkSpectrum(model, x, { projections: 0 }),
      /Cannot create an NTK spectrum: projections must be a whole number from 1 to 64, got 0/,
    ],
    [() => ntkSpectrum(model, x, { ouput: "sum" } as NTKOptions), /did you mean "output"\?/],
    [
      () => ntkSpectrum(model, x, { output: "max" } as unknown as NTKOptions),
      /output must be one of "projection", "sum", "mean", got "max"/,
    ],
    [
      () => ntkSpectrum({} as tfl.LayersModel, x),
      /the model must be a tf.LayersModel, got \[object Object\]/,
    ],
  ];
  for (const [run, message] of rows) await assert.rejects(run, message);
  assert.deepEqual(counts(), before);
});
