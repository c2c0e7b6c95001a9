import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, findLearningRate, momentum, sgdf } from "@signalfit/tfjs";
import { ERD } from "@signalfit/tfjs/diffusion";
import type { FindLearningRateOptions } from "@signalfit/tfjs";
import { counts } from "../support/backends.ts";
import { smallData, smallModel, weightsOf } from "../support/models.ts";
import { backendTest } from "../support/test.ts";
import { dataset, denseDenoiser, gaussianData } from "./fixtures.ts";

/** A straight line through data of one dimension: the loss is (w - 3)^2, and explodes above a rate of 1. */
function parabola(optimizer: tf.Optimizer): tfl.Sequential {
  const layer = tfl.layers.dense({
    units: 1,
    inputShape: [1],
    useBias: false,
    kernelInitializer: "zeros",
  });
  const model = tfl.sequential({ layers: [layer] });
  model.compile({ optimizer, loss: "meanSquaredError" });
  return model;
}

const sweepOf = async (optimizer: tf.Optimizer, options: FindLearningRateOptions = {}) => {
  const model = parabola(optimizer), [x, y] = [tf.ones([8, 1]), tf.fill([8, 1], 3)];
  const sweep = await findLearningRate(model, [x, y], options);
  tf.dispose([x, y]);
  model.dispose();
  optimizer.dispose();
  return sweep;
};

const DESCENTS = {
  "tf.train.sgd": () => tf.train.sgd(0.1),
  momentum: () => momentum({ momentum: 0 }),
};

for (const [name, create] of Object.entries(DESCENTS)) {
  backendTest(`findLearningRate() - a parabola, ${name}`, "cpu", async () => {
    const steps = 60, [minRate, maxRate] = [1e-4, 100];
    const sweep = await sweepOf(create(), { steps, minRate, maxRate, smoothing: 0 });
    const { rates, losses, suggestion, valley, minimum, diverged } = sweep;
    // The same by hand: w' = w - rate * 2 (w - 3).
    let distance = 3;
    for (const [i, loss] of losses.entries()) {
      assert.ok(
        Math.abs(loss - distance ** 2) <= 1e-5 * Math.max(distance ** 2, 1e-3),
        `step ${i}`,
      );
      const rate = minRate * (maxRate / minRate) ** (i / (steps - 1));
      assert.ok(Math.abs(rates[i]! - rate) < 1e-12 * rate);
      distance *= 1 - 2 * rate;
    }
    assert.deepEqual(sweep.smoothed, losses);
    assert.equal(diverged, true);
    assert.ok(rates.at(-1)! > 1 && rates.at(-1)! < 20 && losses.length < steps);
    for (const rate of [suggestion, valley, minimum]) {
      assert.ok(rate !== null && rate > 1e-3 && rate < 1, `${rate}`);
    }
  });
}

backendTest("findLearningRate() - a loss that never falls suggests nothing", "cpu", async () => {
  const model = parabola(tf.train.sgd(0.1)), [x, y] = [tf.ones([8, 1]), tf.zeros([8, 1])];
  const sweep = await findLearningRate(model, [x, y], { steps: 20 });
  const { suggestion, valley, minimum, diverged, losses } = sweep;
  assert.deepEqual([suggestion, valley, minimum, diverged], [null, null, null, false]);
  assert.deepEqual(losses, Array(20).fill(0));
});

backendTest("findLearningRate() - a loss that is no number ends the sweep", "cpu", async () => {
  const model = parabola(tf.train.sgd(0.1));
  let calls = 0;
  model.compile({
    optimizer: sgdf({ onNonFinite: "error" }),
    loss: (yTrue: tf.Tensor, yPred: tf.Tensor) =>
      tf.mul(tf.squaredDifference(yTrue, yPred), ++calls < 5 ? 1 : NaN),
  });
  const [x, y] = [tf.ones([8, 1]), tf.ones([8, 1])];
  const { losses, rates, diverged, chart } = await findLearningRate(model, [x, y]);
  assert.equal(diverged, true);
  assert.deepEqual([losses.length, rates.length], [4, 4]);
  assert.match(chart(), /4 steps, .*exploded/);
  assert.deepEqual(await weightsOf(model), [[0]]);
});

