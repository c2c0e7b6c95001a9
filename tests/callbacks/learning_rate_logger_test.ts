import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { LearningRateLogger } from "../../callbacks/learning_rate_logger.ts";
import { adamf } from "../../src/optimizers/adamf.ts";
import { sgdf } from "../../src/optimizers/sgdf.ts";
import { backendTest } from "../support/test.ts";
import { countReads } from "./fixtures.ts";
import { ThrowAt, Trainee } from "./logger_fixtures.ts";

const OPTIMIZERS: Readonly<Record<string, (rate: number) => tf.Optimizer>> = {
  sgd: tf.train.sgd,
  momentum: (rate) => tf.train.momentum(rate, 0.9),
  adagrad: tf.train.adagrad,
  adadelta: tf.train.adadelta,
  adam: tf.train.adam,
  adamax: tf.train.adamax,
  rmsprop: tf.train.rmsprop,
  sgdf: (learningRate) => sgdf({ learningRate }),
  adamf: (learningRate) => adamf({ learningRate }),
};

/** Sets the learning rate of each batch, before or after it. */
class Rates extends tfl.Callback {
  #step = 0;
  constructor(readonly rates: readonly number[], readonly when: "begin" | "end") {
    super();
  }
  override onBatchBegin(): Promise<void> {
    if (this.when === "begin") this.#set();
    return Promise.resolve();
  }
  override onBatchEnd(): Promise<void> {
    if (this.when === "end") this.#set();
    return Promise.resolve();
  }
  #set(): void {
    const rate = this.rates[this.#step++ % this.rates.length]!;
    (this.model.optimizer as unknown as { learningRate: number }).learningRate = rate;
  }
}

for (const [name, create] of Object.entries(OPTIMIZERS)) {
  backendTest(`LearningRateLogger - the rate stands in the history: ${name}`, "cpu", async () => {
    const trainee = new Trainee(20, () => create(0.25)), logger = new LearningRateLogger();
    const stop = tfl.callbacks.earlyStopping({ monitor: "lr", patience: 1 });
    const { history } = await trainee.fit({ epochs: 4, callbacks: [logger, stop] });
    assert.deepEqual(history.lr, [0.25, 0.25], "watched, and not getting better");
    assert.deepEqual(logger.changes, [{ step: 1, learningRate: 0.25 }]);
    trainee.close();
  });
}

backendTest(
  "LearningRateLogger - each change between batches, over several fits",
  "cpu",
  async () => {
    const trainee = new Trainee(12, () => adamf({ learningRate: 8 }));
    const logger = new LearningRateLogger();
    const fit = async (...callbacks: tfl.Callback[]) =>
      (await trainee.fit({ epochs: 2, callbacks: [...callbacks, logger] })).history.lr;
    assert.deepEqual(await fit(new Rates([1, 1, 2, 2, 3, 3], "begin")), [2, 3]);
    assert.deepEqual(await fit(new Rates([4, 4, 4, 5, 6, 7], "end")), [4, 6]);
    assert.deepEqual(
      logger.changes.map(({ step, learningRate }) => `${step}: ${learningRate}`),
      ["1: 1", "3: 2", "5: 3", "8: 4", "11: 5", "12: 6"],
    );
    assert.deepEqual([0, 1, 2, 4, 7, 8, 11, 99].map((step) => logger.at(step)), [
      undefined,
      ...[1, 1, 2, 3, 4, 5, 6],
    ]);
    logger.reset();
    assert.deepEqual(logger.changes, []);
    assert.deepEqual(await fit(), [7, 7]);
    trainee.close();
  },
);

backendTest(
  "LearningRateLogger - a batch that was not finished is not counted",
  "cpu",
  async () => {
    const trainee = new Trainee(20, () => adamf({ learningRate: 8 }));
    const logger = new LearningRateLogger();
    const rates = new Rates([1, 2, 3, 4], "begin");
    // The batch after the second fails before it ends for the logger.
    await assert.rejects(
      () => trainee.fit({ epochs: 1, callbacks: [rates, new ThrowAt(3), logger] }),
      /on purpose/,
    );
    await trainee.fit({ epochs: 1, callbacks: [rates, logger] });
    assert.deepEqual(
      logger.changes.slice(0, 4).map(({ step, learningRate }) => `${step}: ${learningRate}`),
      ["1: 1", "2: 2", "3: 4", "4: 1"],
    );
    trainee.close();
  },
);

backendTest("LearningRateLogger - fitDataset; reads no device", "webgpu", async () => {
  const trainee = new Trainee(20, () => sgdf({ learningRate: 0.5 }));
  const plain = await countReads(async () => {
    await trainee.fitDataset(4, { callbacks: [new ThrowAt(99)] });
  });
  const reads = await countReads(async () => {
    const { history } = await trainee.fitDataset(4, { callbacks: [new LearningRateLogger()] });
    assert.deepEqual(history.lr, [0.5]);
  });
  assert.equal(reads, plain);
  const { before, after } = trainee.close();
  assert.deepEqual(after, before);
});

backendTest(
  "LearningRateLogger - an optimizer without a numeric rate is refused",
  "cpu",
  async () => {
    const trainee = new Trainee();
    Object.assign(trainee.optimizer, { learningRate: "fast" });
    await assert.rejects(
      () => trainee.fit({ callbacks: [new LearningRateLogger()] }),
      /Cannot log the learning rate of SGD: its learningRate must be a number, got fast/,
    );
    trainee.close();
  },
);

Deno.test("LearningRateLogger - a state that is none", () => {
  type State = Parameters<LearningRateLogger["setState"]>[0];
  const state: State = { format: "signalfit-clock-1", epochs: 1, steps: 2 };
  const set = (state: unknown) => () => new LearningRateLogger().setState(state as State);
  assert.throws(
    set({ ...state, steps: -1 }),
    /LearningRateLogger: steps must be a whole number >= 0/,
  );
  assert.throws(set({ ...state, format: "x" }), /format must be "signalfit-clock-1", got x/);
  assert.throws(set(null), /got undefined/);
});
