import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { backendTest } from "../support/test.ts";
import { assertLikeCpu, numbersOf, property, sizeOf, spoiled } from "./against_cpu.ts";

const run = (name: string, inputs: Record<string, tf.Tensor>, attrs: object): tf.Tensor =>
  tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;

const cases = fc.record({
  batch: fc.integer({ min: 0, max: 2 }),
  size: fc.tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 3, max: 9 })),
  channels: fc.integer({ min: 1, max: 9 }),
  filterSize: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  pad: fc.constantFrom("same" as const, "valid" as const),
  seed: fc.integer(),
  spoil: fc.constantFrom("nothing", "x", "dy"),
});

backendTest(
  "gradients of pools are those of the cpu backend",
  "wasm",
  () =>
    property(cases, async ({ batch, size, channels, filterSize, strides, pad, seed, spoil }) => {
      const shape: [number, number, number, number] = [batch, ...size, channels];
      const { outShape } = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
      // few values: that two are the greatest happens
      const whole = numbersOf(shape, seed);
      const x = { ...whole, values: whole.values.map((value) => Math.round(2 * value)) };
      const dy = numbersOf(outShape, seed + 1);
      const attrs = { filterSize, strides, pad };
      await assertLikeCpu(
        { x: spoil === "x" ? spoiled(x, seed) : x, dy: spoil === "dy" ? spoiled(dy, seed) : dy },
        ({ x, dy }) =>
          // tfjs's kernels take the result of the forward pass too; neither cpu's nor ours reads it
          run("MaxPoolGrad", { dy: dy!, input: x!, output: dy! }, attrs),
        sizeOf(filterSize),
        { choosing: ["x"] },
      );
      await assertLikeCpu(
        { x, dy: spoil === "dy" ? spoiled(dy, seed) : dy },
        ({ x, dy }) => run("AvgPoolGrad", { dy: dy!, input: x! }, attrs),
        sizeOf(filterSize),
      );
    }),
);
