import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { backendTest } from "../support/test.ts";
import { assertLikeCpu, hash, type Numbers, numbersOf, property } from "./against_cpu.ts";

const cases = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
  axis: fc.nat(4),
  seed: fc.integer(),
  dtype: fc.constantFrom("float32" as const, "int32" as const),
});

function operand(shape: number[], seed: number, dtype: "float32" | "int32"): Numbers {
  const numbers = numbersOf(shape, seed);
  return dtype === "int32"
    ? { ...numbers, values: numbers.values.map((value) => Math.trunc(9 * value)), dtype }
    : numbers;
}

backendTest(
  "parts of tensors are those of the cpu backend",
  "wasm",
  () =>
    property(cases, async ({ shape, seed, dtype }) => {
      const begin = shape.map((length, axis) => Math.floor(hash(seed, axis) * length));
      const size = shape.map((length, axis) =>
        hash(seed, axis + 9) < 0.1 ? -1 : Math.ceil(hash(seed, axis + 5) * (length - begin[axis]!))
      );
      const x = operand(shape, seed, dtype);
      await assertLikeCpu({ x }, ({ x }) => tf.slice(x!, begin, size), 0);
    }),
);

backendTest(
  "tensors that are split and stacked again are those of the cpu backend",
  "wasm",
  () =>
    property(cases, async ({ shape, axis, seed, dtype }) => {
      const at = axis % shape.length, length = shape[at]!;
      const first = Math.floor(hash(seed, 3) * (length + 1));
      const x = operand(shape, seed, dtype);
      await assertLikeCpu({ x }, ({ x }) =>
        tf.tidy(() =>
          tf.concat(tf.split(x!, [first, length - first], at).toReversed(), at)
        ), 0);
      await assertLikeCpu({ x }, ({ x }) =>
        tf.tidy(() =>
          tf.stack(tf.unstack(x!, at).toReversed())
        ), 0);
    }),
);

backendTest(
  "tensors one after the other are those of the cpu backend",
  "wasm",
  () =>
    property(cases, async ({ shape, axis, seed, dtype }) => {
      const at = axis % shape.length;
      const lengths = [1, 0, 3].slice(0, 1 + Math.abs(seed % 3));
      const operands = Object.fromEntries(
        lengths.map((
          length,
          index,
        ) => [`${index}`, operand(shape.with(at, length), seed + index, dtype)]),
      );
      await assertLikeCpu(operands, (tensors) => tf.concat(Object.values(tensors), at), 0);
    }),
);

backendTest(
  "repeated tensors are those of the cpu backend",
  "wasm",
  () =>
    property(cases, async ({ shape, seed, dtype }) => {
      const reps = shape.map((_, axis) => 1 + Math.floor(hash(seed, axis) * 3));
      await assertLikeCpu({ x: operand(shape, seed, dtype) }, ({ x }) => tf.tile(x!, reps), 0);
    }),
);
