import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import {
  adabelief,
  adamf,
  adamw,
  lion,
  momentum,
  nadam,
  radam,
  rmsprop,
  type RuleOptimizer,
  sgdf,
} from "@signalfit/tfjs";
import type { CommonOptions } from "@signalfit/tfjs";
import { counts } from "../support/backends.ts";
import { ENGINES } from "../support/engines.ts";
import { backendTest } from "../support/test.ts";

const FACTORIES: Record<string, (options: CommonOptions) => RuleOptimizer> = {
  sgdf,
  adamf,
  adamw,
  momentum,
};
/** These differ from the others in their rule alone: one engine each, by turns. */
const ON_ONE_ENGINE: typeof FACTORIES = { nadam, radam, adabelief, rmsprop, lion };

const vector = (values: number[], name: string) => variable(() => tf.tensor1d(values), name);

/** A variable whose initial tensor is not left behind. */
function variable(initial: () => tf.Tensor, name: string, trainable = true): tf.Variable {
  return tf.tidy(() => tf.variable(initial(), trainable, name));
}

const numbers = (tensors: tf.Tensor[]) =>
  Promise.all(tensors.map(async (tensor) => [...await tensor.data()]));

for (const [index, { engine, backend }] of ENGINES.entries()) {
  const others = Object.entries(ON_ONE_ENGINE).slice(index, index + 1);
  const test = (name: string, body: () => Promise<void> | void) =>
    backendTest(`${name}, ${engine} on ${backend}`, backend, async () => {
      const before = counts();
      await body();
      assert.deepEqual(counts(), before, "tensors are left behind");
    });

  for (const [name, factory] of [...Object.entries(FACTORIES), ...others]) {
    test(`${name} minimizes a quadratic and keeps its books`, async () => {
      const x = vector([3, -4], "x");
      const optimizer = factory({ learningRate: 0.05, engine });
      const loss = () => tf.sum(tf.square(x)) as tf.Scalar;
      const first = optimizer.minimize(loss, true)!;
      const initial = (await first.data())[0]!;
      first.dispose();
      const settled = counts();
      for (let step = 0; step < 150; step++) assert.equal(optimizer.minimize(loss), null);
      assert.deepEqual(counts(), settled, "a step leaves tensors behind");
      const cost = optimizer.minimize(loss, true)!;
      assert.ok((await cost.data())[0]! < initial / 4);
      assert.equal(optimizer.iterations, 152);
      assert.equal(optimizer.stepsOf("x"), 152);
      assert.equal(optimizer.engine, engine);
      cost.dispose();
      x.dispose();
      optimizer.dispose();
    });
  }

  test("gradients as map, as list and from variableGrads make the same step", async () => {
    const results: number[][] = [];
    for (const way of ["map", "list", "variableGrads", "minimize"]) {
      const [a, b] = [vector([1, 2], "a"), vector([3], "b")];
      const loss = () => tf.add(tf.sum(tf.square(a)), tf.mul(3, tf.sum(tf.square(b)))) as tf.Scalar;
      const optimizer = sgdf({ learningRate: 0.1, engine });
      for (let step = 0; step < 3; step++) {
        if (way === "minimize") {
          optimizer.minimize(loss, false, [b, a]);
          continue;
        }
        const { value, grads } = tf.variableGrads(loss);
        const named = Object.entries(grads).map(([name, tensor]) => ({ name, tensor }));
        optimizer.applyGradients(way === "list" ? named.reverse() : grads);
        tf.dispose([value, grads]);
      }
      results.push([...await a.data(), ...await b.data()]);
      tf.dispose([a, b]);
      optimizer.dispose();
    }
    for (const result of results) assert.deepEqual(result, results[0]);
  });

  test("a variable without a gradient does not move and its count stays", async () => {
    const [a, b] = [vector([1], "a"), vector([1], "b")];
    const optimizer = adamf({ learningRate: 0.1, engine });
    const gradient = tf.tensor1d([1]);
    const step = (tensors: Record<string, tf.Tensor | null>) => optimizer.applyGradients(tensors);
    step({ a: gradient, b: gradient });
    const frozen = await snapshot();
    step({ a: gradient, b: null });
    step({ a: gradient });
    optimizer.minimize(() => tf.sum(a) as tf.Scalar, false, [a, b]);
    assert.deepEqual(await snapshot(), frozen);
    assert.deepEqual([optimizer.stepsOf("a"), optimizer.stepsOf("b")], [4, 1]);
    step({ b: gradient });
    assert.equal(optimizer.stepsOf("b"), 2);
    tf.dispose([a, b, gradient]);
    optimizer.dispose();

    async function snapshot() {
      const weights = (await optimizer.getWeights()).filter(({ name }) => name.startsWith("b/"));
      return numbers([b, ...weights.map(({ tensor }) => tensor)]);
    }
  });

  test("setters take effect at the next step and check their value", async () => {
    const x = vector([0], "x");
    const optimizer = sgdf({ learningRate: 1, engine });
    const gradient = tf.tensor1d([1]);
    const step = async () => {
      const before = (await x.data())[0]!;
      optimizer.applyGradients({ x: gradient });
      return before - (await x.data())[0]!;
    };
    const close = (actual: number, expected: number) =>
      assert.ok(Math.abs(actual - expected) <= 4 * 2 ** -23, `${actual} instead of ${expected}`);
    close(await step(), 1);
    optimizer.learningRate = 0.25;
    close(await step(), 0.25);
    optimizer.weightDecay = 0.5; // coupled: the gradient becomes 1 + 0.5 * (-1.25)
    optimizer.beta1 = 0; // the filter passes everything
    close(await step(), 0.25 * (1 - 0.625));
    for (const name of ["learningRate", "beta1", "beta2", "epsilon", "gamma", "weightDecay"]) {
      const set = (value: number) => Object.assign(optimizer, { [name]: value });
      assert.throws(() => set(NaN), new RegExp(`^RangeError: Cannot change SGDF: ${name} must be`));
      assert.throws(() => set(-1), RangeError);
    }
    assert.equal(optimizer.learningRate, 0.25);
    assert.equal(optimizer.gamma, 0.5);
    tf.dispose([x, gradient]);
    optimizer.dispose();
  });

  test("clones, reshapes and pending reads keep the old values", async () => {
    const x = vector([1, 2, 3, 4], "x");
    const optimizer = adamw({ engine });
    const gradient = tf.ones([4]);
    const [clone, reshaped] = [tf.clone(x), tf.reshape(x, [2, 2])];
    const pending = x.data();
    const synchronous = backend === "webgpu" ? await clone.data() : x.dataSync();
    for (let step = 0; step < 3; step++) optimizer.applyGradients({ x: gradient });
    for (const values of [await clone.data(), await reshaped.data(), await pending, synchronous]) {
      assert.deepEqual([...values], [1, 2, 3, 4]);
    }
    assert.ok((await x.data()).every((value, i) => value < i + 1));
    tf.dispose([x, gradient, clone, reshaped]);
    optimizer.dispose();
  });

  test("an error inside the minimized function leaves no tensor and no step", async () => {
    const x = vector([1], "x");
    const optimizer = sgdf({ engine });
    assert.throws(() =>
      optimizer.minimize(() => {
        tf.square(x);
        throw new Error("in the middle");
      }), /in the middle/);
    assert.equal(optimizer.iterations, 0);
    assert.deepEqual([...await x.data()], [1]);
    x.dispose();
    optimizer.dispose();
  });

  test("a gradient that does not fit is refused before anything changes", async () => {
    const [x, y] = [vector([1, 2], "x"), vector([1, 2], "wide")];
    const fixed = variable(() => tf.tensor1d([1]), "fixed", false);
    const whole = variable(() => tf.tensor1d([1], "int32"), "whole");
    const optimizer = sgdf({ engine });
    const tensors = {
      good: tf.tensor1d([1, 1]),
      long: tf.tensor1d([1, 1, 1]),
      int: tf.tensor1d([1, 1], "int32"),
      one: tf.tensor1d([1]),
      gone: tf.tensor1d([1, 1]),
    };
    tensors.gone.dispose();
    optimizer.applyGradients({ x: tensors.good, wide: tensors.good });
    const before = await everything();
    const refused = (gradients: Parameters<typeof optimizer.applyGradients>[0], why: RegExp) =>
      assert.throws(() => optimizer.applyGradients(gradients), why);
    refused({ x: tensors.good, wide: tensors.long }, /"wide" must have .* shape \[2\], got \[3\]/);
    refused({ x: tensors.good, wide: tensors.int }, /"wide" must be float32, got int32/);
    refused({ x: tensors.good, wide: tensors.gone }, /"wide" is disposed/);
    refused({ x: tensors.good, wode: tensors.good }, /"wode" is no variable; did you mean "wide"/);
    refused({ x: tensors.good, constructor: tensors.good }, /"constructor" is no variable/);
    refused({ x: tensors.good, fixed: tensors.one }, /"fixed" is not trainable/);
    refused({ x: tensors.good, whole: tensors.one }, /"whole" must be float32, got int32/);
    const twice = { name: "x", tensor: tensors.good };
    refused([twice, twice], /"x" has two gradients/);
    assert.deepEqual(await everything(), before);
    tf.dispose([x, y, fixed, whole, tensors.good, tensors.long, tensors.int, tensors.one]);
    optimizer.dispose();

    async function everything() {
      const weights = (await optimizer.getWeights()).map(({ tensor }) => tensor);
      return numbers([x, y, ...weights]);
    }
  });

  test("a variable that comes back with another shape is refused", () => {
    const optimizer = sgdf({ engine });
    const gradients = [tf.ones([2]), tf.ones([3])];
    const first = vector([1, 2], "x");
    optimizer.applyGradients({ x: gradients[0]! });
    first.dispose();
    const second = vector([1, 2, 3], "x");
    assert.throws(
      () => optimizer.applyGradients({ x: gradients[1]! }),
      /Cannot update "x": its state was kept for shape \[2\], the variable has shape \[3\]/,
    );
    optimizer.dispose();
    optimizer.applyGradients({ x: gradients[1]! }); // anew after dispose
    tf.dispose([second, ...gradients]);
    optimizer.dispose();
  });

  for (const bad of [NaN, Infinity, -Infinity]) {
    test(`a gradient with ${bad}: error, skip, propagate`, async () => {
      const [x, y] = [vector([1, 2], "x"), vector([1], "y")];
      const [good, broken] = [tf.tensor1d([1]), tf.tensor1d([0, bad])];
      const gradients = { y: good, x: broken };

      const strict = sgdf({ onNonFinite: "error", engine });
      if (backend === "webgpu") {
        assert.throws(
          () => strict.applyGradients(gradients),
          /onNonFinite must be "propagate" there/,
        );
        assert.deepEqual(await numbers([x, y]), [[1, 2], [1]]);
        tf.dispose([x, y, good, broken]);
        return;
      }
      assert.throws(
        () => strict.applyGradients(gradients),
        new RegExp(`"x" must be finite \\(onNonFinite: "error"\\), got ${bad}`),
      );
      const skipping = sgdf({ onNonFinite: "skip", engine });
      skipping.applyGradients(gradients);
      assert.equal(skipping.skippedSteps, 1);
      for (const optimizer of [strict, skipping]) {
        assert.equal(optimizer.iterations, 0);
        assert.equal(optimizer.stepsOf("y"), 0);
        assert.equal((await optimizer.getWeights()).length, 1);
      }
      assert.deepEqual(await numbers([x, y]), [[1, 2], [1]]);

      const open = sgdf({ engine });
      open.applyGradients(gradients);
      const [[first, second], [third]] = await numbers([x, y]) as [number[], number[]];
      assert.deepEqual([first, second, third].map(Number.isFinite), [true, false, true]);
      assert.equal(open.iterations, 1);
      tf.dispose([x, y, good, broken]);
      [strict, skipping, open].forEach((optimizer) => optimizer.dispose());
    });
  }

  test("variables without elements and scalars are updated", async () => {
    const empty = variable(() => tf.zeros([0, 3]), "empty");
    const scalar = variable(() => tf.scalar(2), "scalar");
    const gradients = { empty: tf.zeros([0, 3]), scalar: tf.scalar(1) };
    const optimizer = sgdf({ learningRate: 0.5, engine });
    optimizer.applyGradients(gradients);
    assert.equal((await scalar.data())[0], 1.5);
    assert.equal(optimizer.stepsOf("empty"), 1);
    tf.dispose([empty, scalar, gradients]);
    optimizer.dispose();
  });
}
