import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { installTrainingKernels } from "@signalfit/tfjs";
import { backendTest } from "../support/test.ts";
import { assertLikeCpu, computed, indicesOf, numbersOf, property } from "./against_cpu.ts";

const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });

backendTest("gathered slices are those of the cpu backend", "wasm", () =>
  property(
    fc.record({
      shape: shapes,
      places: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 2 }),
      axis: fc.nat(3),
      isInt: fc.boolean(),
      isBatch: fc.boolean(),
      seed: fc.integer(),
    }),
    async ({ shape, places, axis, isInt, isBatch, seed }) => {
      const at = Math.min(axis, shape.length - 1);
      const batchDims = isBatch && at > 0 ? 1 : 0;
      const of = batchDims === 1 ? [shape[0]!, ...places] : places;
      const x = numbersOf(shape, seed), indices = indicesOf(of, shape[at]!, seed + 1);
      await assertLikeCpu(
        { x: isInt ? { ...x, values: x.values.map(Math.trunc), dtype: "int32" } : x, indices },
        ({ x, indices }) => tf.gather(x!, indices as tf.Tensor1D, at, batchDims),
        0,
      );
    },
  ));

backendTest("an index beside the axis is refused, as on cpu", "wasm", () => {
  installTrainingKernels();
  const x = tf.zeros([3, 2]);
  for (const index of [-1, 3]) {
    const indices = tf.tensor1d([index], "int32");
    assert.throws(() => tf.gather(x, indices), /GatherV2: the index value -?\d is not in \[0, 2\]/);
    indices.dispose();
  }
  x.dispose();
});

backendTest("sums of segments are those of the cpu backend", "wasm", () =>
  property(
    fc.record({
      shape: shapes,
      segments: fc.integer({ min: 1, max: 9 }),
      seed: fc.integer(),
      isInt: fc.boolean(),
    }),
    async ({ shape, segments, seed, isInt }) => {
      const of = shape.slice(0, 1);
      // some of them no segment's
      const ids = indicesOf(of, segments + 3, seed + 1);
      const x = numbersOf(shape, seed);
      await assertLikeCpu(
        {
          x: isInt ? { ...x, values: x.values.map(Math.trunc), dtype: "int32" } : x,
          ids: { ...ids, values: ids.values.map((id) => id - 1) },
        },
        ({ x, ids }) => tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, segments),
        shape[0]!,
      );
    },
  ));

for (const backend of ["wasm", "cpu"] as const) {
  backendTest(`what is not finite stays in its segment: ${backend}`, backend, async () => {
    installTrainingKernels();
    const x = { shape: [4, 2], values: [1, NaN, 2, 3, Infinity, 4, 5, 6] };
    const ids = { shape: [4], values: [0, 1, 2, 1], dtype: "int32" } as const;
    const { values } = await computed(
      backend,
      { x, ids },
      ({ x, ids }) => tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, 4),
    );
    assert.deepEqual(values, [1, NaN, 7, 9, Infinity, 4, 0, 0]);
  });
}

backendTest("ids that are not one a slice are refused", "wasm", () => {
  installTrainingKernels();
  const x = tf.zeros([4, 2]), ids = tf.zeros([4, 2], "int32");
  assert.throws(
    () => tf.unsortedSegmentSum(x, ids as never, 4),
    /segmentIds must have one id for each slice of x, of shape \[4,2\], got shape \[4,2\]/,
  );
  tf.dispose([x, ids]);
});
