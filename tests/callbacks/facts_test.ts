/** Facts about tfjs-layers that the callbacks build on. If one of these fails, look there. */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { useBackend } from "../support/backends.ts";
import { countReads, dataset } from "./fixtures.ts";

type Loss = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

const ROWS = 6, BATCH = 4;

/** A linear model with one output, compiled with a loss of one's own. */
function linear(loss: Loss, metrics: Loss[] = []): tfl.Sequential {
  const model = tfl.sequential({
    layers: [tfl.layers.dense({ units: 1, inputShape: [2], kernelInitializer: "ones" })],
  });
  model.compile({ optimizer: tf.train.sgd(0.01), loss, metrics });
  return model;
}

const squares: Loss = (yTrue, yPred) => tf.squaredDifference(yTrue, yPred);

/** Notes the order of callback methods. */
class Notes extends tfl.Callback {
  constructor(readonly order: string[]) {
    super();
  }
  override onTrainBegin(): Promise<void> {
    return this.#note("train begin");
  }
  override onTrainEnd(): Promise<void> {
    return this.#note("train end");
  }
  override onEpochBegin(): Promise<void> {
    return this.#note("epoch begin");
  }
  override onEpochEnd(): Promise<void> {
    return this.#note("epoch end");
  }
  override onBatchBegin(): Promise<void> {
    return this.#note("begin");
  }
  override onBatchEnd(): Promise<void> {
    return this.#note("end");
  }
  #note(name: string): Promise<void> {
    this.order.push(name);
    return Promise.resolve();
  }
}

function fact(name: string, body: () => Promise<void> | void): void {
  Deno.test(`fact: ${name}`, async () => {
    await useBackend("cpu");
    await body();
  });
}

fact("a loss may return one value a sample, and fit takes the mean", async () => {
  const weights = tf.tensor1d([1, 2, 3, 0]);
  const model = linear((yTrue, yPred) =>
    tf.mul(tf.reshape(tf.squaredDifference(yTrue, yPred), [-1]), weights)
  );
  const [x, y] = [tf.ones([4, 2]), tf.tensor2d([[0], [1], [2], [3]])];
  const { history } = await model.fit(x, y, { batchSize: 4, verbose: 0, shuffle: false });
  assert.ok(Math.abs((history.loss as number[])[0]! - (4 + 2 * 1 + 0) / 4) < 1e-6);
});

fact("sampleWeight throws", async () => {
  const model = linear(squares);
  await assert.rejects(
    () => model.fit(tf.ones([2, 2]), tf.ones([2, 1]), { sampleWeight: tf.ones([2]) }),
    /sample weight is not supported/,
  );
});

fact(
  "fit wants labels shaped like the output; fitDataset looks at the batch size alone",
  async () => {
    const loss: Loss = (yTrue, yPred) =>
      tf.squaredDifference(tf.slice(yTrue, [0, 0], [-1, 1]), yPred);
    const model = linear(loss);
    await assert.rejects(() => model.fit(tf.ones([2, 2]), tf.ones([2, 3])), /expected a batch/);
    const wide = dataset(1, () => ({ xs: tf.ones([2, 2]), ys: tf.ones([2, 3]) }));
    await model.fitDataset(wide, { epochs: 1, verbose: 0 });
    const uneven = dataset(1, () => ({ xs: tf.ones([2, 2]), ys: tf.ones([3, 3]) }));
    await assert.rejects(async () =>
      void await model.fitDataset(uneven, { epochs: 1, verbose: 0 })
    );
  },
);

