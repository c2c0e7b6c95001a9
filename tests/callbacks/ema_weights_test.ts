import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { EmaWeights, type EmaWeightsState } from "../../callbacks/ema_weights.ts";
import { assertAllClose } from "../diffusion/golden.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { smallData, smallModel, weightsOf } from "../support/models.ts";
import { backendTest } from "../support/test.ts";

const ROWS = 20, BATCH = 4, STEPS = 5;

function compiled(prefix = "ema"): { model: tfl.Sequential; optimizer: tf.Optimizer } {
  const model = smallModel(prefix), optimizer = tf.train.sgd(0.1);
  model.compile({ optimizer, loss: "categoricalCrossentropy" });
  return { model, optimizer };
}

/** Notes the weights after each batch. */
class Trace extends tfl.Callback {
  readonly weights: number[][][] = [];
  override async onBatchEnd(): Promise<void> {
    this.weights.push(await weightsOf(this.model));
  }
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `EmaWeights - the average of the weights, with and without warm-up: ${backend}`,
    backend,
    async () => {
      const before = counts();
      const data = smallData(ROWS);
      for (const [warmup, updateEvery] of [[true, 1], [false, 1], [false, 2]] as const) {
        const { model, optimizer } = compiled();
        const ema = new EmaWeights({ decay: 0.9, warmup, updateEvery });
        const trace = new Trace(), start = await weightsOf(model);
        const fit = { epochs: 1, batchSize: BATCH, verbose: 0, callbacks: [trace, ema] };
        await model.fit(data.xs, data.ys, fit);
        await model.fit(data.xs, data.ys, fit); // goes on
        let updates = 0;
        const expected = start.map((values) => [...values]);
        trace.weights.forEach((weights, batch) => {
          if ((batch + 1) % updateEvery !== 0) return;
          const full = 0.9 ** updateEvery, n = updates++;
          const keep = warmup ? Math.min(full, (1 + n) / (10 + n)) : full;
          weights.forEach((values, w) =>
            values.forEach((value, i) =>
              expected[w]![i] = keep * expected[w]![i]! + (1 - keep) * value
            )
          );
        });
        assert.equal(ema.updates, Math.floor(2 * STEPS / updateEvery));
        const own = await weightsOf(model);
        ema.swapIn();
        assert.equal(ema.isSwappedIn, true);
        // Ten updates, each rounding a few times.
        const inside = await weightsOf(model);
        inside.forEach((values, w) =>
          assertAllClose(values, expected[w]!, 0, `weight ${w}`, 40 * 2 ** -24)
        );
        ema.swapOut();
        assert.deepEqual(await weightsOf(model), own);
        ema.dispose();
        model.dispose();
        optimizer.dispose();
      }
      tf.dispose([data.xs, data.ys]);
      assert.deepEqual(counts(), before);
    },
  );

  backendTest(
    `EmaWeights - swapping in and training on change neither: ${backend}`,
    backend,
    async () => {
      const data = smallData(ROWS);
      const run = async (looks: boolean) => {
        const { model, optimizer } = compiled();
        const ema = new EmaWeights({ decay: 0.8 });
        for (let round = 0; round < 3; round++) {
          await model.fit(data.xs, data.ys, {
            batchSize: BATCH,
            shuffle: false,
            verbose: 0,
            callbacks: [ema],
          });
          if (looks) {
            await ema.run(async () => {
              tf.dispose(model.predict(data.xs));
              await Promise.resolve();
            });
          }
        }
        const averages = await ema.run(() => weightsOf(model));
        const result = [await weightsOf(model), averages];
        ema.dispose();
        model.dispose();
        optimizer.dispose();
        return result;
      };
      assert.deepEqual(await run(true), await run(false));
      tf.dispose([data.xs, data.ys]);
    },
  );
}

