import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { adamf, type CommonOptions, momentum } from "@signalfit/tfjs";
import { counts } from "../support/backends.ts";
import { ENGINES } from "../support/engines.ts";
import { type Variables, variables } from "../support/quadratic.ts";
import { backendTest } from "../support/test.ts";

const SHAPES = [[7, 9], [9], [5], [2 ** 18 + 4]];
const N = 3;

/** Means of N gradients, as the accumulating optimizer has them. */
function means(set: Variables, step: number): Record<string, tf.Tensor> {
  const parts = Array.from({ length: N }, (_, i) => set.gradients(N * step + i));
  const result = Object.fromEntries(
    Object.keys(parts[0]!).map((name) => [
      name,
      tf.tidy(() =>
        tf.mul(
          parts.slice(1).reduce((sum, part) => tf.add(sum, part[name]!), parts[0]![name]!),
          1 / N,
        )
      ),
    ]),
  );
  tf.dispose(parts);
  return result;
}

const apply = (optimizer: tf.Optimizer, gradients: Record<string, tf.Tensor>) => {
  optimizer.applyGradients(gradients);
  tf.dispose(gradients);
};

const far = (a: Float32Array[], b: Float32Array[]) =>
  Math.max(
    ...a.map((values, i) => values.reduce((m, v, j) => Math.max(m, Math.abs(v - b[i]![j]!)), 0)),
  );

for (const { engine, backend } of ENGINES) {
  const test = (name: string, body: () => Promise<void>) =>
    backendTest(`${name}, ${engine} on ${backend}`, backend, async () => {
      const before = counts();
      await body();
      assert.deepEqual(counts(), before, "tensors are left behind");
    });

  for (const limit of [{}, { clipNorm: 0.5 }, { globalClipNorm: 0.5 }, { clipValue: 0.1 }]) {
    test(`${N} gradients make the step of their mean, ${JSON.stringify(limit)}`, async () => {
      const results: Float32Array[][] = [];
      const options: CommonOptions = { engine, learningRate: 0.01, ...limit };
      for (const gradientAccumulationSteps of [1, N]) {
        const set = variables(SHAPES);
        const optimizer = momentum({ ...options, gradientAccumulationSteps });
        const initial = await set.values();
        for (let step = 0; step < 2; step++) {
          if (gradientAccumulationSteps === 1) apply(optimizer, means(set, step));
          for (let i = 0; i < N && gradientAccumulationSteps > 1; i++) {
            apply(optimizer, set.gradients(N * step + i));
            assert.equal(optimizer.iterations, i === N - 1 ? step + 1 : step);
            assert.equal(optimizer.stepsOf("v0/bias"), i === N - 1 ? step + 1 : step);
            if (step === 0 && i === 1) assert.deepEqual(await set.values(), initial);
          }
        }
        await optimizer.check();
        results.push(await set.values());
        optimizer.dispose();
        set.dispose();
      }
      // Parameters of up to 5, each rounded twice; gradients of up to 5, each rounded 4 times.
      const worst = far(results[0]!, results[1]!);
      assert.ok(worst < 5 * 2 ** -22, `off by ${worst}`);
    });
  }

  test("a variable without the last gradient moves by what it had", async () => {
    const [x, y] = ["x", "y"].map((name) =>
      tf.tidy(() => tf.variable(tf.tensor1d([1, 1]), true, name))
    );
    const optimizer = adamf({ engine, learningRate: 0.5, gradientAccumulationSteps: 2 });
    apply(optimizer, { x: tf.tensor1d([2, 0]), y: tf.tensor1d([1, 1]) });
    apply(optimizer, { y: tf.tensor1d([1, 1]) });
    assert.equal(optimizer.stepsOf("x"), 1);
    const moved = [...await x!.data()];
    assert.ok(Math.abs(moved[0]! - 0.5) < 1e-6 && moved[1] === 1, `${moved}`);
    apply(optimizer, { y: tf.tensor1d([1, 1]) });
    apply(optimizer, { y: tf.tensor1d([1, 1]) });
    assert.deepEqual([...await x!.data()], moved);
    assert.equal(optimizer.stepsOf("x"), 1);
    tf.dispose([x!, y!]);
    optimizer.dispose();
  });

  test("a group that is not full is saved and goes on", async () => {
    const results: Float32Array[][] = [];
    const options = { engine, learningRate: 0.1, gradientAccumulationSteps: N, useEma: true };
    for (const isInterrupted of [false, true]) {
      const set = variables([[3, 4], [4]]);
      let optimizer = adamf(options);
      for (let call = 0; call < 2 * N; call++) {
        apply(optimizer, set.gradients(call));
        if (!isInterrupted || call !== N) continue;
        const saved = await optimizer.getWeights();
        const next = adamf(options);
        await next.setWeights(saved);
        optimizer.dispose();
        optimizer = next;
      }
      assert.equal(optimizer.iterations, 2);
      results.push(await set.values());
      await optimizer.swapIn();
      results.push(await set.values());
      optimizer.dispose();
      set.dispose();
    }
    assert.deepEqual(results.slice(2), results.slice(0, 2));
  });
}
