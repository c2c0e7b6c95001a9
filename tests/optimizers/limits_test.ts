import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { adamf, type CommonOptions, sgdf } from "@signalfit/tfjs";
import { counts } from "../support/backends.ts";
import { ENGINES } from "../support/engines.ts";
import { variables } from "../support/quadratic.ts";
import { backendTest } from "../support/test.ts";

/** Small ones, one without elements, and one that webgpu binds directly. */
const SHAPES = [[7, 9], [9], [5], [], [0], [2 ** 18 + 4]];
const STEPS = 3;

/** Trains with an option, and without it on gradients that `limit` has limited in float64. */
async function compare(
  options: CommonOptions,
  limit: (gradients: Float64Array[]) => Float64Array[],
  scale: number,
): Promise<{ worst: number; got: Float32Array[] }> {
  const before = counts();
  const results: Float32Array[][] = [];
  for (const isOurs of [true, false]) {
    const set = variables(SHAPES, 1, scale);
    const optimizer = sgdf({
      learningRate: 0.1,
      engine: options.engine!,
      ...isOurs ? options : {},
    });
    for (let step = 0; step < STEPS; step++) {
      const gradients = set.gradients(step);
      if (!isOurs) {
        const names = Object.keys(gradients);
        const values = await Promise.all(
          names.map(async (name) => Float64Array.from(await gradients[name]!.data())),
        );
        limit(values).forEach((value, index) => {
          const old = gradients[names[index]!]!;
          gradients[names[index]!] = tf.tensor(Float32Array.from(value), old.shape);
          old.dispose();
        });
      }
      optimizer.applyGradients(gradients);
      tf.dispose(gradients);
    }
    await optimizer.check();
    results.push(await set.values());
    optimizer.dispose();
    set.dispose();
  }
  assert.deepEqual(counts(), before, "tensors are left behind");
  const [got, expected] = results as [Float32Array[], Float32Array[]];
  let worst = 0;
  got.forEach((values, index) =>
    values.forEach((value, i) => {
      assert.ok(Number.isFinite(value));
      worst = Math.max(worst, Math.abs(value - expected[index]![i]!));
    })
  );
  return { worst: worst / scale, got };
}

const norm = (values: Float64Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
const scaled = (values: Float64Array, by: number) => values.map((value) => value * by);

for (const { engine, backend } of ENGINES) {
  const test = (name: string, body: () => Promise<void>) =>
    backendTest(`${name}, ${engine} on ${backend}`, backend, body);

  test("clipValue limits each element", async () => {
    const { worst } = await compare(
      { engine, clipValue: 0.5 },
      (gradients) => gradients.map((g) => g.map((v) => Math.min(0.5, Math.max(-0.5, v)))),
      1,
    );
    assert.equal(worst, 0);
  });

  // A sum of n squares in float32, added in pairs or in chunks, is off by a few units in the last place.
  for (const scale of [1, 1e-12, 1e25]) {
    test(`clipNorm limits each variable's norm, gradients of ${scale}`, async () => {
      const limit = 2 * scale;
      const { worst } = await compare(
        { engine, clipNorm: limit },
        (gradients) => gradients.map((g) => scaled(g, Math.min(1, limit / norm(g)))),
        scale,
      );
      assert.ok(worst < 64 * 2 ** -23, `off by ${worst}`);
    });

    test(`globalClipNorm limits all together, gradients of ${scale}`, async () => {
      const limit = 3 * scale;
      const { worst } = await compare(
        { engine, globalClipNorm: limit },
        (gradients) => {
          const all = Math.hypot(...gradients.map(norm));
          return gradients.map((g) => scaled(g, Math.min(1, limit / all)));
        },
        scale,
      );
      assert.ok(worst < 64 * 2 ** -23, `off by ${worst}`);
    });
  }

  test("a norm within its limit changes nothing, to the last bit; nor does a norm of 0", async () => {
    const { worst } = await compare({ engine, globalClipNorm: 1e4 }, (gradients) => gradients, 1);
    assert.equal(worst, 0);
    const x = tf.tidy(() => tf.variable(tf.tensor1d([1, 2]), true, "x"));
    const optimizer = adamf({ engine, clipNorm: 1 });
    const gradients = { x: tf.zeros([2]) };
    optimizer.applyGradients(gradients);
    assert.deepEqual([...await x.data()], [1, 2]);
    tf.dispose([x, gradients]);
    optimizer.dispose();
  });
}

Deno.test("only one limit may be given", () => {
  assert.throws(() => sgdf({ clipNorm: 1, clipValue: 2 }), {
    name: "RangeError",
    message:
      "Cannot create SGDF: at most one of clipValue, clipNorm and globalClipNorm must be given, " +
      "got clipValue 2 and clipNorm 1",
  });
});
