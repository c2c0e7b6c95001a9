import assert from "node:assert/strict";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { transposeBeforeMatMul } from "../../src/cli/lib/wasm_matmul.ts";

tf.enableProdMode();

/** `a` and `b` for each way to transpose, all with the product of a 3 x 5 and a 5 x 4 matrix. */
const CASES = [
  { transposeA: false, transposeB: false, a: [3, 5], b: [5, 4] },
  { transposeA: true, transposeB: false, a: [5, 3], b: [5, 4] },
  { transposeA: false, transposeB: true, a: [3, 5], b: [4, 5] },
  { transposeA: true, transposeB: true, a: [5, 3], b: [4, 5] },
  { transposeA: true, transposeB: true, a: [2, 5, 3], b: [2, 4, 5] },
  { transposeA: true, transposeB: false, a: [5, 1], b: [5, 4] },
  { transposeA: true, transposeB: false, a: [1, 3], b: [1, 4] },
] as const;

async function products(backend: string): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const results: Float32Array[] = [];
  for (const { transposeA, transposeB, a, b } of CASES) {
    const product = tf.tidy(() =>
      tf.matMul(
        tf.randomNormal([...a], 0, 1, "float32", 1),
        tf.randomNormal([...b], 0, 1, "float32", 2),
        transposeA,
        transposeB,
      )
    );
    results.push(await product.data<"float32">());
    product.dispose();
  }
  return results;
}

Deno.test("transposeBeforeMatMul() changes the speed of the product and nothing else", async () => {
  const expected = await products("cpu");
  const kernel = tf.getKernel("BatchMatMul", "wasm")!;
  try {
    await tf.setBackend("wasm");
    transposeBeforeMatMul();
    const buffers = tf.engine().backend.numDataIds();
    const found = await products("wasm");
    assert.equal(tf.engine().backend.numDataIds(), buffers, "a buffer was left behind");
    for (const [index, values] of found.entries()) {
      for (const [at, value] of values.entries()) {
        // Five products of numbers of size about 2, each with a rounding of 2^-24.
        const error = Math.abs(value - expected[index]![at]!);
        assert.ok(error <= 5 * 4 * 2 ** -23, `case ${index}, element ${at}: off by ${error}`);
      }
    }
  } finally {
    tf.unregisterKernel("BatchMatMul", "wasm");
    tf.registerKernel(kernel);
  }
});
