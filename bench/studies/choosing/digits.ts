import * as tf from "@tensorflow/tfjs-core";
import { type LabelledImages, loadImageData } from "../../../cli/data/mnist.ts";
import { randomStream } from "../../../src/diffusion/numeric/random.ts";

/** Tells the draws of wrong labels from others. */
const WRONG = 11;

/** MNIST as tensors, to train on and to test with. */
export interface Digits {
  readonly images: tf.Tensor2D;
  readonly testImages: tf.Tensor2D;
  readonly testLabels: Uint8Array;
  /** One-hot labels of the training images, a share of them wrong; the caller's to dispose of. */
  labels(seed: number, wrong: number): tf.Tensor2D;
}

/** The first `count` training images, and all test images. */
export async function loadDigits(count: number): Promise<Digits> {
  const { train, test, classes } = await loadImageData({ limit: count });
  return {
    images: pixelsOf(train),
    testImages: pixelsOf(test),
    testLabels: test.labels,
    labels(seed, wrong) {
      const { uniform } = randomStream(seed, WRONG, 0);
      const labels = Int32Array.from(train.labels, (label) => {
        const [isWrong, shift] = [uniform() < wrong, 1 + Math.floor((classes - 1) * uniform())];
        return isWrong ? (label + shift) % classes : label;
      });
      return tf.tidy(() =>
        tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), classes), "float32") as tf.Tensor2D
      );
    },
  };
}

function pixelsOf({ count, size: [rows, columns], pixels }: LabelledImages): tf.Tensor2D {
  return tf.tensor2d(Float32Array.from(pixels, (pixel) => pixel / 255), [count, rows * columns]);
}
