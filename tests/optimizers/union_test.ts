import assert from "node:assert/strict";
import * as union from "@tensorflow/tfjs";
import * as core from "@tensorflow/tfjs-core";
import { RuleOptimizer, sgdf } from "@signalfit/tfjs";
import { useBackend } from "../support/backends.ts";

Deno.test("the union package and the single ones are one engine, and ours works in it", async () => {
  await useBackend("cpu");
  assert.equal(union.engine(), core.engine());
  assert.equal(union.Tensor, core.Tensor);
  assert.equal(union.Optimizer, core.Optimizer);
  const optimizer = sgdf({ learningRate: 0.2 });
  assert.ok(optimizer instanceof RuleOptimizer);

  const model = union.sequential({
    layers: [union.layers.dense({
      units: 1,
      inputShape: [1],
      kernelInitializer: "zeros",
    })],
  });
  model.compile({ optimizer, loss: "meanSquaredError" });
  const x = union.tensor2d([[-1], [0], [1], [2]]);
  const y = x.mul(2).sub(1); // chained operations exist only there
  const history = await model.fit(x, y, { epochs: 60, verbose: 0 });
  const losses = history.history.loss as number[];
  assert.ok(losses.at(-1)! < 1e-3 && losses[0]! > 1, `loss from ${losses[0]} to ${losses.at(-1)}`);
  assert.equal(optimizer.engine, "simd");
});
