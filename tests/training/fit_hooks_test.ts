import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { runLast, whenFitEnds } from "../../src/training/fit_hooks.ts";
import { useBackend } from "../support/backends.ts";
import { smallData, smallModel } from "../support/models.ts";

await useBackend("cpu");

/** Notes when it is called, and when the hooks are that it sets up. */
class Hooks extends tfl.Callback {
  constructor(readonly name: string, readonly order: string[], readonly fails = false) {
    super();
  }
  override onTrainBegin(): Promise<void> {
    const note = (what: string) => {
      this.order.push(`${this.name} ${what}`);
      return Promise.resolve();
    };
    whenFitEnds(this.model, () => void note("over"));
    runLast(this.model.history, {
      onBatchEnd: () => note("after batch"),
      onEpochEnd: (epoch, logs) => note(`after epoch ${epoch} ${Object.keys(logs)}`),
      onTrainEnd: () => note("after training"),
    });
    return Promise.resolve();
  }
  override onBatchEnd(): Promise<void> {
    this.order.push(`${this.name} batch`);
    return this.fails ? Promise.reject(new Error("on purpose")) : Promise.resolve();
  }
  override onEpochEnd(): Promise<void> {
    this.order.push(`${this.name} epoch`);
    return Promise.resolve();
  }
}

async function fit(callbacks: tfl.Callback[], model: tfl.LayersModel): Promise<void> {
  const { xs, ys } = smallData(4);
  await model.fit(xs, ys, { batchSize: 4, verbose: 0, callbacks });
  tf.dispose([xs, ys]);
}

Deno.test("fit hooks - come after all callbacks, in each fit anew", async () => {
  const model = smallModel(), order: string[] = [];
  model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
  const callbacks = [new Hooks("a", order), new Hooks("b", order)];
  for (let again = 0; again < 2; again++) {
    order.length = 0;
    await fit(callbacks, model);
    assert.deepEqual(order, [
      ...["a batch", "b batch", "a after batch", "b after batch"],
      ...["a epoch", "b epoch", "a after epoch 0 loss", "b after epoch 0 loss"],
      ...["a after training", "b after training"],
      ...["a over", "b over"],
    ]);
  }
  model.dispose();
});

Deno.test("fit hooks - the end is told of after an exception too, once, and the model is as it was", async () => {
  const model = smallModel(), order: string[] = [];
  model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
  await assert.rejects(() => fit([new Hooks("a", order, true)], model), /on purpose/);
  assert.deepEqual(order, ["a batch", "a over"]);
  const { model: inner } = model as unknown as { model: tfl.LayersModel };
  assert.deepEqual(Object.getOwnPropertyDescriptor(inner, "isTraining"), {
    value: false,
    writable: true,
    configurable: true,
    enumerable: true,
  });
  await fit([], model);
  assert.deepEqual(order, ["a batch", "a over"]);
  model.dispose();
});
