import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { BestWeights, type BestWeightsState } from "../../callbacks/best_weights.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { weightsOf } from "../support/models.ts";
import { backendTest } from "../support/test.ts";
import { ThrowAt, Trainee } from "./logger_fixtures.ts";
import { warnings } from "./fixtures.ts";

/** Puts values of one's own into the logs, as "score"; notes the weights of each epoch. */
class Script extends tfl.Callback {
  readonly weights: number[][][] = [];
  #epoch = 0;
  constructor(readonly scores: readonly number[]) {
    super();
  }
  override async onEpochEnd(_epoch: number, logs?: tfl.Logs): Promise<void> {
    this.weights.push(await weightsOf(this.model));
    logs!.score = this.scores[this.#epoch++]!;
  }
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(`BestWeights - the best epoch's weights come back: ${backend}`, backend, async () => {
    const trainee = new Trainee(), script = new Script([3, 1, 2, NaN]);
    const best = new BestWeights({ monitor: "score" });
    await trainee.fit({ epochs: 4, callbacks: [script, best] });
    assert.deepEqual([best.best, best.bestEpoch], [1, 1]);
    assert.deepEqual(await weightsOf(trainee.model), script.weights[1]);
    assert.equal(counts().tensors, trainee.standing.tensors + 4, "a copy of four weights");
    // Training goes on from there without touching what is kept.
    const more = new BestWeights({ monitor: "score", restoreAtEnd: false });
    await trainee.fit({ epochs: 1, callbacks: [new Script([5]), more] });
    assert.notDeepEqual(await weightsOf(trainee.model), script.weights[1]);
    assert.equal(best.restore(), true);
    assert.deepEqual(await weightsOf(trainee.model), script.weights[1]);
    best.dispose();
    more.dispose();
    const { before, after } = trainee.close();
    assert.deepEqual(after, before);
  });
}

backendTest("BestWeights - the copies share no buffer with the weights", "cpu", async () => {
  const trainee = new Trainee();
  const best = new BestWeights({ monitor: "loss", restoreAtEnd: false });
  await trainee.fit({ epochs: 1, callbacks: [best] });
  const sound = await weightsOf(trainee.model);
  // What nobody should do, and what a shared buffer would let through.
  for (const weight of trainee.model.weights) weight.read().dataSync<"float32">().fill(7);
  best.restore();
  assert.deepEqual(await weightsOf(trainee.model), sound);
  for (const weight of trainee.model.weights) weight.read().dataSync<"float32">().fill(7);
  best.restore();
  assert.deepEqual(await weightsOf(trainee.model), sound);
  best.dispose();
  const { before, after } = trainee.close();
  assert.deepEqual(after, before);
});

backendTest("BestWeights - max, auto, minDelta, startFromEpoch", "cpu", async () => {
  const trainee = new Trainee();
  for (
    const [options, scores, epoch] of [
      [{ mode: "max" }, [1, 3, 2], 1],
      [{ mode: "min" }, [2, 1, 3], 1],
      [{}, [2, 1, 3], 1],
      [{ minDelta: 0.5 }, [2, 1.6, 1.4], 2],
      [{ minDelta: 0.5 }, [2, 1.6, 1.7], 0],
      [{ mode: "max", minDelta: 0.5 }, [1, 1.4, 1.6], 2],
      [{ mode: "max", minDelta: 0.5 }, [1, 1.4, 1.2], 0],
      [{ startFromEpoch: 1 }, [1, 3, 2], 2],
      [{}, [Infinity, 3, NaN], 1],
      [{}, [NaN, NaN, NaN], null],
    ] as const
  ) {
    const best = new BestWeights({ monitor: "score", ...options });
    await trainee.fit({ epochs: 3, callbacks: [new Script(scores), best] });
    assert.equal(best.bestEpoch, epoch, JSON.stringify([options, scores]));
    best.dispose();
  }
  const best = new BestWeights({ monitor: "acc" });
  const { history } = await trainee.fit({ epochs: 4, callbacks: [best] });
  assert.equal(best.best, Math.max(...history.acc as number[]));
  best.dispose();
  trainee.close();
});

backendTest("BestWeights - on an early stop, beside earlyStopping", "cpu", async () => {
  const trainee = new Trainee(), script = new Script([3, 1, 2, 0]);
  const best = new BestWeights({ monitor: "score" });
  const stop = tfl.callbacks.earlyStopping({ monitor: "score", patience: 1 });
  for (const callbacks of [[script, best, stop], [new Script([3, 1, 2, 0]), stop, best]]) {
    await trainee.fit({ epochs: 4, callbacks });
  }
  assert.equal(script.weights.length, 3);
  assert.deepEqual([best.best, best.bestEpoch], [1, 1], "over both fits");
  assert.deepEqual(await weightsOf(trainee.model), script.weights[1]);
  best.dispose();
  trainee.close();
});

backendTest("BestWeights - an exception: guard, or restore", "cpu", async () => {
  const trainee = new Trainee(), script = new Script([1, 2]);
  const best = new BestWeights({ monitor: "score" });
  const callbacks = [script, best, new ThrowAt(12)];
  await assert.rejects(
    () => best.guard(() => trainee.fit({ epochs: 9, callbacks })),
    /on purpose/,
  );
  assert.deepEqual(await weightsOf(trainee.model), script.weights[0]);
  assert.equal(await best.guard(() => Promise.resolve(5)), 5);
  best.dispose();
  assert.equal(best.restore(), false);
  trainee.close();
});

backendTest("BestWeights - state and weights are taken up by another model", "cpu", async () => {
  const first = new Trainee(), best = new BestWeights({ monitor: "score" });
  const script = new Script([1, 2]);
  await first.fit({ epochs: 2, callbacks: [script, best] });
  const state: BestWeightsState = JSON.parse(JSON.stringify(best.getState()));
  const weights = best.getWeights();
  assert.deepEqual(state, { format: "signalfit-best-1", best: 1, bestEpoch: 0, epochs: 2 });
  best.dispose();
  first.close();

  const second = new Trainee(), resumed = new BestWeights({ monitor: "score" });
  const unlike = new Trainee(); // its weights have names with a suffix
  assert.notEqual(unlike.model.weights[0]!.name, second.model.weights[0]!.name);
  for (const trainee of [second, unlike]) {
    resumed.setWeights(weights);
    resumed.setState(state);
    await trainee.fit({ epochs: 1, callbacks: [new Script([1.5]), resumed] });
    assert.deepEqual(await weightsOf(trainee.model), script.weights[0]);
    await trainee.fit({ epochs: 1, callbacks: [new Script([0.5]), resumed] });
    assert.deepEqual([resumed.best, resumed.bestEpoch], [0.5, 3]);
    assert.notDeepEqual(await weightsOf(trainee.model), script.weights[0]);
  }
  resumed.dispose();
  tf.dispose(weights.map(({ tensor }) => tensor));
  unlike.close();
  second.close();
});

backendTest(
  "BestWeights - another model begins anew; weights that are not trained",
  "cpu",
  async () => {
    const before = counts(), best = new BestWeights({ monitor: "loss" });
    const x = tf.randomNormal([12, 2], 3, 2, "float32", 5), y = tf.ones([12, 1]);
    for (let i = 0; i < 2; i++) {
      const model = tfl.sequential({
        layers: [
          tfl.layers.batchNormalization({ inputShape: [2], momentum: 0.5 }),
          tfl.layers.dense({ units: 1 }),
        ],
      });
      const optimizer = tf.train.sgd(0.01);
      model.compile({ optimizer, loss: "meanSquaredError" });
      await model.fit(x, y, { epochs: 1, verbose: 0, callbacks: [best] });
      const trained = await weightsOf(model);
      assert.equal(best.bestEpoch, 0);
      for (const weight of model.weights) {
        const zeros = tf.zeros(weight.shape as number[]);
        weight.write(zeros);
        zeros.dispose();
      }
      best.restore();
      assert.deepEqual(await weightsOf(model), trained);
      assert.ok(trained[2]!.some((value) => value !== 0), "the moving mean");
      model.dispose();
      optimizer.dispose();
    }
    best.dispose();
    tf.dispose([x, y]);
    assert.deepEqual(counts(), before);
  },
);

backendTest("BestWeights - errors and a warning", "cpu", async () => {
  assert.throws(() => new BestWeights({ minDelta: -1 }), /minDelta must be a finite number >= 0/);
  assert.throws(() => new BestWeights({ mode: "best" as "min" }), /mode must be one of "auto"/);
  assert.throws(
    () => new BestWeights({ montor: "loss" } as Record<string, string>),
    /did you mean "monitor"/,
  );
  const best = new BestWeights();
  for (
    const [bad, message] of [
      [null, /format must be "signalfit-best-1", got undefined/],
      [{ format: "signalfit-best-1", best: 1, bestEpoch: null, epochs: 0 }, /bestEpoch must be/],
      [{ format: "signalfit-best-1", best: "x", bestEpoch: 1, epochs: 0 }, /best must be/],
      [{ format: "signalfit-best-1", best: 1, bestEpoch: 1, epochs: -1 }, /epochs must be/],
    ] as const
  ) {
    assert.throws(() => best.setState(bad as ReturnType<BestWeights["getState"]>), message);
  }
  const trainee = new Trainee();
  const seen = await warnings(async () => {
    await trainee.fit({ epochs: 2, callbacks: [best] });
  });
  assert.deepEqual(seen, ['BestWeights watches "val_loss", but there is only loss, acc']);
  assert.equal(best.restore(), false);
  trainee.close();
});
