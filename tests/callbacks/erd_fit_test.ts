import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ERD } from "../../callbacks/erd.ts";
import type { ERDOptions } from "../../callbacks/erd.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";
import { countReads, dataset, denseDenoiser, gaussianData, warnings } from "./fixtures.ts";

const BACKENDS: BackendName[] = ["cpu", "wasm", "webgpu"];
const ROWS = 50, BATCH = 16; // the last batch is partial
const STEPS = Math.ceil(ROWS / BATCH);
const ONLINE: ERDOptions = {
  target: "v",
  path: "cosine",
  mode: "online",
  bins: 4,
  readEvery: 3,
  warmup: 2,
  ramp: 4,
  minSamples: 8,
};

/** A compiled training model, its callback, data and labels. */
function setUp(options: Partial<ERDOptions> = {}, optimizer: tf.Optimizer = tf.train.sgd(0.05)) {
  const erd = new ERD({ ...ONLINE, ...options });
  const model = erd.wrap(denseDenoiser());
  model.compile({ optimizer, loss: erd.loss, metrics: [erd.rawLoss] });
  const x0 = gaussianData(ROWS), labels = erd.labels(x0);
  const dispose = (): void => {
    tf.dispose([x0, labels]);
    model.dispose();
    erd.dispose();
    optimizer.dispose();
  };
  return { erd, model, x0, labels, dispose };
}

type SetUp = ReturnType<typeof setUp>;

function fit(s: SetUp, args: tfl.ModelFitArgs = {}): Promise<tfl.History> {
  return s.model.fit(s.x0, s.labels, {
    batchSize: BATCH,
    shuffle: false,
    verbose: 0,
    callbacks: [s.erd],
    ...args,
  });
}

const totalCount = (erd: ERD) => erd.report().bins.reduce((sum, { count }) => sum + count, 0);

for (const backend of BACKENDS) {
  backendTest(
    `fit: steps, counts and history are right, nothing leaks: ${backend}`,
    backend,
    async () => {
      const before = counts();
      const s = setUp();
      const standing = counts();
      for (let round = 1; round <= 3; round++) {
        const { history } = await fit(s, { epochs: 2 });
        assert.equal(s.erd.report().step, round * 2 * STEPS);
        assert.equal(totalCount(s.erd), round * 2 * ROWS);
        assert.deepEqual(Object.keys(history).sort(), ["loss", "rawLoss"]);
        for (const value of [...history.loss!, ...history.rawLoss!]) {
          assert.ok(Number.isFinite(value as number) && (value as number) > 0);
        }
        assert.equal(counts().tensors, standing.tensors, `after fit ${round}`);
      }
      for (const bin of s.erd.report().bins) {
        assert.ok(bin.loss > 0 && bin.variance > 0 && bin.weight > 0);
        assert.ok(bin.recoverability >= 0 && bin.recoverability <= 1);
      }
      s.dispose();
      assert.deepEqual(counts(), before);
    },
  );

  backendTest(
    `fit, with validation, and fitDataset measure the same: ${backend}`,
    backend,
    async () => {
      const state = async (s: SetUp) => JSON.stringify(await s.erd.getState());
      const [plain, validated, streamed] = [setUp(), setUp(), setUp()];
      await fit(plain, { epochs: 3 });
      const validationData: [tf.Tensor, tf.Tensor] = [gaussianData(20), tf.zeros([20, 4])];
      await fit(validated, { epochs: 3, validationData });
      const rows = (batch: number) => Math.min(BATCH, ROWS - batch * BATCH);
      const batches = dataset(STEPS, (batch) => ({
        xs: tf.slice(streamed.x0, batch * BATCH, rows(batch)),
        ys: tf.zeros([rows(batch), 4]),
      }));
      await streamed.model.fitDataset(batches, {
        epochs: 3,
        verbose: 0,
        callbacks: [streamed.erd],
        validationData,
      });
      assert.equal(await state(validated), await state(plain));
      assert.equal(await state(streamed), await state(plain));
      tf.dispose(validationData);
      for (const s of [plain, validated, streamed]) s.dispose();
    },
  );

  backendTest(
    `the device is read every readEvery batches, and never without measuring: ${backend}`,
    backend,
    async () => {
      const reads = async (options: Partial<ERDOptions>, without = false) => {
        const s = setUp(options);
        const epochs = 5; // 20 batches
        const count = await countReads(async () =>
          void await fit(s, { epochs, callbacks: without ? [] : [s.erd] })
        );
        s.dispose();
        return count;
      };
      const history = await reads({}, true);
      assert.equal(await reads({ mode: "closed" }) - history, 0);
      assert.equal(await reads({ mode: "uniform" }) - history, 0);
      assert.equal(
        await reads({ readEvery: 3 }) - history,
        6 + 1,
        "20 / 3, and the rest at the end",
      );
      assert.equal(await reads({ readEvery: 5 }) - history, 4);
      assert.equal(await reads({ readEvery: 100 }) - history, 1);
      assert.equal(await reads({ mode: "closed", measure: true, readEvery: 5 }) - history, 4);
    },
  );

  backendTest(`batches of one: ${backend}`, backend, async () => {
    const s = setUp();
    const standing = counts();
    await fit(s, { batchSize: 1 });
    assert.equal(s.erd.report().step, ROWS);
    assert.equal(totalCount(s.erd), ROWS);
    assert.ok(s.erd.report().bins.every(({ loss, variance }) => loss > 0 && variance > 0));
    assert.equal(counts().tensors, standing.tensors);
    s.dispose();
  });
}

type Gradients = Parameters<tf.SGDOptimizer["applyGradients"]>[0];

