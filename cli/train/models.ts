import * as tfl from "@tensorflow/tfjs-layers";

/** What a model is built for. */
export interface ModelOptions {
  /** Rows and columns of an image. */
  readonly size: readonly [rows: number, columns: number];
  /**
   * Numbers of a pixel: 1 in gray, 3 in colors.
   * @default 1
   */
  readonly channels?: number;
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
  /** Shape of one image for it. */
  inputShape(size: readonly [number, number], channels?: number): number[];
  /** Builds it; the same seed gives the same weights. */
  build(options: ModelOptions): tfl.Sequential;
}

/** The models by name. */
export const MODELS = {
  mlp: {
    title: "multilayer perceptron, one hidden layer of 128",
    kernels: ["_FusedMatMul"],
    epochs: 3,
    batchSize: 128,
    inputShape: ([rows, columns], channels = 1) => [rows * columns * channels],
    build({ size, channels, classes, activation, seed }) {
      return tfl.sequential({
        layers: [
          tfl.layers.dense({
            inputShape: this.inputShape(size, channels),
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
    title: "convolutional network, 16 and 32 filters",
    kernels: ["Conv2DBackpropFilter", "Conv2DBackpropInput"],
    epochs: 3,
    batchSize: 64,
    inputShape: ([rows, columns], channels = 1) => [rows, columns, channels],
    build({ size, channels, classes, activation, seed }) {
      return tfl.sequential({
        layers: [
          tfl.layers.conv2d({
            inputShape: this.inputShape(size, channels),
            filters: 16,
            kernelSize: 5,
            strides: 2,
            activation: "relu",
            kernelInitializer: tfl.initializers.heNormal({ seed }),
          }),
          tfl.layers.conv2d({
            filters: 32,
            kernelSize: 5,
            strides: 2,
            activation: "relu",
            kernelInitializer: tfl.initializers.heNormal({ seed: seed + 1 }),
          }),
          tfl.layers.flatten(),
          tfl.layers.dense({
            units: 64,
            activation: "relu",
            kernelInitializer: tfl.initializers.heNormal({ seed: seed + 2 }),
          }),
          output({ classes, activation }, seed + 3),
        ],
      });
    },
  },
  linear: {
    title: "one layer: softmax or linear regression",
    kernels: ["_FusedMatMul"],
    epochs: 5,
    batchSize: 128,
    inputShape: ([rows, columns], channels = 1) => [rows * columns * channels],
    build({ size, channels, classes, activation, seed }) {
      const inputShape = this.inputShape(size, channels);
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
