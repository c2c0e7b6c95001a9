import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { installTrainingKernels } from "@signalfit/tfjs";
import { backendTest } from "../support/test.ts";
import { assertLikeCpu, computed, numbersOf, property, spoiled } from "./against_cpu.ts";

const length = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 27 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 400, 800) },
);
const batches = fc.constantFrom(
  [[], []] as const,
  [[1], [1]] as const,
  [[3], [3]] as const,
  [[2, 2], [2, 2]] as const,
  [[3], [1]] as const,
  [[1], [3]] as const,
  [[0], [0]] as const,
);

const cases = fc.record({
  rows: fc.integer({ min: 0, max: 27 }),
  depth: length,
  columns: fc.integer({ min: 1, max: 27 }),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  batch: batches,
  seed: fc.integer(),
  spoil: fc.boolean(),
});

backendTest(
  "products of matrices are those of the cpu backend",
  "wasm",
  () =>
    property(
      cases,
      async ({ rows, depth, columns, transposeA, transposeB, batch, seed, spoil }) => {
        const a = numbersOf([...batch[0], ...transposeA ? [depth, rows] : [rows, depth]], seed);
        const b = numbersOf(
          [...batch[1], ...transposeB ? [columns, depth] : [depth, columns]],
          seed + 1,
        );
        await assertLikeCpu(
          spoil ? { a: spoiled(a, seed), b } : { a, b },
          ({ a, b }) => tf.matMul(a!, b!, transposeA, transposeB),
          depth,
        );
      },
    ),
);

backendTest("each length of a batch is repeated on its own", "wasm", async () => {
  installTrainingKernels();
  const a = numbersOf([2, 1, 9, 5], 1), b = numbersOf([1, 3, 5, 7], 2);
  const spread = await computed(
    "cpu",
    { a, b },
    ({ a, b }) =>
      tf.tidy(() => tf.matMul(tf.broadcastTo(a!, [2, 3, 9, 5]), tf.broadcastTo(b!, [2, 3, 5, 7]))),
  );
  const { values, shape } = await computed("wasm", { a, b }, ({ a, b }) => tf.matMul(a!, b!));
  assert.deepEqual(shape, spread.shape);
  // sums of 5 products below 4
  values.forEach((value, at) =>
    assert.ok(Math.abs(value - spread.values[at]!) <= 5 * 20 * 2 ** -23)
  );
});

backendTest("fused products are those of the cpu backend", "wasm", () =>
  property(
    fc.record({ case: cases, activation: fc.constantFrom("linear", "relu"), bias: fc.boolean() }),
    async ({ case: { rows, depth, columns, transposeA, transposeB, seed }, activation, bias }) => {
      const a = numbersOf(transposeA ? [depth, rows] : [rows, depth], seed);
      const b = numbersOf(transposeB ? [columns, depth] : [depth, columns], seed + 1);
      if (rows * depth === 0) return; // XNNPACK refuses nothing; neither do we
      await assertLikeCpu(
        { a, b, ...bias ? { bias: numbersOf([columns], seed + 2) } : {} },
        ({ a, b, bias }) =>
          tf.fused.matMul({
            a: a!,
            b: b!,
            transposeA,
            transposeB,
            activation: activation as "relu",
            ...bias ? { bias } : {},
          }),
        depth + 1,
      );
    },
  ));

backendTest("inner lengths that differ are refused", "wasm", () => {
  installTrainingKernels();
  assert.throws(
    () => tf.matMul(tf.zeros([7, 3]), tf.zeros([4, 7]), false, true),
    /inner shapes \(3\) and \(7\).*must match/,
  );
});
