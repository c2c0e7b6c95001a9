import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { adamf, adamw, filtered, sgdf } from "@signalfit/tfjs";
import {
  checkOptimizer,
  readOptimizer,
  writeOptimizer,
} from "../../src/optimizers/optimizer_state.ts";
import { counts } from "../support/backends.ts";
import { smallData, smallModel } from "../support/models.ts";
import { backendTest } from "../support/test.ts";

const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  "tf.train.adam": () => tf.train.adam(0.01),
  "filtered tf.train.adam": () => filtered(tf.train.adam(0.01)),
  adamf: () => adamf(),
  "filtered adamw": () => filtered(adamw()),
};

async function trained(create: () => tf.Optimizer) {
  const model = smallModel(), { xs, ys } = smallData(8);
  model.compile({ optimizer: create(), loss: "categoricalCrossentropy" });
  await model.fit(xs, ys, { epochs: 1, verbose: 0 });
  tf.dispose([xs, ys]);
  return model;
}

for (const [name, create] of Object.entries(OPTIMIZERS)) {
  const isByPosition = name.startsWith("tf.train"); // a filter around it keeps it by name

  backendTest(
    `${name}: weights in another order are ${isByPosition ? "refused" : "fine"}`,
    "cpu",
    async () => {
      const model = await trained(create);
      const { state, dispose } = await readOptimizer(model);
      checkOptimizer(model, state, (each) => each);
      const other = { ...state, trainable: state.trainable.toReversed() };
      const check = () => checkOptimizer(model, other, (each) => each);
      if (isByPosition) {
        assert.throws(check, /keeps its state by position, and weight 0 that it trained/);
      } else check();
      dispose();
      model.optimizer.dispose();
      model.dispose();
    },
  );

  backendTest(
    `${name}: taking up a state again and again leaves nothing behind`,
    "cpu",
    async () => {
      const [from, to] = [await trained(create), await trained(create)];
      const { state, tensors, dispose } = await readOptimizer(from);
      await writeOptimizer(to, state, tensors);
      const settled = counts();
      for (let i = 0; i < 3; i++) await writeOptimizer(to, state, tensors);
      assert.deepEqual(counts(), settled);
      dispose();
      for (const model of [from, to]) {
        model.optimizer.dispose();
        model.dispose();
      }
    },
  );
}

Deno.test("instanceof tells optimizers apart, where tfjs's own does not", async () => {
  const { Filtered, RuleOptimizer, SGDF } = await import("@signalfit/tfjs");
  const theirs = tf.train.sgd(0.1), ours = sgdf(), other = adamf();
  assert.ok(ours instanceof SGDF && ours instanceof RuleOptimizer && ours instanceof tf.Optimizer);
  assert.ok(
    !((theirs as unknown) instanceof RuleOptimizer) && !((theirs as unknown) instanceof Filtered),
  );
  assert.ok(!((other as unknown) instanceof SGDF) && other instanceof RuleOptimizer);
  assert.ok(filtered(adamw()) instanceof Filtered && theirs instanceof tf.Optimizer);
});