backendTest("EmaWeights - validation with the averages stands in the history", "cpu", async () => {
  const data = smallData(ROWS), { model } = compiled();
  const standing = counts();
  const validationData: [tf.Tensor, tf.Tensor] = [data.xs, data.ys];
  const ema = new EmaWeights({ decay: 0, warmup: false, validationData, validationBatchSize: 7 });
  const stop = tfl.callbacks.earlyStopping({ monitor: "ema_val_loss", patience: 0, minDelta: 9 });
  const { history } = await model.fit(data.xs, data.ys, {
    epochs: 5,
    batchSize: BATCH,
    verbose: 0,
    callbacks: [ema, stop],
    validationData,
  });
  const [own, averaged] = [history.val_loss as number[], history.ema_val_loss as number[]];
  assert.equal(averaged.length, 2, "stopped by what it watches");
  averaged.forEach((value, i) => assert.ok(Math.abs(value - own[i]!) < 1e-6, "decay 0"));
  ema.dispose();
  assert.equal(counts().tensors, standing.tensors);
});

backendTest("EmaWeights - saved and restored, under a name with a suffix too", "cpu", async () => {
  const data = smallData(ROWS), first = compiled("saved"), ema = new EmaWeights({ decay: 0.9 });
  const fit = (model: tfl.Sequential, callback: EmaWeights) =>
    model.fit(data.xs, data.ys, {
      batchSize: BATCH,
      shuffle: false,
      verbose: 0,
      callbacks: [callback],
    });
  await fit(first.model, ema);
  const saved = ema.getWeights();
  assert.deepEqual(saved.map(({ name }) => name), [
    "EmaWeights/updates",
    ...first.model.trainableWeights.map(({ name }) => name),
  ]);
  const second = compiled("saved"), restored = new EmaWeights({ decay: 0.9 });
  second.model.setWeights(first.model.getWeights());
  assert.notEqual(second.model.weights[0]!.name, first.model.weights[0]!.name);
  await restored.setWeights(saved);
  restored.attach(second.model);
  assert.equal(restored.updates, STEPS);
  const averages = (e: EmaWeights, model: tfl.Sequential) => e.run(() => weightsOf(model));
  assert.deepEqual(await averages(restored, second.model), await averages(ema, first.model));
  await fit(first.model, ema);
  await fit(second.model, restored);
  assert.deepEqual(await averages(restored, second.model), await averages(ema, first.model));
  tf.dispose(saved.map(({ tensor }) => tensor));
});

backendTest("EmaWeights - errors, and swapping out whatever happens", "cpu", async () => {
  const data = smallData(ROWS), { model } = compiled(), ema = new EmaWeights();
  ema.attach(model);
  const own = await weightsOf(model);
  ema.swapIn();
  assert.throws(() => ema.swapIn(), /they are in already/);
  await assert.rejects(
    () => model.fit(data.xs, data.ys, { verbose: 0, callbacks: [ema] }),
    /Cannot train while averaged weights are swapped in/,
  );
  ema.swapOut();
  ema.swapOut();
  await assert.rejects(
    () =>
      ema.run(() => {
        throw new Error("on purpose");
      }),
    /on purpose/,
  );
  assert.equal(ema.isSwappedIn, false);
  assert.deepEqual(await weightsOf(model), own);
  await assert.rejects(() => ema.setWeights([]), /there is no "EmaWeights\/updates" among them/);
  const other = new EmaWeights(), wrong = ema.getWeights();
  wrong[1]!.tensor = tf.zeros([3]);
  await other.setWeights(wrong);
  assert.throws(() => other.attach(model), /must have shape \[4,8\], got \[3\]/);
});

Deno.test("EmaWeights - a state of something else is refused", () => {
  const ema = new EmaWeights({ updateEvery: 3 });
  const refuses = (state: unknown, message: RegExp) =>
    assert.throws(() => ema.setState(state as EmaWeightsState), message);
  refuses(null, /the format must be "signalfit-ema-1", got undefined$/);
  refuses(
    { format: "signalfit-ema-1", batches: -1 },
    /batches must be a whole number >= 0, got -1$/,
  );
  ema.setState({ format: "signalfit-ema-1", batches: 5 });
  assert.deepEqual(ema.getState(), { format: "signalfit-ema-1", batches: 2 });
});
