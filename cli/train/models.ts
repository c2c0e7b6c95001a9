import * as tfl from "@tensorflow/tfjs-layers";

/** What a model is built for. */
export interface ModelOptions {
  /** Rows and columns of an image. */
  readonly size: readonly [rows: number, columns: number];
  /** Number of outputs: one for each class, or 1 for a number. */
  readonly classes: number;
  /**
   * Whether the outputs are probabilities of classes or numbers.
   * @default "softmax"
   */
  readonly activation?: "softmax" | "linear";
  /** Seed of the initial weights. */
  readonly seed: number;
}

/** A model that comes with the program. */
export interface ModelEntry {
  /** What it is, in a few words. */
  readonly title: string;
  /** Kernels without which a backend cannot train it. */
  readonly kernels: readonly string[];
  /** Epochs, unless another number is asked for. */
  readonly epochs: number;
  /** Images in a batch, unless another number is asked for. */
  readonly batchSize: number;
  /** Training images, unless another number is asked for. */
  readonly limit: number;
  /** Shape of one image for it. */
  inputShape(size: readonly [number, number]): number[];
  /** Builds it; the same seed gives the same weights. */
  build(options: ModelOptions): tfl.Sequential;
}

/** The models by name. */
export const MODELS = {
  mlp: {
    title: "multilayer perceptron, one hidden layer of 128",
    kernels: ["_FusedMatMul"],
    epochs: 5,
    batchSize: 128,
    limit: Infinity,
    inputShape: ([rows, columns]) => [rows * columns],
    build({ size, classes, activation, seed }) {
      return tfl.sequential({
        layers: [
          tfl.layers.dense({
            inputShape: this.inputShape(size),
            units: 128,
            activation: "relu",
            kernelInitializer: tfl.initializers.heNormal({ seed }),
          }),
          output({ classes, activation }, seed + 1),
        ],
      });
    },
  },
  conv: {
    title: "convolutional network, 8 and 16 filters",
    kernels: ["Conv2DBackpropFilter", "Conv2DBackpropInput"],
    epochs: 1,
    batchSize: 32,
    limit: 6000, // It takes the cpu backend two or three milliseconds an image.
    inputShape: ([rows, columns]) => [rows, columns, 1],
    build({ size, classes, activation, seed }) {
      return tfl.sequential({
        layers: [
          tfl.layers.conv2d({
            inputShape: this.inputShape(size),
            filters: 8,
            kernelSize: 4,
            strides: 4,
            activation: "relu",
            kernelInitializer: tfl.initializers.heNormal({ seed }),
          }),
          tfl.layers.conv2d({
            filters: 16,
            kernelSize: 3,
            strides: 2,
            activation: "relu",
            kernelInitializer: tfl.initializers.heNormal({ seed: seed + 1 }),
          }),
          tfl.layers.flatten(),
          output({ classes, activation }, seed + 2),
        ],
      });
    },
  },
  linear: {
    title: "one layer: softmax or linear regression",
    kernels: ["_FusedMatMul"],
    epochs: 5,
    batchSize: 128,
    limit: Infinity,
    inputShape: ([rows, columns]) => [rows * columns],
    build({ size, classes, activation, seed }) {
      const inputShape = this.inputShape(size);
      return tfl.sequential({ layers: [output({ classes, activation, inputShape }, seed)] });
    },
  },
} as const satisfies Record<string, ModelEntry>;

/** Name of a model. */
export type ModelName = keyof typeof MODELS;

function output(
  { classes, activation = "softmax", inputShape }:
    & Pick<ModelOptions, "classes" | "activation">
    & { readonly inputShape?: number[] },
  seed: number,
): tfl.layers.Layer {
  return tfl.layers.dense({
    ...inputShape === undefined ? {} : { inputShape },
    units: classes,
    activation,
    kernelInitializer: tfl.initializers.glorotUniform({ seed }),
  });
}
