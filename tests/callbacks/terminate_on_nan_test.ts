import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { TerminateOnNaN, type TerminateOnNaNOptions } from "../../callbacks/terminate_on_nan.ts";
import { adamf } from "../../src/optimizers/adamf.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";
import { countReads, dataset, warnings } from "./fixtures.ts";
import { ThrowAt } from "./logger_fixtures.ts";

const ROWS = 45;

/** Two layers; the batch of one sample with a given number has the given label. */
class Case {
  readonly #before = counts();
  readonly model: tfl.Sequential;
  readonly optimizer: tf.Optimizer;
  readonly x = tf.ones([ROWS, 2]);
  readonly y: tf.Tensor2D;

  constructor(
    labels: Record<number, number>,
    optimizer: () => tf.Optimizer = () => tf.train.sgd(1e-3),
  ) {
    const dense = (name: string, inputShape?: number[]) =>
      tfl.layers.dense({ name, units: 2, inputShape, kernelInitializer: "ones" });
    this.model = tfl.sequential({ layers: [dense("first", [2]), dense("second")] });
    this.y = tf.tensor2d(
      Array.from({ length: ROWS }, (_, i) => [labels[i + 1] ?? 0, labels[i + 1] ?? 0]),
    );
    this.optimizer = optimizer();
    this.model.compile({ optimizer: this.optimizer, loss: "meanSquaredError" });
  }

  async fit(options: TerminateOnNaNOptions, epochs = 2, ...others: tfl.Callback[]) {
    const terminate = new TerminateOnNaN(options);
    const lines = await warnings(async () => {
      const args = { epochs, batchSize: 1, shuffle: false, verbose: 0 } as const;
      await this.model.fit(this.x, this.y, { ...args, callbacks: [terminate, ...others] });
    });
    return { terminate, lines };
  }

  close(): void {
    this.model.dispose();
    this.optimizer.dispose();
    tf.dispose([this.x, this.y]);
    assert.deepEqual(counts(), this.#before);
  }
}

/** Counts batches and epochs. */
class Count extends tfl.Callback {
  batches = 0;
  epochs = 0;
  override onBatchEnd(): Promise<void> {
    this.batches++;
    return Promise.resolve();
  }
  override onEpochEnd(): Promise<void> {
    this.epochs++;
    return Promise.resolve();
  }
}

for (const backend of ["cpu", "wasm", "webgpu"] satisfies BackendName[]) {
  backendTest(
    `TerminateOnNaN - NaN and infinite losses, the batch and the layer: ${backend}`,
    backend,
    async () => {
      for (
        const [label, everyBatches, last] of [
          [NaN, "auto", { cpu: 7, wasm: 7, webgpu: 40 }],
          [Infinity, 1, { cpu: 7, wasm: 7, webgpu: 8 }],
          [NaN, 5, { cpu: 10, wasm: 10, webgpu: 15 }],
          [NaN, 1000, { cpu: ROWS, wasm: ROWS, webgpu: ROWS }],
        ] as const
      ) {
        const trained = new Case({ 7: label }), count = new Count();
        const stop = tfl.callbacks.earlyStopping({ monitor: "loss", patience: 9 });
        const { terminate, lines } = await trained.fit({ everyBatches }, 2, count, stop);
        assert.deepEqual([count.batches, count.epochs], [last[backend], 1]);
        const { step, epoch, batch, loss, layer, seenAt, weights, message } = terminate.report!;
        assert.deepEqual([step, epoch, batch], [7, 0, 6]);
        // The loss in question, although later ones are NaN as well.
        assert.ok(Object.is(loss, label), `${loss}`);
        assert.equal(layer, "first");
        assert.equal(seenAt, count.batches);
        assert.deepEqual(
          weights.map(({ layer, weight, count, size }) =>
            `${layer} ${weight.replace(/_\d+$/, "")} ${count}/${size}`
          ),
          [
            "first first/kernel 4/4",
            "first first/bias 2/2",
            "second second/kernel 4/4",
            "second second/bias 2/2",
          ],
        );
        assert.deepEqual(lines, [`TerminateOnNaN: ${message}`]);
        assert.match(
          message,
          /^the loss is (NaN|Infinity) at step 7 \(epoch 0, batch 6, both from 0\)/,
        );
        trained.close();
      }
    },
  );

  backendTest(`TerminateOnNaN - all is well, several fits: ${backend}`, backend, async () => {
    const trained = new Case({});
    const { terminate, lines } = await trained.fit({}, 1, new Count());
    assert.equal(terminate.report, null);
    assert.deepEqual(lines, []);
    // Goes on counting; a report is forgotten by the next fit.
    const bad = tf.fill([4, 2], NaN), good = tf.ones([4, 2]);
    const args: tfl.ModelFitArgs = { batchSize: 2, verbose: 0, callbacks: [terminate] };
    const old = trained.model.getWeights().map((weight) => weight.clone());
    await warnings(async () => void await trained.model.fit(good, bad, args));
    assert.equal(terminate.report!.step, ROWS + 1);
    assert.equal(terminate.report!.epoch, 1);
    trained.model.setWeights(old);
    await trained.model.fit(good, good, args);
    assert.equal(terminate.report, null);
    tf.dispose([old, bad, good]);
    trained.close();
  });

  backendTest(
    `TerminateOnNaN - watchWeights names the layer where it began: ${backend}`,
    backend,
    async () => {
      // sqrt has an infinite gradient at 0: the first layer is hit while the loss is finite.
      class Root extends tfl.layers.Layer {
        static get className(): string {
          return "TerminateRoot";
        }
        override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
          return tf.sqrt(tf.abs([inputs].flat()[0]!));
        }
      }
      const before = counts();
      for (const watchWeights of [true, false]) {
        const model = tfl.sequential({
          layers: [
            tfl.layers.dense({ name: "before", units: 2, inputShape: [2], useBias: false }),
            new Root({}),
            tfl.layers.dense({ name: "after", units: 1 }),
          ],
        });
        const optimizer = tf.train.sgd(1e-3);
        model.compile({ optimizer, loss: "meanSquaredError" });
        const x = tf.tensor2d([[1, 2], [2, 1], [0, 0], [1, 1], [1, 2]]), y = tf.ones([5, 1]);
        const terminate = new TerminateOnNaN({ everyBatches: 1, watchWeights });
        const lines = await warnings(async () => {
          const args = { batchSize: 1, shuffle: false, verbose: 0 } as const;
          await model.fit(x, y, { ...args, callbacks: [terminate] });
        });
        const { step, loss, weights, layer } = terminate.report!;
        assert.equal(layer, "before");
        assert.deepEqual([step, Number.isFinite(loss)], watchWeights ? [3, true] : [4, false]);
        const hit = new Set(weights.map(({ layer }) => layer));
        assert.deepEqual([...hit], watchWeights ? ["before"] : ["before", "after"]);
        if (watchWeights) {
          assert.match(lines[0]!, /weights are not finite at step 3 .* while the loss is \d/);
        }
        model.dispose();
        optimizer.dispose();
        tf.dispose([x, y]);
      }
      assert.deepEqual(counts(), before);
    },
  );
}