/** An optimizer that fails at a step. */
class Failing extends tf.SGDOptimizer {
  steps = 0;
  constructor(readonly failAt: number) {
    super(0.05);
  }
  override applyGradients(gradients: Gradients): void {
    if (++this.steps === this.failAt) throw new Error("on purpose");
    super.applyGradients(gradients);
  }
}

backendTest(
  "an exception in the middle leaves no stale arm, and its batch does not count",
  "cpu",
  async () => {
    const s = setUp({}, new Failing(2 * STEPS - 1));
    await assert.rejects(() => fit(s, { epochs: 5 }), /on purpose/);
    assert.equal(s.erd.report().step, 2 * STEPS - 2);
    // Neither an evaluation nor a gradient of one's own is taken for training.
    tf.dispose(s.model.evaluate(s.x0, s.labels));
    tf.dispose(
      tf.variableGrads(() => {
        const rows = s.model.apply(s.x0, { training: true }) as tf.Tensor;
        return tf.mean(s.erd.loss(s.labels, rows)) as tf.Scalar;
      }).grads,
    );
    const before = await s.erd.getState();
    assert.equal(before.step, 2 * STEPS - 2);
    await fit(s, { epochs: 1 });
    assert.equal(s.erd.report().step, 3 * STEPS - 2);
    assert.equal(totalCount(s.erd), 2 * ROWS + 2 * BATCH);
    s.erd.dispose();
    s.dispose();
  },
);

backendTest("after an exception, dispose leaves no more than tfjs does", "cpu", async () => {
  const left = async (withCallback: boolean) => {
    const s = setUp({ readEvery: 1000 }, new Failing(3));
    const standing = counts();
    await assert.rejects(() => fit(s, { callbacks: withCallback ? [s.erd] : [] }), /on purpose/);
    if (withCallback) assert.ok(counts().tensors > standing.tensors + 2, "measurements wait");
    s.erd.dispose();
    const { tensors, bytes } = counts();
    s.dispose();
    return [tensors - standing.tensors, bytes - standing.bytes];
  };
  assert.deepEqual(await left(true), await left(false));
});

backendTest("earlyStopping before it or behind it changes nothing", "cpu", async () => {
  const states: string[] = [];
  for (const first of [true, false]) {
    const s = setUp({}, tf.train.sgd(0)); // never gets better
    const stop = tfl.callbacks.earlyStopping({ monitor: "val_rawLoss", patience: 1 });
    const standing = counts();
    const { epoch } = await fit(s, {
      epochs: 10,
      validationSplit: 0.2,
      callbacks: first ? [stop, s.erd] : [s.erd, stop],
    });
    assert.equal(epoch.length, 2, "the second epoch's noise is the first's: no gain");
    assert.equal(counts().tensors, standing.tensors);
    assert.equal(totalCount(s.erd), 2 * ROWS * 0.8);
    states.push(JSON.stringify(await s.erd.getState()));
    s.dispose();
  }
  assert.equal(states[0], states[1]);
});

backendTest("validation meets the same noise each epoch, training new noise", "cpu", async () => {
  const s = setUp({ mode: "closed" }, tf.train.sgd(0));
  const { history } = await fit(s, { epochs: 3, validationSplit: 0.4 });
  assert.equal(new Set(history.val_loss).size, 1);
  assert.equal(new Set(history.loss).size, 3);
  s.dispose();
});

backendTest("beside a custom callback and several others", "cpu", async () => {
  const s = setUp();
  let batches = 0;
  const custom = new tfl.CustomCallback({ onBatchEnd: () => void batches++ });
  await fit(s, { callbacks: [custom, s.erd, tfl.callbacks.earlyStopping({ monitor: "loss" })] });
  assert.equal(batches, STEPS);
  assert.equal(s.erd.report().step, STEPS);
  s.dispose();
});

backendTest(
  "warnings: a loss without the callback, a callback without the loss",
  "cpu",
  async () => {
    const s = setUp();
    const alone = await warnings(async () => void await fit(s, { callbacks: [], epochs: 2 }));
    assert.deepEqual(alone, [
      "ERD: nothing is measured without the callback: fit with callbacks: [erd]",
    ]);
    const other = new ERD(ONLINE);
    const unused = await warnings(async () => void await fit(s, { callbacks: [other, s.erd] }));
    assert.deepEqual(unused, [
      "ERD: no training batch used its loss: compile with erd.loss or erd.packed.loss",
    ]);
    assert.deepEqual(await warnings(async () => void await fit(s)), []);
    s.dispose();
  },
);

backendTest(
  "readings that overlap take each batch once; dispose in the middle drops them",
  "cpu",
  async () => {
    const s = setUp({ readEvery: 1000 });
    class Overlapping extends tfl.Callback {
      override async onEpochEnd(): Promise<void> {
        const states = await Promise.all([s.erd.getState(), s.erd.getState(), s.erd.getState()]);
        assert.deepEqual(states.map(({ pending }) => pending.length), Array(3).fill(STEPS));
      }
    }
    await fit(s, { callbacks: [s.erd, new Overlapping()] });
    s.erd.dispose();
    await fit(s, { callbacks: [s.erd, new Disposing(s.erd)] });
    assert.equal((await s.erd.getState()).pending.length, 0);
    s.dispose();
  },
);

/** Disposes of what waits while it is being read. */
class Disposing extends tfl.Callback {
  constructor(readonly erd: ERD) {
    super();
  }
  override async onEpochEnd(): Promise<void> {
    const state = this.erd.getState();
    await Promise.resolve();
    this.erd.dispose();
    assert.equal((await state).pending.length, 0);
  }
}
