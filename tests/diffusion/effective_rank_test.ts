import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { effectiveRank, entropyRank } from "../../src/diffusion/diagnostics/effective_rank.ts";
import { gram } from "../../src/diffusion/numeric/gram.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";
import { assertClose, randomNormal } from "./golden.ts";

/** The rank of plain numbers. */
async function rankOf(rows: readonly (readonly number[])[]): Promise<number> {
  const features = tf.tensor2d(rows.map((row) => [...row]));
  try {
    return await effectiveRank(features);
  } finally {
    features.dispose();
  }
}

const axis = (d: number, j: number, size: number): number[] =>
  Array.from({ length: d }, (_, i) => i === j ? size : 0);

/** Pairs +-size e_j and a constant: sizes.length directions, singular values sqrt(2) size. */
function cross(sizes: readonly number[], d: number, offset = 0): number[][] {
  return sizes.flatMap((size, j) => [axis(d, j, size), axis(d, j, -size)])
    .map((row) => row.map((value) => value + offset));
}

const gaussian = (n: number, d: number, seed: number): number[][] => {
  const next = randomNormal(seed);
  return Array.from({ length: n }, () => Array.from({ length: d }, (_, j) => next() / (1 + j)));
};

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `effectiveRank - k orthogonal directions of equal size have rank k: ${backend}`,
    backend,
    async () => {
      const before = counts();
      for (const [k, d] of [[1, 1], [1, 40], [2, 2], [5, 8], [16, 16], [9, 300]] as const) {
        const sizes = new Array<number>(k).fill(3);
        assertClose(await rankOf(cross(sizes, d)), k, 1e-12, `${k} of ${d}`);
        assertClose(await rankOf(cross(sizes, d, 7)), k, 1e-12, `${k} of ${d}, off the origin`);
      }
      assert.deepEqual(counts(), before);
    },
  );
}

backendTest("effectiveRank - the formula, for known singular values", "cpu", async () => {
  for (const sizes of [[1, 3], [1, 1, 2], [8, 4, 2, 1], [1, 1e-3], [1, 1e-6]]) {
    const sum = sizes.reduce((a, b) => a + b), p = sizes.map((size) => size / sum);
    const expected = Math.exp(-p.reduce((entropy, x) => entropy + x * Math.log(x), 0));
    assertClose(await rankOf(cross(sizes, sizes.length)), expected, 1e-6, `${sizes}`);
    assertClose(entropyRank(sizes), expected, 1e-14, `${sizes}`);
  }
});

backendTest("effectiveRank - as NumPy 2.4.6 has it by numpy.linalg.svd", "cpu", async () => {
  for (const [n, d, expected] of [[12, 7, 5.073655560764089], [9, 40, 6.86125485601316]] as const) {
    const rows = Array.from(
      { length: n },
      (_, i) => Array.from({ length: d }, (_, j) => Math.sin((i + 1) * (j + 2)) / 2 ** (j % 5) + 3),
    );
    // The last bit of Math.sin is open, and with it that of the rounding to float32.
    assertClose(await rankOf(rows), expected, 1e-7, `${n} x ${d}`);
  }
});

backendTest(
  "effectiveRank - scale, shift, rotation, order and shape do not matter",
  "cpu",
  async () => {
    for (const [n, d] of [[30, 6], [6, 30]] as const) {
      const rows = gaussian(n, d, 5), rank = await rankOf(rows);
      assert.ok(rank > 2 && rank < Math.min(n, d), `${rank}`);
      const same = async (what: string, changed: number[][]) =>
        assertClose(await rankOf(changed), rank, 1e-5, `${what} of ${n} x ${d}`);
      // Powers of two change no digit; float32 covers 1e-45 to 3e38.
      await same("scale", rows.map((row) => row.map((value) => value * 2 ** 100)));
      await same("scale", rows.map((row) => row.map((value) => value * 2 ** -100)));
      await same("shift", rows.map((row) => row.map((value, j) => value + j)));
      await same("order", rows.toReversed().map((row) => row.toReversed()));
      const v = gaussian(1, d, 8)[0]!, h = v.reduce((sum, x) => sum + x * x, 0) / 2;
      await same(
        "reflection",
        rows.map((row) => {
          const along = row.reduce((sum, x, j) => sum + x * v[j]!, 0) / h;
          return row.map((x, j) => x - along * v[j]!);
        }),
      );
      const shaped = tf.tensor(rows.flat(), [n, d / 6, 2, 3]);
      assertClose(await effectiveRank(shaped), rank, 1e-12, "shape");
      shaped.dispose();
    }
  },
);

backendTest("effectiveRank - float32 rounding makes no rank", "cpu", async () => {
  // 200 samples in 400 dimensions that vary in one direction, rounded to float32 as they are.
  const next = randomNormal(2), direction = Array.from({ length: 400 }, next);
  const rows = Array.from({ length: 200 }, () => {
    const at = next();
    return direction.map((x) => 0.1 + at * x);
  });
  assertClose(await rankOf(rows), 1, 1e-3, "one direction");
});

backendTest("effectiveRank - what is constant has rank 0", "cpu", async () => {
  assert.equal(await rankOf([[0, 0], [0, 0]]), 0);
  assert.equal(await rankOf([[0.1, 3e30], [0.1, 3e30], [0.1, 3e30]]), 0);
  const jitter = [0.3, 0.3 + 2 ** -25, 0.3, 0.3 - 2 ** -25].map((x) => [x, 0.7]);
  assert.equal(await rankOf(jitter), 0, "but for the last bit");
  assertClose(await rankOf([[1e-40], [0]]), 1, 1e-12, "denormal features vary");
});

backendTest("effectiveRank - errors", "cpu", async () => {
  const rows: [tf.Tensor, RegExp][] = [
    [tf.zeros([1, 4]), /^RangeError: .* there must be at least 2 samples, got 1$/],
    [tf.zeros([0, 4]), /at least 2 samples, got 0/],
    [tf.zeros([4, 0]), /at least 1 feature, got 0/],
    [tf.zeros([4]), /features must have the shape \[n, ...\], got \[4\]/],
    [tf.tensor2d([[1], [NaN]]), /all features must be finite, got NaN/],
    [tf.tensor2d([[1], [-Infinity]]), /all features must be finite, got -Infinity/],
  ];
  const before = counts();
  for (const [features, message] of rows) await assert.rejects(effectiveRank(features), message);
  await assert.rejects(effectiveRank([[1]] as unknown as tf.Tensor), /must be a tensor, got 1/);
  assert.deepEqual(counts(), before);
  tf.dispose(rows.map(([features]) => features));
});

Deno.test("gram - all products, over more than one block", () => {
  const next = randomNormal(4);
  for (const length of [1, 3, 2048, 5003]) {
    const rows = Array.from({ length: 3 }, () => Float32Array.from({ length }, next));
    const products = gram(rows);
    for (const [i, x] of rows.entries()) {
      for (const [j, y] of rows.entries()) {
        const expected = x.reduce((sum, value, k) => sum + value * y[k]!, 0);
        assertClose(products[3 * i + j], expected, 0, `${i}, ${j}`, 2 ** -50 * length ** 1.5);
      }
    }
  }
  assert.equal(gram([]).length, 0);
});