backendTest(
  "findLearningRate() - starts from the optimizer's state, at rates of its own",
  "cpu",
  async () => {
    // After a step, momentum carries the next one along.
    const model = parabola(tf.train.momentum(0.01, 0.9)),
      [x, y] = [tf.ones([8, 1]), tf.fill([8, 1], 3)];
    await model.fit(x, y, { epochs: 1, verbose: 0 });
    const { losses } = await findLearningRate(model, [x, y], {
      minRate: 0.1,
      maxRate: 0.2,
      steps: 10,
    });
    const [w] = (await weightsOf(model))[0]!;
    // velocity' = 0.9 * -6 + 2 (w - 3), w' = w - 0.1 velocity'
    const next = w! - 0.1 * (0.9 * -6 + 2 * (w! - 3));
    assert.ok(Math.abs(losses[1]! - (next - 3) ** 2) < 1e-5);
  },
);

backendTest(
  "findLearningRate() - tensors and data sets, named or in lists, give the same",
  "cpu",
  async () => {
    const standing = counts();
    const [a, b] = [tfl.input({ shape: [2], name: "a" }), tfl.input({ shape: [2], name: "b" })];
    const dense = (seed: number) =>
      tfl.layers.dense({ units: 1, kernelInitializer: tfl.initializers.glorotUniform({ seed }) });
    const [first, second] = [dense(1).apply(a), dense(2).apply(b)] as tfl.SymbolicTensor[];
    const sum = tfl.layers.add().apply([first!, second!]) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: [a, b], outputs: [sum, second!] });
    const optimizer = adamf();
    model.compile({ optimizer, loss: ["meanSquaredError", "meanAbsoluteError"] });
    const rows = 20, [x1, x2] = [gaussianData(rows, 2, 1), gaussianData(rows, 2, 2)];
    const [y1, y2] = [gaussianData(rows, 1, 3), gaussianData(rows, 1, 4)];
    const names = model.outputNames;
    const cut = (batch: number, tensor: tf.Tensor) => tf.slice(tensor, 8 * batch, 8);
    const options = { steps: 10, batchSize: 8, shuffle: false };
    const sweeps = [
      await findLearningRate(model, [[x1, x2], [y1, y2]], options),
      await findLearningRate(
        model,
        [{ b: x2, a: x1 }, { [names[1]!]: y2, [names[0]!]: y1 }],
        options,
      ),
      await findLearningRate(
        model,
        dataset(2, (batch) => ({
          xs: { b: cut(batch, x2), a: cut(batch, x1) },
          ys: [cut(batch, y1), cut(batch, y2)] as unknown as tf.Tensor,
        })),
        options,
      ),
    ];
    assert.equal(new Set(sweeps[0]!.losses).size, 10, "batches differ");
    for (const { losses } of sweeps) assert.deepEqual(losses, sweeps[0]!.losses);

    const shuffled = (seed: number) =>
      findLearningRate(model, [[x1, x2], [y1, y2]], { ...options, shuffle: true, seed });
    assert.deepEqual((await shuffled(1)).losses, (await shuffled(1)).losses);
    assert.notDeepEqual((await shuffled(1)).losses, (await shuffled(2)).losses);
    tf.dispose([x1, x2, y1, y2]);
    model.dispose();
    optimizer.dispose();
    assert.deepEqual(counts(), standing);
  },
);

backendTest("findLearningRate() - labels of rank 1, as fit takes them", "cpu", async () => {
  const model = parabola(tf.train.sgd(0.1)), standing = counts();
  const [x, y] = [tf.ones([4, 1]), tf.tensor1d([1, 2, 3, 4])];
  const { losses } = await findLearningRate(model, [x, y], { steps: 10 });
  assert.ok(Math.abs(losses[0]! - 7.5) < 1e-6, "(1 + 4 + 9 + 16) / 4, not each with each");
  tf.dispose([x, y]);
  assert.deepEqual(counts(), standing);
});

backendTest(
  "findLearningRate() - a model compiled by name keeps owning its optimizer",
  "cpu",
  async () => {
    const standing = counts(), data = smallData(16), model = smallModel("owned");
    model.compile({ optimizer: "adam", loss: "categoricalCrossentropy" });
    await findLearningRate(model, [data.xs, data.ys], { steps: 10 });
    tf.dispose([data.xs, data.ys]);
    model.dispose(); // and its optimizer with it
    assert.deepEqual(counts(), standing);
  },
);

