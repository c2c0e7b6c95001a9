/**
 * Weight decay kept off biases, a group of variables with a rate of its own, and a learning rate that
 * warms up and decays. `deno run --allow-all examples/decay_and_schedules.ts`
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamw, cosineDecay, initBackend, LearningRateLogger, linearWarmup } from "@signalfit/tfjs";

const ROWS = 512, FEATURES = 20, EPOCHS = 15, BATCH = 32;

await initBackend();
// A target that three of the twenty features decide.
const x = tf.randomNormal([ROWS, FEATURES], 0, 1, "float32", 1);
const y = tf.tidy(() => {
  const [a, b, c] = [0, 1, 2].map((i) => tf.slice(x, [0, i], [-1, 1])) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  return tf.add(tf.sub(tf.mul(3, a), tf.mul(2, b)), tf.square(c));
});
const model = tfl.sequential({
  layers: [
    tfl.layers.dense({
      name: "features",
      units: 32,
      inputShape: [FEATURES],
      activation: "relu",
      kernelInitializer: tfl.initializers.heNormal({ seed: 1 }),
    }),
    tfl.layers.dense({
      name: "head",
      units: 1,
      kernelInitializer: tfl.initializers.glorotNormal({ seed: 2 }),
    }),
  ],
});

const steps = EPOCHS * ROWS / BATCH;
const decay = cosineDecay({ initialRate: 0.01, decaySteps: steps - 20 });
const optimizer = adamw({
  learningRate: linearWarmup(decay, 20),
  weightDecay: 0.05,
  exclude: "bias-and-norm", // no decay there
  overrides: [{ match: "head", learningRate: 0.002, weightDecay: 0 }], // numbers of its own
  globalClipNorm: 5,
});
model.compile({ optimizer, loss: "meanSquaredError" });
const rates = new LearningRateLogger();
const { history } = await model.fit(x, y, {
  epochs: EPOCHS,
  batchSize: BATCH,
  shuffle: false,
  callbacks: [rates],
  verbose: 0,
});

// Which numbers each variable has, in words: a mistake in a matcher would show here.
console.log(String(optimizer.describe(model.trainableWeights.map((weight) => weight.read()))));
const losses = history.loss as number[];
console.log(`loss ${losses[0]!.toFixed(2)}, after ${EPOCHS} epochs ${losses.at(-1)!.toFixed(3)}`);
console.log(`next learning rate ${optimizer.learningRate}`);
