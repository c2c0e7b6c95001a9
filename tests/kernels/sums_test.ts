import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { installTrainingKernels } from "@signalfit/tfjs";
import { backendTest } from "../support/test.ts";
import { assertLikeCpu, computed, numbersOf, property, sizeOf, spoiled } from "./against_cpu.ts";

backendTest("sums and means over axes are those of the cpu backend", "wasm", () =>
  property(
    fc.record({
      shape: fc.array(fc.integer({ min: 1, max: 21 }), { minLength: 1, maxLength: 4 }),
      axes: fc.subarray([0, 1, 2, 3]),
      keepDims: fc.boolean(),
      isMean: fc.boolean(),
      seed: fc.integer(),
      spoil: fc.boolean(),
    }),
    async ({ shape, axes, keepDims, isMean, seed, spoil }) => {
      const own = axes.filter((axis) => axis < shape.length);
      const x = numbersOf(shape, seed);
      await assertLikeCpu(
        { x: spoil ? spoiled(x, seed) : x },
        ({ x }) => (isMean ? tf.mean : tf.sum)(x!, own.length === 0 ? undefined : own, keepDims),
        sizeOf(shape) + 1,
      );
    },
  ));

backendTest("a sum of many rows is as good as one of few", "wasm", async () => {
  installTrainingKernels();
  const x = { shape: [100_000, 2], values: new Array<number>(200_000).fill(Math.fround(0.1)) };
  const { values } = await computed("wasm", { x }, ({ x }) => tf.sum(x!, 0));
  // added one after the other, 100,000 float32 numbers of .1 are off by 1e-3 of their sum;
  // in groups of 64, the roundings are those of 64 + 100,000 / 64 additions, half a unit each
  const exact = 100_000 * Math.fround(0.1);
  for (const value of values) {
    assert.ok(Math.abs(value / exact - 1) <= (64 + 100_000 / 64) * 2 ** -24, `${value}`);
  }
});