fact("fit: validation runs through the loss after the last step, before onBatchEnd", async () => {
  const order: string[] = [];
  const model = linear((yTrue, yPred) => {
    order.push(tf.engine().isTapeOn() ? "train" : "validate");
    return squares(yTrue, yPred);
  });
  await model.fit(tf.ones([ROWS, 2]), tf.ones([ROWS, 1]), {
    batchSize: BATCH,
    verbose: 0,
    callbacks: new Notes(order),
    validationData: [tf.ones([5, 2]), tf.ones([5, 1])],
  });
  assert.deepEqual(order, [
    "train begin",
    "epoch begin",
    ...["begin", "train", "end"],
    ...["begin", "train", "validate", "validate", "end"],
    "epoch end",
    "train end",
  ]);
});

fact("fitDataset: validation runs after the last onBatchEnd, before onEpochEnd", async () => {
  const order: string[] = [];
  const model = linear((yTrue, yPred) => {
    order.push(tf.engine().isTapeOn() ? "train" : "validate");
    return squares(yTrue, yPred);
  });
  const batches = dataset(2, () => ({ xs: tf.ones([3, 2]), ys: tf.ones([3, 1]) }));
  await model.fitDataset(batches, {
    epochs: 1,
    verbose: 0,
    callbacks: new Notes(order),
    validationData: [tf.ones([5, 2]), tf.ones([5, 1])],
  });
  assert.deepEqual(order, [
    "train begin",
    "epoch begin",
    ...["begin", "train", "end", "begin", "train", "end"],
    "validate",
    "epoch end",
    "train end",
  ]);
});

fact("layers are told of training by kwargs, in nested models too", async () => {
  const seen: unknown[] = [];
  class Spy extends tfl.layers.Layer {
    static get className(): string {
      return "FactSpy";
    }
    override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: unknown }): tf.Tensor {
      seen.push(kwargs.training);
      return tf.clone([inputs].flat()[0]!);
    }
  }
  const inner = tfl.sequential({
    layers: [tfl.layers.dense({ units: 1, inputShape: [2] }), new Spy({})],
  });
  const input = tfl.input({ shape: [2] });
  const model = tfl.model({ inputs: input, outputs: inner.apply(input) as tfl.SymbolicTensor });
  model.compile({ optimizer: "sgd", loss: squares });
  await model.fit(tf.ones([2, 2]), tf.ones([2, 1]), {
    verbose: 0,
    validationData: [tf.ones([2, 2]), tf.ones([2, 1])],
  });
  assert.deepEqual(seen, [true, undefined]);
});

fact("a layer with two outputs is called twice a pass; one with one output, once", async () => {
  let calls = 0;
  class Two extends tfl.layers.Layer {
    static get className(): string {
      return "FactTwo";
    }
    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
      calls++;
      const [x] = [inputs].flat();
      return [tf.clone(x!), tf.clone(x!)];
    }
    override computeOutputShape(shape: tfl.Shape | tfl.Shape[]): tfl.Shape[] {
      return [shape, shape] as tfl.Shape[];
    }
  }
  const input = tfl.input({ shape: [2] });
  const [a, b] = new Two({}).apply(input) as tfl.SymbolicTensor[];
  const outputs = tfl.layers.add().apply([a!, b!]) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs });
  (model.predict(tf.ones([2, 2])) as tf.Tensor).dispose();
  assert.equal(calls, 2);
  await Promise.resolve();
});

fact(
  "by onBatchEnd the weights have moved: what is set there acts from the next batch",
  async () => {
    const kernels: number[] = [];
    const model = linear((yTrue, yPred) => {
      kernels.push(model.getWeights()[0]!.dataSync()[0]!);
      return squares(yTrue, yPred);
    });
    class Look extends tfl.Callback {
      override onBatchEnd(): Promise<void> {
        kernels.push(this.model.getWeights()[0]!.dataSync()[0]!);
        return Promise.resolve();
      }
    }
    await model.fit(tf.ones([8, 2]), tf.zeros([8, 1]), {
      batchSize: 4,
      verbose: 0,
      callbacks: new Look(),
    });
    assert.notEqual(kernels[0], kernels[1]);
    assert.equal(kernels[1], kernels[2]);
  },
);

