import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { installTrainingKernels } from "@signalfit/tfjs";
import { backendTest } from "../support/test.ts";
import { computed, type Numbers, numbersOf, property, sizeOf } from "./against_cpu.ts";

const LENGTHS: Readonly<Record<string, number>> = { a: 2, b: 3, c: 4, d: 5, e: 1 };
const letters = fc.shuffledSubarray(Object.keys(LENGTHS), { minLength: 0, maxLength: 4 });

/** Equations of one or two operands, results of some of their letters in any order. */
const equations = fc.record({
  a: letters,
  b: fc.option(letters),
  order: fc.infiniteStream(fc.nat()),
})
  .map(({ a, b, order }) => {
    const all = [...new Set([...a, ...b ?? []])];
    const output = all
      .map((letter) => ({
        letter,
        rank: order.next().value as number,
        out: order.next().value % 3 > 0,
      }))
      .filter(({ out }) => out)
      .sort((one, other) => one.rank - other.rank)
      .map(({ letter }) => letter);
    return { inputs: b === null ? [a] : [a, b], output };
  });

const shapeOf = (term: readonly string[]) => term.map((letter) => LENGTHS[letter]!);

/** The definition: for each number of the result, the sum of the products of all that meet there. */
function defined(
  { inputs, output }: { inputs: readonly string[][]; output: readonly string[] },
  operands: readonly Numbers[],
): { values: number[]; magnitudes: number[] } {
  const all = [...new Set([...output, ...inputs.flat()])];
  const place = (term: readonly string[], at: Readonly<Record<string, number>>) =>
    term.reduce((index, letter) => index * LENGTHS[letter]! + at[letter]!, 0);
  const size = sizeOf(shapeOf(output));
  const values = new Array<number>(size).fill(0), magnitudes = new Array<number>(size).fill(0);
  for (let index = 0; index < sizeOf(shapeOf(all)); index++) {
    let rest = index;
    const at: Record<string, number> = {};
    for (const letter of all) {
      at[letter] = rest % LENGTHS[letter]!;
      rest = Math.floor(rest / LENGTHS[letter]!);
    }
    const product = inputs.reduce(
      (product, term, operand) => product * operands[operand]!.values[place(term, at)]!,
      1,
    );
    values[place(output, at)]! += product;
    magnitudes[place(output, at)]! += Math.abs(product);
  }
  return { values, magnitudes };
}

// tfjs's cpu backend is no measure: it gives another shape where an operand's only axis is summed.
backendTest("einsum is the sum of products that its equation says", "wasm", () => {
  installTrainingKernels();
  return property(
    equations.chain((e) => fc.tuple(fc.constant(e), fc.integer())),
    async ([equation, seed]) => {
      const { inputs, output } = equation;
      const text = `${inputs.map((term) => term.join("")).join(",")}->${output.join("")}`;
      const operands = inputs.map((term, at) => numbersOf(shapeOf(term), seed + at));
      const { shape, values } = await computed(
        "wasm",
        Object.fromEntries(operands.entries()),
        (tensors) => tf.einsum(text, ...Object.values(tensors)),
      );
      const { values: expected, magnitudes } = defined(equation, operands);
      assert.deepEqual(shape, shapeOf(output), text);
      values.forEach((value, at) => {
        const tolerance = 121 * 2 ** -23 * magnitudes[at]!; // at most 120 terms
        assert.ok(Math.abs(value - expected[at]!) <= tolerance, `${text}: number ${at}`);
      });
    },
    200,
  );
});

backendTest("einsum has a gradient: that of sums of products", "wasm", async () => {
  installTrainingKernels();
  const x = numbersOf([2, 3, 4], 1), w = numbersOf([4, 5], 2), dy = numbersOf([2, 5, 3], 3);
  const gradients = (compute: (x: tf.Tensor, w: tf.Tensor) => tf.Tensor) =>
    computed("wasm", { x, w, dy }, ({ x, w, dy }) =>
      tf.tidy(() => {
        const [dx, dw] = tf.grads(compute as never)([x!, w!], dy!);
        return tf.concat([tf.reshape(dx!, [-1]), tf.reshape(dw!, [-1])]);
      }));
  const { values } = await gradients((x, w) => tf.einsum("abc,cd->adb", x, w));
  const same = await gradients((x, w) =>
    tf.transpose(tf.reshape(tf.matMul(tf.reshape(x, [6, 4]), w), [2, 3, 5]), [0, 2, 1])
  );
  // sums of at most 15 products below 4
  values.forEach((value, at) =>
    assert.ok(Math.abs(value - same.values[at]!) <= 15 * 60 * 2 ** -23)
  );
  // an axis that is only summed over, one operand
  const { values: spread } = await computed(
    "wasm",
    { x },
    ({ x }) => tf.grad((x) => tf.sum(tf.square(tf.einsum("abc->cb", x))))(x!),
  );
  const { values: summed } = await computed(
    "cpu",
    { x },
    ({ x }) => tf.grad((x) => tf.sum(tf.square(tf.sum(x, 0))))(x!),
  );
  spread.forEach((value, at) => assert.ok(Math.abs(value - summed[at]!) <= 2 * 8 * 2 ** -23));
});

backendTest("what tfjs refuses is refused", "wasm", () => {
  installTrainingKernels();
  const x = tf.zeros([2, 2]);
  assert.throws(() => tf.einsum("ii->i", x), /duplicate axes/);
  assert.throws(() => tf.einsum("ab,bc->ac", x, tf.zeros([3, 2])), /Expected dimension/);
  tf.disposeVariables();
});
