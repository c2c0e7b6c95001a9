import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, adamw, momentum, sgdf, trainingBatches } from "../../../mod.ts";
import type { Digits } from "./digits.ts";
import type { Choice, Outcome, Settings } from "./plan.ts";

/**
 * Trains a perceptron of one hidden layer and tests it. Initial weights, wrong labels and the order of the
 * images depend on the seed alone.
 */
export async function trainChoice(
  choice: Choice,
  seed: number,
  settings: Settings,
  digits: Digits,
): Promise<Outcome> {
  const started = performance.now(), { lossScale } = choice;
  const model = buildModel(digits, settings, seed);
  const optimizer = optimizerOf(choice);
  model.compile({
    optimizer,
    loss: (labels, answers) =>
      tf.mul(lossScale, tfl.metrics.categoricalCrossentropy(labels, answers)),
  });
  const labels = digits.labels(seed, choice.wrongLabels);
  const data = trainingBatches(digits.images, labels, { batchSize: choice.batchSize, seed });
  await model.fitDataset(data, { epochs: settings.epochs, verbose: 0 });
  const score = scoreOf(model, digits);
  labels.dispose();
  model.dispose();
  optimizer.dispose();
  return { ...choice, seed, settings, ...score, seconds: (performance.now() - started) / 1000 };
}

function buildModel(digits: Digits, { units }: Settings, seed: number): tfl.Sequential {
  const pixels = digits.images.shape[1];
  return tfl.sequential({
    layers: [
      tfl.layers.dense({
        inputShape: [pixels],
        units,
        activation: "relu",
        kernelInitializer: tfl.initializers.heNormal({ seed: 2 * seed + 1 }),
      }),
      tfl.layers.dense({
        units: 10,
        activation: "softmax",
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 2 * seed + 2 }),
      }),
    ],
  });
}

function optimizerOf({ optimizer, gamma, epsilon, lossScale, ...rest }: Choice): tf.Optimizer {
  const { learningRate } = rest, divided = learningRate / lossScale;
  switch (optimizer) {
    case "sgd":
      return tf.train.sgd(divided);
    case "momentum":
      return momentum({ learningRate: divided, momentum: 0.9 });
    case "sgdf":
      return sgdf({ learningRate: divided, gamma: gamma!, epsilon });
    case "adam":
      return adamw({ learningRate, epsilon, weightDecay: 0 });
    case "adamf":
      return adamf({ learningRate, gamma: gamma!, epsilon });
  }
}

/** Mean cross-entropy, in float64, and accuracy on the test images. */
function scoreOf(
  model: tfl.LayersModel,
  { testImages, testLabels }: Digits,
): Pick<Outcome, "testLoss" | "accuracy"> {
  const answers = tf.tidy(() =>
    (model.predict(testImages, { batchSize: 1000 }) as tf.Tensor2D).dataSync()
  );
  const classes = answers.length / testLabels.length;
  let loss = 0, right = 0;
  testLabels.forEach((label, i) => {
    const row = answers.subarray(classes * i, classes * (i + 1));
    loss -= Math.log(Math.max(row[label]!, LEAST)) / testLabels.length;
    if (row.every((value) => value <= row[label]!)) right++;
  });
  return {
    testLoss: Number.isFinite(loss) ? loss : null,
    accuracy: right / testLabels.length,
  };
}

/** The least probability that counts, as in tfjs's own cross-entropy. */
const LEAST = 1e-7;