fact("a variable that the loss reads is neither trained nor saved", async () => {
  const scale = tf.variable(tf.tensor1d([2, 3]), false);
  const model = linear((yTrue, yPred) =>
    tf.mul(tf.squaredDifference(yTrue, yPred), tf.gather(scale, tf.zeros([1], "int32")))
  );
  await model.fit(tf.ones([2, 2]), tf.zeros([2, 1]), { verbose: 0 });
  assert.deepEqual([...scale.dataSync()], [2, 3]);
  assert.deepEqual(model.weights.length, 2);
  scale.dispose();
});

fact("tf.keep inside the loss survives the step, also after an exception", async () => {
  let kept: tf.Tensor | undefined, fails = false;
  const model = linear((yTrue, yPred) => {
    kept = tf.keep(tf.clone(yPred));
    if (fails) throw new Error("on purpose");
    return squares(yTrue, yPred);
  });
  const [x, y] = [tf.ones([2, 2]), tf.zeros([2, 1])];
  await model.fit(x, y, { verbose: 0 });
  assert.equal(kept!.isDisposed, false);
  kept!.dispose();
  fails = true;
  await assert.rejects(() => model.fit(x, y, { verbose: 0 }), /on purpose/);
  assert.equal(kept!.isDisposed, false);
  kept!.dispose();
});

fact(
  "logs.loss is the loss as weighted; a metric stands beside it under its function's name",
  async () => {
    const model = linear((yTrue, yPred) => tf.mul(squares(yTrue, yPred), 10), [
      function rawLoss(yTrue, yPred) {
        return squares(yTrue, yPred);
      },
    ]);
    const { history } = await model.fit(tf.ones([2, 2]), tf.zeros([2, 1]), { verbose: 0 });
    assert.deepEqual(Object.keys(history).sort(), ["loss", "rawLoss"]);
    assert.equal((history.loss as number[])[0], 10 * (history.rawLoss as number[])[0]!);
  },
);

fact("a plain callback makes fit read the device at each batch, a class does not", async () => {
  const model = linear(squares);
  const [x, y] = [tf.ones([8, 2]), tf.zeros([8, 1])];
  const fit = (callbacks: tfl.Callback | tfl.CustomCallbackArgs) =>
    countReads(async () =>
      void await model.fit(x, y, { batchSize: 1, verbose: 0, callbacks, yieldEvery: "never" })
    );
  const reads = await fit(new Notes([]));
  assert.equal(reads, 1, "the history, at the end");
  assert.equal(await fit({ onBatchEnd: () => {} }), reads + 8);
});

fact("a class and a plain object in one array of callbacks do not go together", async () => {
  const model = linear(squares);
  const fit = (callbacks: unknown[]) =>
    model.fit(tf.ones([2, 2]), tf.zeros([2, 1]), { verbose: 0, callbacks: callbacks as [] });
  await assert.rejects(() => fit([new Notes([]), {}]), /is not a function/);
  await fit([new Notes([]), new tfl.CustomCallback({})]);
});

fact(
  "an exception while fitting leaves the batch without onBatchEnd, the fit without onTrainEnd",
  async () => {
    const order: string[] = [];
    const model = linear(() => {
      throw new Error("on purpose");
    });
    const callbacks = new Notes(order);
    const [x, y] = [tf.ones([2, 2]), tf.zeros([2, 1])];
    await assert.rejects(() => model.fit(x, y, { verbose: 0, callbacks }), /on purpose/);
    assert.deepEqual(order, ["train begin", "epoch begin", "begin"]);
  },
);

fact("a model that is a layer of another is disposed of with it", () => {
  const inner = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
  const input = tfl.input({ shape: [2] });
  const model = tfl.model({ inputs: input, outputs: inner.apply(input) as tfl.SymbolicTensor });
  model.dispose();
  assert.throws(() => inner.dispose(), /already disposed/);
});
