import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { sgdf } from "@signalfit/tfjs";
import { counts } from "../support/backends.ts";
import { ENGINES } from "../support/engines.ts";
import { variables } from "../support/quadratic.ts";
import { backendTest } from "../support/test.ts";

for (const { engine, backend } of ENGINES) {
  backendTest(`useEma averages the parameters, ${engine} on ${backend}`, backend, async () => {
    const before = counts();
    const set = variables([[7, 9], [9], [2 ** 18 + 4]]);
    const optimizer = sgdf({ engine, learningRate: 0.1, useEma: true, emaMomentum: 0.8 });
    let expected: Float64Array[] = [];
    for (let step = 0; step < 4; step++) {
      const gradients = set.gradients(step);
      optimizer.applyGradients(gradients);
      tf.dispose(gradients);
      const values = await set.values();
      expected = values.map((value, index) =>
        Float64Array.from(value, (v, i) => step === 0 ? v : 0.8 * expected[index]![i]! + 0.2 * v)
      );
    }
    const own = await set.values();
    await optimizer.swapIn();
    (await set.values()).forEach((values, index) =>
      values.forEach((value, i) =>
        assert.ok(Math.abs(value - expected[index]![i]!) < 4 * 2 ** -23 * 8, `${value}`)
      )
    );
    await assert.rejects(() => optimizer.swapIn(), /they are in already/);
    const gradients = set.gradients(9);
    assert.throws(
      () => optimizer.applyGradients(gradients),
      /Cannot apply gradients with SGDF: averages are swapped in; call swapOut\(\) first/,
    );
    tf.dispose(gradients);
    optimizer.swapOut();
    assert.deepEqual(await set.values(), own);
    assert.equal(optimizer.iterations, 4);
    optimizer.dispose();
    set.dispose();
    assert.deepEqual(counts(), before, "tensors are left behind");
  });
}

Deno.test("swapIn needs useEma; swapOut without it does nothing", async () => {
  const optimizer = sgdf();
  await assert.rejects(
    () => optimizer.swapIn(),
    /Cannot swap in averages of SGDF: useEma must be true, got false/,
  );
  optimizer.swapOut();
});
