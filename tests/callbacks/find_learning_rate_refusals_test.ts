import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { findLearningRate } from "@signalfit/tfjs";
import { counts } from "../support/backends.ts";
import { smallData, smallModel, weightsOf } from "../support/models.ts";
import { backendTest } from "../support/test.ts";
import { dataset } from "./fixtures.ts";

backendTest(
  "findLearningRate() - neither while fitting nor beside another one",
  "cpu",
  async () => {
    const data = smallData(16), model = smallModel("busy");
    const find = () => findLearningRate(model, [data.xs, data.ys], { steps: 10 });
    await assert.rejects(
      find,
      /^Error: Cannot find a learning rate: the model must be compiled first/,
    );
    model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
    const fit = (onBatchBegin?: () => Promise<void>) =>
      model.fit(data.xs, data.ys, {
        verbose: 0,
        callbacks: new tfl.CustomCallback({ onBatchBegin }),
      });
    await fit(async () => {
      await assert.rejects(find, /Cannot find a learning rate: the model is being fitted/);
    });
    const [first, second, third] = await Promise.allSettled([find(), find(), fit()]);
    assert.equal(first.status, "fulfilled");
    assert.equal(second.status, "rejected");
    assert.equal(third.status, "rejected");
    await fit();
  },
);

backendTest(
  "findLearningRate() - a callback that fails, and training that was to stop",
  "cpu",
  async () => {
    const data = smallData(16), model = smallModel("fails");
    model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
    class Fails extends tfl.Callback {
      override onBatchEnd(batch: number): Promise<void> {
        this.model.stopTraining = true;
        return batch < 3 ? Promise.resolve() : Promise.reject(new Error("on purpose"));
      }
    }
    model.stopTraining = false;
    const weights = await weightsOf(model), { optimizer } = model, standing = counts();
    const find = () => findLearningRate(model, [data.xs, data.ys], { callbacks: [new Fails()] });
    await assert.rejects(find, /on purpose/);
    assert.equal(model.stopTraining, false);
    assert.equal(model.optimizer, optimizer);
    assert.deepEqual(await weightsOf(model), weights);
    assert.deepEqual(counts(), standing);
  },
);

/** An optimizer of somebody else's, which cannot give its state. */
class Stranger extends tf.Optimizer {
  readonly rate = tf.scalar(0.1);
  static get className(): string {
    return "StrangerOfTest";
  }
  override applyGradients(): void {}
  override dispose(): void {
    this.rate.dispose();
  }
  override getConfig(): tf.serialization.ConfigDict {
    return {};
  }
}

backendTest("findLearningRate() - data and optimizers that it cannot take", "cpu", async () => {
  const data = smallData(16), model = smallModel("bad");
  model.compile({ optimizer: tf.train.sgd(0.1), loss: "categoricalCrossentropy" });
  const standing = counts(), weights = await weightsOf(model);
  const find = (given: unknown) => () => findLearningRate(model, given as [tf.Tensor, tf.Tensor]);
  const shape =
    /^TypeError: Cannot find a learning rate: data must be \[x, y\] with tensors, or a data/;
  for (const bad of [undefined, null, 3, {}, [], [data.xs]]) await assert.rejects(find(bad), shape);
  await assert.rejects(find([data.xs, data.xs]), /expected dense|shape|to have/i);
  await assert.rejects(
    find(dataset(0, () => ({ xs: data.xs, ys: data.ys }))),
    /^Error: Cannot find a learning rate: the data set has no batch/,
  );
  await assert.rejects(
    find(dataset(1, () => ({ xs: { other: tf.ones([2, 4]) }, ys: tf.ones([2, 3]) }))),
    /a batch must be \{ xs, ys \} with the inputs bad_hidden_input, got 0 of 1/,
  );
  assert.deepEqual(counts(), standing);
  assert.deepEqual(await weightsOf(model), weights);

  const optimizer = new Stranger();
  model.compile({ optimizer, loss: "categoricalCrossentropy" });
  const before = counts();
  await assert.rejects(find([data.xs, data.ys]), /getWeights\(\) is not implemented/);
  assert.equal(model.optimizer, optimizer);
  assert.deepEqual(counts(), before);
});

Deno.test("findLearningRate() - options are checked", async () => {
  const model = undefined as never, data = undefined as never;
  const bad: Record<string, [rule: string, values: unknown[]]> = {
    minRate: ["must be a finite number > 0", [0, -1, NaN, "1"]],
    maxRate: ["must be a finite number > 0", [0, -1, Infinity]],
    steps: ["must be a whole number >= 10", [9, 10.5, NaN, "20"]],
    batchSize: ["must be a whole number >= 1", [0, 1.5, "8"]],
    shuffle: ["must be true or false", [1, "no"]],
    seed: ["must be a whole number >= 0", [-1, 0.5]],
    smoothing: ["must be in [0, 1)", [1, -0.1, NaN]],
    divergence: ["must be a finite number > 1", [1, 0, NaN, Infinity]],
    callbacks: ["must be a list of class callbacks", [{}, [{}], [new Map()], null]],
  };
  for (const [name, [rule, values]] of Object.entries(bad)) {
    for (const value of values) {
      await assert.rejects(findLearningRate(model, data, { [name]: value }), (error: unknown) => {
        const start = `Cannot create a learning rate sweep: ${name} ${rule}, got `;
        return error instanceof RangeError && error.message.startsWith(start);
      });
    }
  }
  await assert.rejects(findLearningRate(model, data, { minRate: 1, maxRate: 1 }), {
    name: "RangeError",
    message: "Cannot create a learning rate sweep: maxRate must be above minRate, 1, got 1",
  });
  await assert.rejects(
    findLearningRate(model, data, { step: 10 } as never),
    /unknown option "step"; did you mean "steps"\?/,
  );
});
