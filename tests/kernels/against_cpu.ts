import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { installTrainingKernels } from "@signalfit/tfjs";
import { useBackend } from "../support/backends.ts";

/** A tensor as plain numbers. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly dtype?: "float32" | "int32";
}

/** Some tensors, the same on every backend. */
export type Operands = Readonly<Record<string, Numbers>>;

type Tensors = Record<string, tf.Tensor>;

/** Numbers that float32 holds, of a shape; now and then zero. */
export function numbersOf(shape: readonly number[], seed: number): Numbers {
  const values = Array.from({ length: sizeOf(shape) }, (_, index) => {
    const random = hash(seed, index);
    return random < 0.05 ? 0 : Math.fround(4 * random - 2);
  });
  return { shape, values };
}

/** Indices below a limit. */
export function indicesOf(shape: readonly number[], limit: number, seed: number): Numbers {
  const values = Array.from(
    { length: sizeOf(shape) },
    (_, index) => Math.floor(hash(seed, index) * limit),
  );
  return { shape, values, dtype: "int32" };
}

/** Some of the numbers replaced by ones that are not finite. */
export function spoiled({ shape, values, ...rest }: Numbers, seed: number): Numbers {
  const bad = [NaN, Infinity, -Infinity];
  const spoil = (value: number, index: number) =>
    hash(seed + 1, index) < 0.04 ? bad[index % 3]! : value;
  return { shape, values: values.map(spoil), ...rest };
}

/** A number in [0, 1) that looks random. */
export function hash(seed: number, index: number): number {
  let bits = Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b);
  bits = Math.imul(bits ^ bits >>> 13, 0xc2b2ae35);
  return ((bits ^ bits >>> 16) >>> 0) / 2 ** 32;
}

/** How many numbers a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Computes on a backend, in tensors of its own; nothing is left behind. */
export async function computed(
  backend: "cpu" | "wasm",
  operands: Operands,
  compute: (tensors: Tensors) => tf.Tensor,
): Promise<{ shape: number[]; dtype: string; values: number[] }> {
  await useBackend(backend);
  const tensors = Object.fromEntries(
    Object.entries(operands).map(([name, { shape, values, dtype = "float32" }]) =>
      [
        name,
        tf.tensor(dtype === "int32" ? Int32Array.from(values) : Float32Array.from(values), [
          ...shape,
        ], dtype),
      ] as const
    ),
  );
  const before = tf.memory();
  const ids = tf.backend().numDataIds();
  const result = compute(tensors);
  const { shape, dtype } = result;
  const values = [...result.dataSync()];
  result.dispose();
  const after = tf.memory();
  assert.equal(after.numTensors, before.numTensors, `tensors on ${backend}`);
  assert.equal(after.numBytes, before.numBytes, `bytes on ${backend}`);
  assert.equal(tf.backend().numDataIds(), ids, `data of ${backend}`);
  tf.dispose(tensors);
  return { shape, dtype, values };
}

/**
 * Checks that wasm gives what tfjs's cpu gives, in shape, type and numbers; what is not finite must be the
 * same. Sums may be added up in another order: each of two float32 sums of so many terms is within
 * terms x 2^-24 of the sum of the terms' magnitudes, which is computed from the operands' magnitudes;
 * but for those that only choose what is added.
 */
export async function assertLikeCpu(
  operands: Operands,
  compute: (tensors: Tensors) => tf.Tensor,
  terms: number,
  { choosing = [] }: { choosing?: readonly string[] } = {},
): Promise<void> {
  installTrainingKernels().uninstall();
  const expected = await computed("cpu", operands, compute);
  const magnitudes = await computed(
    "cpu",
    Object.fromEntries(
      Object.entries(operands).map(([name, { values, dtype, ...rest }]) => [name, {
        ...rest,
        values: dtype === "int32" || choosing.includes(name)
          ? values
          : values.map((x) => Number.isFinite(x) ? Math.abs(x) : 0),
        ...dtype === undefined ? {} : { dtype },
      }]),
    ),
    compute,
  );
  installTrainingKernels();
  const actual = await computed("wasm", operands, compute);
  assert.deepEqual(actual.shape, expected.shape);
  assert.equal(actual.dtype, expected.dtype);
  expected.values.forEach((value, index) => {
    const got = actual.values[index]!;
    if (!Number.isFinite(value)) return assert.equal(got, value, `number ${index}`);
    const tolerance = 2 * (terms + 1) * 2 ** -24 * Math.abs(magnitudes.values[index]!);
    assert.ok(
      Math.abs(got - value) <= tolerance,
      `number ${index}: ${got} on wasm, ${value} on cpu, more than ${tolerance} apart`,
    );
  });
}

/** Runs a property on some hundred cases, the same each time. */
export function property<Case>(
  cases: fc.Arbitrary<Case>,
  check: (example: Case) => Promise<void>,
  numRuns = 100,
): Promise<void> {
  return fc.assert(fc.asyncProperty(cases, check), { seed: 20261124, numRuns });
}
