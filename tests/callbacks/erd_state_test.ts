import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { ERD } from "../../callbacks/erd.ts";
import type { ERDOptions } from "../../callbacks/erd.ts";
import type { ERDState } from "../../callbacks/erd.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { weightsOf } from "../support/models.ts";
import { backendTest } from "../support/test.ts";
import { denseDenoiser, gaussianData } from "./fixtures.ts";

const OPTIONS: ERDOptions = {
  target: "epsilon",
  path: "cosine",
  mode: "online",
  bins: 4,
  readEvery: 3,
  warmup: 4,
  ramp: 6,
  minSamples: 8,
};

/** Five batches, the last one partial; 3 does not divide 5. */
async function train(erd: ERD, denoiser: tfl.LayersModel, epochs: number): Promise<void> {
  const model = erd.wrap(denoiser), optimizer = tf.train.sgd(0.1);
  model.compile({ optimizer, loss: erd.loss });
  const x0 = gaussianData(70), labels = erd.labels(x0);
  await model.fit(x0, labels, {
    batchSize: 16,
    epochs,
    shuffle: false,
    verbose: 0,
    callbacks: [erd],
  });
  tf.dispose([x0, labels]);
  optimizer.dispose();
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `state: a saved run goes on exactly as if it had not stopped: ${backend}`,
    backend,
    async () => {
      const whole = { erd: new ERD(OPTIONS), denoiser: denseDenoiser() };
      await train(whole.erd, whole.denoiser, 4);
      const first = { erd: new ERD(OPTIONS), denoiser: denseDenoiser() };
      await train(first.erd, first.denoiser, 2);
      const saved = JSON.stringify(await first.erd.getState());
      assert.ok((JSON.parse(saved) as ERDState).pending.length > 0, "some wait");
      const before = counts();
      const second = { erd: new ERD(OPTIONS), denoiser: denseDenoiser() };
      second.erd.setState(JSON.parse(saved));
      assert.equal(JSON.stringify(await second.erd.getState()), saved);
      assert.deepEqual(second.erd.report(), first.erd.report());
      assert.equal(counts().tensors, before.tensors + 4, "the denoiser's weights alone");
      second.denoiser.setWeights(first.denoiser.getWeights());
      await train(second.erd, second.denoiser, 2);
      assert.deepEqual(await second.erd.getState(), await whole.erd.getState());
      assert.deepEqual(second.erd.report(), whole.erd.report());
      assert.deepEqual(await weightsOf(second.denoiser), await weightsOf(whole.denoiser));
      const { bins } = whole.erd.report(), closed = new ERD({ ...OPTIONS, mode: "closed" });
      bins.forEach(({ weight }, b) => assert.notEqual(weight, closed.report().bins[b]!.weight));
      for (const { erd, denoiser } of [whole, first, second]) {
        erd.dispose();
        denoiser.dispose();
      }
    },
  );
}

backendTest("state: asked for in the middle of a fit, it changes nothing", "cpu", async () => {
  const run = async (looks: boolean) => {
    class Looking extends ERD {
      override async onBatchEnd(): Promise<void> {
        await super.onBatchEnd();
        if (looks) await this.getState();
      }
    }
    const erd = new Looking(OPTIONS), denoiser = denseDenoiser();
    await train(erd, denoiser, 3);
    return JSON.stringify([await erd.getState(), await weightsOf(denoiser)]);
  };
  assert.equal(await run(true), await run(false));
});

backendTest(
  "state: losses that are not finite count as little after JSON as before",
  "cpu",
  async () => {
    // The denoiser overflows for two samples of each batch.
    const run = async (erd: ERD, batches: number): Promise<void> => {
      const denoiser = denseDenoiser();
      erd.setModel(denoiser);
      const [x, t] = [
        tf.tensor2d([[1, 1], [NaN, 0], [Infinity, 1], [1, 1]]),
        tf.tensor1d([0.1, 0.35, 0.6, 0.85]),
      ];
      const label = erd.pack(tf.tensor2d([[1, 2], [1, 0], [2, 1], [3, 1]]), t);
      await erd.onTrainBegin();
      for (let batch = 0; batch < batches; batch++) {
        await erd.onBatchBegin();
        tf.dispose(tf.grad((x) => tf.mean(erd.packed.loss(label, x)))(x));
        await erd.onBatchEnd();
      }
      await erd.onTrainEnd();
      tf.dispose([x, t, label]);
      denoiser.dispose();
    };
    const whole = new ERD(OPTIONS), first = new ERD(OPTIONS), second = new ERD(OPTIONS);
    await run(whole, 2);
    await run(first, 2);
    const saved: ERDState = JSON.parse(JSON.stringify(await first.getState()));
    assert.equal(saved.pending.length, 2);
    assert.ok(saved.pending.every(({ rows }) => rows.length === 8 && rows.every(Number.isFinite)));
    second.setState(saved);
    assert.deepEqual(second.report(), first.report());
    await run(whole, 1); // The third batch is read, and the waiting two with it.
    await run(second, 1);
    assert.deepEqual(await second.getState(), await whole.getState());
    assert.deepEqual(second.report(), whole.report());
    assert.deepEqual(whole.report().bins.map(({ count }) => count), [3, 0, 0, 3]);
  },
);

Deno.test("state: what is none is refused and changes nothing", async () => {
  const erd = new ERD(OPTIONS);
  const good = await erd.getState();
  const rows: [unknown, RegExp][] = [
    [null, /Cannot restore ERD: the format must be "signalfit-erd-1", got undefined/],
    [{ ...good, format: "x" }, /the format must be .*, got x/],
    [{ ...good, bins: 8 }, /bins must be 4, as in this ERD, got 8/],
    [{ ...good, step: -1 }, /step must be a whole number >= 0, got -1/],
    [{ ...good, sums: { ...good.sums, loss: [1] } }, /sums.loss must be 4 finite numbers, got 1/],
    [{ ...good, pending: [{ rows: [1, 2], packed: false }] }, /pending must be a list/],
    [{ ...good, pending: [{ rows: ["a", 2, 3, 4], packed: false }] }, /pending must be a list/],
    [
      { ...good, pending: [{ rows: [null, 2, 3, 4], packed: false }] },
      /finite numbers a sample, got/,
    ],
    [{ ...good, pending: [null] }, /pending must be a list/],
  ];
  for (const [state, message] of rows) {
    assert.throws(() => erd.setState(state as ERDState), message);
  }
  assert.deepEqual(await erd.getState(), good);
});