backendTest("TerminateOnNaN - a device is read once in 20 batches", "webgpu", async () => {
  const trained = new Case({});
  const plain = await countReads(async () => {
    await trained.model.fit(trained.x, trained.y, {
      batchSize: 1,
      verbose: 0,
      callbacks: [new Count()],
    });
  });
  const reads = await countReads(async () => void await trained.fit({}, 1));
  assert.equal(reads, plain + 3, "after 20, after 40, and at the end of the epoch");
  trained.close();
});

backendTest(
  "TerminateOnNaN - steps that the optimizer leaves out leave finite weights",
  "cpu",
  async () => {
    const trained = new Case({ 7: NaN }, () => adamf({ onNonFinite: "skip" }));
    const { terminate } = await trained.fit({});
    assert.deepEqual(terminate.report!.weights, []);
    assert.equal(terminate.report!.layer, null);
    assert.match(terminate.report!.message, /After step 7, all weights are finite$/);
    const resumed = new TerminateOnNaN();
    resumed.setState({ ...terminate.getState(), steps: 100 });
    await warnings(async () => {
      const args = { batchSize: 1, shuffle: false, verbose: 0 } as const;
      await trained.model.fit(trained.x, trained.y, { ...args, callbacks: [resumed] });
    });
    assert.deepEqual([resumed.report!.step, resumed.report!.epoch], [107, 1]);
    trained.close();
  },
);

backendTest("TerminateOnNaN - fitDataset, and a fit that throws", "webgpu", async () => {
  const before = counts();
  const optimizer = tf.train.sgd(0.1);
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
  model.compile({ optimizer, loss: "meanSquaredError" });
  const terminate = new TerminateOnNaN({ everyBatches: 4 });
  const data = (bad: number) =>
    dataset(20, (i) => ({ xs: tf.ones([2, 2]), ys: tf.fill([2, 1], i === bad ? NaN : 1) }));
  await warnings(async () => {
    await model.fitDataset(data(5), { epochs: 1, verbose: 0, callbacks: [terminate] });
  });
  assert.deepEqual([terminate.report!.step, terminate.report!.seenAt], [6, 12]);
  const [x, y] = [tf.ones([20, 2]), tf.ones([20, 1])];
  const fit = (...callbacks: tfl.Callback[]) =>
    model.fit(x, y, { batchSize: 1, verbose: 0, callbacks });
  await assert.rejects(() => fit(new ThrowAt(7)), /on purpose/);
  const left = counts().tensors;
  await assert.rejects(() => fit(terminate, new ThrowAt(7)), /on purpose/);
  terminate.dispose();
  const later = tf.add(x, 1);
  await later.data(); // what was read before is over by now
  later.dispose();
  assert.equal(
    counts().tensors - left,
    left - before.tensors - 5,
    "no more than tfjs itself leaves",
  );
  tf.dispose([x, y]);
  model.dispose();
  optimizer.dispose();
});

Deno.test("TerminateOnNaN - errors", () => {
  assert.throws(
    () => new TerminateOnNaN({ everyBatches: 0 }),
    /everyBatches must be a whole number >= 1, or "auto", got 0/,
  );
});
