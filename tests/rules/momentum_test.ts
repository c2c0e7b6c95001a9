import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { momentum } from "../../src/rules/momentum.ts";
import { float32 } from "../../src/expr/numbers.ts";
import { Oracle } from "../../cli/doctor/oracle.ts";
import { CARRIERS, moderate, sequence, USUAL } from "./carriers.ts";
import { noisyGradients, stepsOfTfjs } from "./reference_steps.ts";

const forms = fc.record({
  decay: fc.constantFrom("none", "coupled", "decoupled"),
  nesterov: fc.boolean(),
});

Deno.test("float64: momentum and Nesterov are their recursion, written by hand", () => {
  const float64 = CARRIERS[0]!;
  const gradients = sequence(moderate(float64));
  const share = fc.double({ min: 0, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(gradients, share, forms, (gradients, share, { decay, nesterov }) => {
      const hyper = { learningRate: 0.1, momentum: share, weightDecay: 0.05 };
      const oracle = new Oracle(momentum({ decay, nesterov }), [0.5]);
      let param = 0.5;
      let velocity = 0;
      for (const gradient of gradients) {
        oracle.update(hyper, [gradient]);
        const g = decay === "coupled" ? gradient + 0.05 * param : gradient;
        if (decay === "decoupled") param *= 1 - 0.1 * 0.05;
        velocity = share * velocity + g;
        param -= 0.1 * (nesterov ? g + share * velocity : velocity);
        assert.deepEqual([oracle.param, oracle.get("velocity")], [[param], [velocity]]);
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("the velocity is the sum of the gradients, the older the less", () => {
  const gradients = [3, -1, 4, 1, -5];
  const oracle = new Oracle(momentum({ decay: "none", nesterov: false }), [0]);
  for (const gradient of gradients) oracle.update({ ...USUAL, momentum: 0.5 }, [gradient]);
  assert.deepEqual(oracle.get("velocity"), [3 / 16 - 1 / 8 + 4 / 4 + 1 / 2 - 5]); // exact in binary
});

for (const nesterov of [false, true]) {
  Deno.test(`float32: momentum is tf.train.momentum, nesterov ${nesterov}`, async () => {
    const init = Float32Array.of(1, -2, 0.5, 0, 3);
    const gradients = noisyGradients(20, init.length, 2);
    const theirs = await stepsOfTfjs(
      () => tf.train.momentum(0.1, 0.9, nesterov),
      init,
      gradients,
    );
    const ours = new Oracle(momentum({ decay: "none", nesterov }), init, float32);
    gradients.forEach((gradient, step) => {
      ours.update(USUAL, gradient);
      // The same operations in the same order, on float32 numbers.
      assert.deepEqual(Float32Array.from(ours.param), theirs[step]);
    });
  });
}
