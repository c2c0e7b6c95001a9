import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { type LabelledImages, loadImageData } from "../../cli/data/mnist.ts";
import { adamw } from "../../mod.ts";
import { randomStream } from "../../src/diffusion/numeric/random.ts";
import { frechetDistance, type Moments, momentsOf } from "./frechet.ts";
import { STREAM, type Task } from "./task.ts";

/** Side of a small image, and the sides of the cells that are averaged. */
const SIDE = 8, CELL = 4, PIXELS = SIDE * SIDE;
/** Units of the classifier's penultimate layer. */
const FEATURES = 32;
const CLASSIFIER_EPOCHS = 5, CLASSIFIER_SEED = 1;

/** The digits as a task, and what its distance rests on. */
export interface Digits extends Task {
  /** Share of the test images that the classifier names rightly. */
  readonly accuracy: number;
  /** The distance of 2000 training images from the test images: about the least there is. */
  readonly least: number;
}

/**
 * MNIST in 8 x 8 pixels, -1 to 1. Denoisers learn from the training images; the distance is a Frechet
 * distance from the test images, on the penultimate layer of a classifier of the training images.
 */
export async function loadDigits({ limit }: { readonly limit?: number } = {}): Promise<Digits> {
  const { train, test } = await loadImageData({ limit });
  const [small, smallTest] = [shrink(train), shrink(test)];
  const classifier = await trainClassifier(small, train.labels);
  const features = (images: Float32Array): Moments => {
    const values = tf.tidy(() =>
      (classifier.features.predict(tf.tensor2d(images, [images.length / PIXELS, PIXELS]), {
        batchSize: 1000,
      }) as tf.Tensor).dataSync()
    );
    return momentsOf(values, FEATURES);
  };
  const reference = features(smallTest);
  const { count } = train;
  return {
    dimensions: PIXELS,
    clip: [-1, 1],
    accuracy: accuracyOf(classifier.model, smallTest, test.labels),
    least: frechetDistance(features(small.subarray(0, PIXELS * Math.min(count, 2000))), reference),
    data(seed, first, amount) {
      const values = new Float32Array(PIXELS * amount);
      let pass = -1, order = new Uint32Array(0);
      for (let i = 0; i < amount; i++) {
        const at = first + i;
        if (Math.floor(at / count) !== pass) {
          pass = Math.floor(at / count);
          order = Uint32Array.from(randomStream(seed, STREAM.training, pass).permutation(count));
        }
        const from = PIXELS * order[at % count]!;
        values.set(small.subarray(from, from + PIXELS), PIXELS * i);
      }
      return values;
    },
    fresh: (_seed, amount) => smallTest.subarray(0, PIXELS * amount),
    distance: (samples) => frechetDistance(features(samples), reference),
    excess: () => null,
  };
}

/** 28 x 28 bytes, with a margin of two, to the means of 4 x 4 pixels, -1 to 1. */
export function shrink({ count, size: [rows, columns], pixels }: LabelledImages): Float32Array {
  const small = new Float32Array(PIXELS * count).fill(-1);
  const top = (SIDE * CELL - rows) / 2, left = (SIDE * CELL - columns) / 2;
  const unit = 2 / (255 * CELL * CELL);
  for (let i = 0; i < pixels.length; i++) {
    const column = i % columns + left, row = Math.floor(i / columns) % rows + top;
    const image = Math.floor(i / (rows * columns));
    const cell = SIDE * Math.floor(row / CELL) + Math.floor(column / CELL);
    small[PIXELS * image + cell]! += unit * pixels[i]!;
  }
  return small;
}

async function trainClassifier(images: Float32Array, labels: Uint8Array) {
  const input = tfl.input({ shape: [PIXELS] });
  const dense = (units: number, activation: "relu" | "softmax", seed: number) =>
    tfl.layers.dense({ units, activation, kernelInitializer: tfl.initializers.heNormal({ seed }) });
  const wide = dense(128, "relu", CLASSIFIER_SEED).apply(input);
  const features = dense(FEATURES, "relu", CLASSIFIER_SEED + 1).apply(wide) as tfl.SymbolicTensor;
  const outputs = dense(10, "softmax", CLASSIFIER_SEED + 2).apply(features) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs });
  model.compile({ optimizer: adamw({ weightDecay: 0 }), loss: "categoricalCrossentropy" });
  for (let epoch = 0; epoch < CLASSIFIER_EPOCHS; epoch++) {
    const random = randomStream(CLASSIFIER_SEED, STREAM.classifier, epoch);
    const order = random.permutation(labels.length);
    const shuffled = new Float32Array(images.length);
    order.forEach((from, to) =>
      shuffled.set(images.subarray(PIXELS * from, PIXELS * (from + 1)), PIXELS * to)
    );
    const x = tf.tensor2d(shuffled, [labels.length, PIXELS]);
    const y = tf.tidy(() =>
      tf.cast(
        tf.oneHot(tf.tensor1d(Int32Array.from(order, (i) => labels[i]!), "int32"), 10),
        "float32",
      )
    );
    await model.fit(x, y, { epochs: 1, batchSize: 128, shuffle: false, verbose: 0 });
    tf.dispose([x, y]);
  }
  return { model, features: tfl.model({ inputs: input, outputs: features }) };
}

function accuracyOf(model: tfl.LayersModel, images: Float32Array, labels: Uint8Array): number {
  const answers = tf.tidy(() => {
    const x = tf.tensor2d(images, [labels.length, PIXELS]);
    return tf.argMax(model.predict(x, { batchSize: 1000 }) as tf.Tensor, 1).dataSync();
  });
  return answers.filter((answer, i) => answer === labels[i]).length / labels.length;
}
