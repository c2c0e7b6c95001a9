import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { backendTest } from "../support/test.ts";
import { assertLikeCpu, hash, property } from "./against_cpu.ts";

const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1e-8, -1e-8, 1e-40, 3e38, 1, -1, 6, 0.5];

/** Numbers among which the special ones are frequent, so that they meet. */
function mixed(shape: readonly number[], seed: number) {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Array.from({ length: size }, (_, index) => {
    const at = hash(seed, index);
    return at < 0.5 ? SPECIAL[Math.floor(at * 2 * SPECIAL.length)]! : Math.fround(16 * at - 12);
  });
  return { shape, values };
}

const PAIRS = {
  maximum: tf.maximum,
  minimum: tf.minimum,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  equal: tf.equal,
  notEqual: tf.notEqual,
};

const SHAPES = [[[], []], [[7], [7]], [[5, 7], []], [[], [3, 8]], [[4, 1, 3], [1, 1]], [[5, 1], [
  5,
]], [[0], [1]]];

for (const [name, operation] of Object.entries(PAIRS)) {
  backendTest(
    `${name} is that of the cpu backend, special numbers included`,
    "wasm",
    () =>
      property(
        fc.record({ shapes: fc.constantFrom(...SHAPES), seed: fc.integer() }),
        ({ shapes, seed }) =>
          assertLikeCpu(
            { a: mixed(shapes[0]!, seed), b: mixed(shapes[1]!, seed + 1) },
            ({ a, b }) => operation(a!, b!),
            0,
          ),
      ),
  );
}

const SINGLES: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  clipByValue: (x) => tf.clipByValue(x, -0.5, 2),
  relu6: tf.relu6,
  sign: tf.sign,
  leakyRelu: (x) => tf.leakyRelu(x, 0.3),
};

for (const [name, operation] of Object.entries(SINGLES)) {
  backendTest(
    `${name} is that of the cpu backend, special numbers included`,
    "wasm",
    () =>
      property(fc.record({ length: fc.nat(40), seed: fc.integer() }), ({ length, seed }) =>
        // a product of leakyRelu is rounded once
        assertLikeCpu({ x: mixed([length], seed) }, ({ x }) => operation(x!), 0)),
  );
}

backendTest(
  "logicalAnd is that of the cpu backend",
  "wasm",
  () =>
    property(
      fc.record({ length: fc.nat(40), seed: fc.integer() }),
      ({ length, seed }) =>
        assertLikeCpu(
          { a: mixed([length], seed), b: mixed([length], seed + 1) },
          ({ a, b }) => tf.tidy(() => tf.logicalAnd(tf.greater(a!, 0), tf.less(b!, 1))),
          0,
        ),
    ),
);
