import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { adamf, momentum } from "@signalfit/tfjs";
import { counts, useBackend } from "../support/backends.ts";
import { smallData, smallModel } from "../support/models.ts";
import { backendTest } from "../support/test.ts";

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test(`describe tells variables, steps, state and the speed of engines, on ${backend}`, async () => {
    await useBackend(backend);
    const { xs, ys } = smallData(32);
    const model = smallModel(`on_${backend}`);
    const optimizer = adamf({ learningRate: 0.02, weightDecay: 0.1 });
    model.compile({ optimizer, loss: "categoricalCrossentropy" });
    await model.fit(xs, ys, { epochs: 1, batchSize: 16, verbose: 0 });
    const before = counts();
    const variables = model.trainableWeights.map((weight) => weight.read());
    const description = optimizer.describe(variables);
    assert.deepEqual(counts(), before);
    assert.equal(description.engine, optimizer.engine);
    assert.deepEqual(description.variables[0], {
      variable: `on_${backend}_hidden/kernel`,
      group: "",
      shape: [4, 8],
      parameters: 32,
      steps: 2,
      learningRate: 0.02,
      weightDecay: 0.1,
      stateBytes: 3 * 4 * 32,
    });
    const engines = description.speeds.map(({ engine }) => engine);
    assert.deepEqual(engines.toSorted(), ["loop", "portable", "simd"]);
    assert.ok(description.speeds.every(({ milliseconds }) => milliseconds > 0));
    const lines = String(description).split("\n");
    assert.match(lines[0]!, /^AdamF on the simd engine, [\d.e+]+ times as fast as \w+, /);
    assert.match(lines[2]!, /^on_\w+_hidden\/kernel +\[4,8\] +32 +2 +0\.02 +0\.1 +384$/);
    const bytes = description.variables.reduce((sum, { stateBytes }) => sum + stateBytes, 0);
    assert.equal(description.heldBytes, bytes);
    assert.equal(lines.at(-1), `state held now: ${bytes} bytes, beside those of tf.memory()`);
    assert.equal(lines.length, 2 + 4 + 1);
    const weights = await optimizer.getWeights();
    await optimizer.setWeights(weights);
    assert.equal(optimizer.stateBytes, bytes, "waiting");
    model.dispose();
    optimizer.dispose();
    assert.equal(optimizer.stateBytes, 0);
    tf.dispose([xs, ys]);
  });
}

backendTest("on webgpu, describe measures nothing and reads nothing", "webgpu", () => {
  const x = tf.tidy(() => tf.variable(tf.zeros([3]), true, "x"));
  const optimizer = momentum({});
  const description = optimizer.describe([x]);
  assert.deepEqual(description.speeds, []);
  assert.match(String(description), /^SignalfitMomentum on the webgpu engine\nvariable/);
  x.dispose();
  optimizer.dispose();
});