backendTest("findLearningRate() - an ERD's model, and the ERD's own state", "cpu", async () => {
  const x0 = gaussianData(32), weights: number[][][] = [];
  for (const looks of [false, true]) {
    const erd = new ERD({ target: "v", path: "cosine", mode: "online", readEvery: 2, warmup: 2 });
    const model = erd.wrap(denseDenoiser()), labels = erd.labels(x0);
    model.compile({ optimizer: adamf({ learningRate: 0.01 }), loss: erd.loss });
    const fit = { epochs: 2, batchSize: 8, shuffle: false, verbose: 0, callbacks: [erd] };
    await model.fit(x0, labels, fit);
    if (looks) {
      const before = await erd.getState();
      const sweep = await findLearningRate(model, [x0, labels], { steps: 12, callbacks: [erd] });
      assert.equal(new Set(sweep.losses).size, 12);
      assert.deepEqual(await erd.getState(), before);
    }
    await model.fit(x0, labels, fit);
    weights.push(await weightsOf(model));
    erd.dispose();
  }
  assert.deepEqual(weights[1], weights[0]);
});

backendTest("findLearningRate() - states of recurrent layers", "cpu", async () => {
  const model = tfl.sequential({
    layers: [
      tfl.layers.bidirectional({
        layer: tfl.layers.gru({
          units: 2,
          stateful: true,
          recurrentInitializer: "glorotUniform",
        }) as tfl.RNN,
        batchInputShape: [4, 3, 2],
        mergeMode: "concat",
      } as never),
      tfl.layers.dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const [x, y] = [tf.ones([4, 3, 2]), tf.ones([4, 1])];
  const predict = async () => {
    const prediction = model.predict(x, { batchSize: 4 }) as tf.Tensor;
    const values = [...await prediction.data()];
    prediction.dispose();
    return values;
  };
  const states = () =>
    Promise.all(
      (["forwardLayer", "backwardLayer"] as const).map(async (side) => {
        const layer = model.layers[0] as unknown as Record<string, { states_: tf.Tensor[] }>;
        return [...await layer[side]!.states_[0]!.data()];
      }),
    );
  await predict();
  const before = await states(), standing = counts();
  assert.ok(before.flat().some((value) => value !== 0));
  await findLearningRate(model, [x, y], { steps: 10, batchSize: 4 });
  assert.deepEqual(await states(), before);
  assert.deepEqual(counts(), standing);
});

/** Momentum of somebody else's, with options and hidden state of its own. */
class Others extends tf.Optimizer {
  static alive = 0;
  #velocity = 0;
  learningRate: number;
  static get className(): string {
    return "OthersOfTest";
  }
  constructor(readonly settings: { learningRate: number; keep: number }) {
    super();
    this.learningRate = settings.learningRate;
    Others.alive++;
  }
  override applyGradients(
    gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[],
  ): void {
    const [{ name, tensor }] = gradients as [{ name: string; tensor: tf.Tensor }];
    this.#velocity = this.settings.keep * this.#velocity + tensor.dataSync()[0]!;
    const variable = tf.engine().registeredVariables[name]!;
    tf.tidy(() => variable.assign(tf.sub(variable, this.learningRate * this.#velocity)));
  }
  override getWeights(): Promise<{ name: string; tensor: tf.Tensor }[]> {
    return Promise.resolve([{ name: "velocity", tensor: tf.scalar(this.#velocity) }]);
  }
  override async setWeights([velocity]: { name: string; tensor: tf.Tensor }[]): Promise<void> {
    this.#velocity = (await velocity!.tensor.data())[0]!;
  }
  override getConfig(): tf.serialization.ConfigDict {
    return { settings: { ...this.settings } };
  }
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return new cls(config.settings);
  }
  override dispose(): void {
    Others.alive--;
  }
}

backendTest(
  "findLearningRate() - an optimizer of somebody else's, copied by its state",
  "cpu",
  async () => {
    const optimizer = new Others({ learningRate: 0.01, keep: 0.9 }), model = parabola(optimizer);
    const [x, y] = [tf.ones([8, 1]), tf.fill([8, 1], 3)];
    await model.fit(x, y, { epochs: 1, verbose: 0 });
    const [[w]] = await weightsOf(model) as [[number]];
    const { losses } = await findLearningRate(model, [x, y], {
      minRate: 0.1,
      maxRate: 0.2,
      steps: 10,
    });
    const next = w - 0.1 * (0.9 * -6 + 2 * (w - 3));
    assert.ok(Math.abs(losses[1]! - (next - 3) ** 2) < 1e-5, "its velocity went along");
    assert.deepEqual(await weightsOf(model), [[w]]);
    assert.equal(optimizer.learningRate, 0.01);
    assert.equal((await optimizer.getWeights())[0]!.tensor.dataSync()[0], -6);
    assert.equal(Others.alive, 1);
  },
);
