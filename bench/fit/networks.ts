import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";

/** A network whose batches of `model.fit` are timed. */
export interface Network {
  readonly name: string;
  /** What it is made of, for people. */
  readonly title: string;
  readonly batchSize: number;
  readonly loss: string;
  build(): tfl.LayersModel;
  /** So many batches of inputs and targets, the same on every call. */
  data(batches: number): { x: tf.Tensor; y: tf.Tensor };
}

const CLASSES = 10;
const WORDS = 1000;
const LONG = 32;
const WIDE = 64;

/** Images of 28 x 28 pixels with labels. */
function images(count: number, shape: readonly number[]): { x: tf.Tensor; y: tf.Tensor } {
  return { x: tf.randomUniform([count, ...shape], 0, 1, "float32", 1), y: labels(count) };
}

/** Sentences of 32 words with labels. */
function sentences(count: number): { x: tf.Tensor; y: tf.Tensor } {
  return {
    x: tf.tidy(() => tf.cast(tf.randomUniformInt([count, LONG], 0, WORDS, 3), "float32")),
    y: labels(count),
  };
}

function labels(count: number): tf.Tensor {
  return tf.tidy(() =>
    tf.cast(tf.oneHot(tf.randomUniformInt([count], 0, CLASSES, 2), CLASSES), "float32")
  );
}

const seeded = (seed: number) => ({
  kernelInitializer: tfl.initializers.glorotUniform({ seed }),
});

/** Attention of words to words, in several heads, added to what came in. */
class Attention extends tfl.layers.Layer {
  static className = "BenchAttention";
  readonly #heads = 4;
  readonly #weights: tfl.LayerVariable[] = [];

  override build(): void {
    for (const [index, name] of ["query", "key", "value", "out"].entries()) {
      const initializer = tfl.initializers.glorotUniform({ seed: index + 11 });
      this.#weights.push(this.addWeight(name, [WIDE, WIDE], "float32", initializer));
    }
    this.built = true;
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = [inputs].flat()[0]!;
      const flat = tf.reshape(x, [-1, WIDE]);
      const width = WIDE / this.#heads;
      const [query, key, value, out] = this.#weights.map((weight) => weight.read());
      const heads = (weight: tf.Tensor) =>
        tf.transpose(tf.reshape(tf.matMul(flat, weight), [-1, LONG, this.#heads, width]), [
          0,
          2,
          1,
          3,
        ]);
      const scores = tf.matMul(heads(query!), heads(key!), false, true);
      const attended = tf.matMul(tf.softmax(tf.div(scores, Math.sqrt(width))), heads(value!));
      const joined = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [-1, WIDE]);
      return tf.add(x, tf.reshape(tf.matMul(joined, out!), [-1, LONG, WIDE]));
    });
  }
}

function transformer(): tfl.LayersModel {
  const words = tfl.input({ shape: [LONG] });
  let x = tfl.layers.embedding({ inputDim: WORDS, outputDim: WIDE }).apply(
    words,
  ) as tfl.SymbolicTensor;
  for (let block = 0; block < 2; block++) {
    const normal = tfl.layers.layerNormalization().apply(x) as tfl.SymbolicTensor;
    x = new Attention({ name: `attention${block}` }).apply(normal) as tfl.SymbolicTensor;
    const wide = tfl.layers.dense({ units: 2 * WIDE, activation: "relu", ...seeded(20 + block) })
      .apply(tfl.layers.layerNormalization().apply(x)) as tfl.SymbolicTensor;
    const back = tfl.layers.dense({ units: WIDE, ...seeded(30 + block) }).apply(wide);
    x = tfl.layers.add().apply([x, back as tfl.SymbolicTensor]) as tfl.SymbolicTensor;
  }
  const mean = tfl.layers.globalAveragePooling1d().apply(x) as tfl.SymbolicTensor;
  const out = tfl.layers.dense({ units: CLASSES, activation: "softmax", ...seeded(40) }).apply(
    mean,
  );
  return tfl.model({ inputs: words, outputs: out as tfl.SymbolicTensor });
}

function unet(): tfl.LayersModel {
  const conv = (filters: number, seed: number, strides = 1) =>
    tfl.layers.conv2d({
      filters,
      kernelSize: 3,
      padding: "same",
      strides,
      activation: "relu",
      ...seeded(seed),
    });
  const image = tfl.input({ shape: [28, 28, 1] });
  const high = conv(16, 1).apply(image) as tfl.SymbolicTensor;
  const middle = conv(32, 2, 2).apply(high) as tfl.SymbolicTensor;
  const low = conv(32, 3).apply(conv(32, 4, 2).apply(middle)) as tfl.SymbolicTensor;
  const up = (x: tfl.SymbolicTensor) =>
    tfl.layers.upSampling2d({ size: [2, 2] }).apply(x) as tfl.SymbolicTensor;
  const join = (...x: tfl.SymbolicTensor[]) =>
    tfl.layers.concatenate().apply(x) as tfl.SymbolicTensor;
  const second = conv(32, 5).apply(join(up(low), middle)) as tfl.SymbolicTensor;
  const first = conv(16, 6).apply(join(up(second), high)) as tfl.SymbolicTensor;
  const out = tfl.layers.conv2d({ filters: 1, kernelSize: 3, padding: "same", ...seeded(7) });
  return tfl.model({ inputs: image, outputs: out.apply(first) as tfl.SymbolicTensor });
}

/** What is timed. */
export const NETWORKS: readonly Network[] = [
  {
    name: "dense",
    title: "dense 784-256-256-10",
    batchSize: 128,
    loss: "categoricalCrossentropy",
    build: () =>
      tfl.sequential({
        layers: [
          tfl.layers.dense({ units: 256, activation: "relu", inputShape: [784], ...seeded(1) }),
          tfl.layers.dense({ units: 256, activation: "relu", ...seeded(2) }),
          tfl.layers.dense({ units: CLASSES, activation: "softmax", ...seeded(3) }),
        ],
      }),
    data: (batches) => images(128 * batches, [784]),
  },
  {
    name: "conv",
    title: "3x3x16, pool, 3x3x32, pool, dense 64",
    batchSize: 128,
    loss: "categoricalCrossentropy",
    build: () =>
      tfl.sequential({
        layers: [
          tfl.layers.conv2d({
            filters: 16,
            kernelSize: 3,
            activation: "relu",
            inputShape: [28, 28, 1],
            ...seeded(1),
          }),
          tfl.layers.maxPooling2d({ poolSize: 2 }),
          tfl.layers.conv2d({ filters: 32, kernelSize: 3, activation: "relu", ...seeded(2) }),
          tfl.layers.maxPooling2d({ poolSize: 2 }),
          tfl.layers.flatten(),
          tfl.layers.dense({ units: 64, activation: "relu", ...seeded(3) }),
          tfl.layers.dense({ units: CLASSES, activation: "softmax", ...seeded(4) }),
        ],
      }),
    data: (batches) => images(128 * batches, [28, 28, 1]),
  },
  {
    name: "lstm",
    title: "embedding 1000 x 64, 32 words, LSTM 64",
    batchSize: 128,
    loss: "categoricalCrossentropy",
    build: () =>
      tfl.sequential({
        layers: [
          tfl.layers.embedding({ inputDim: WORDS, outputDim: WIDE, inputLength: LONG }),
          tfl.layers.lstm({
            units: 64,
            ...seeded(1),
            recurrentInitializer: tfl.initializers.glorotUniform({ seed: 2 }),
          }),
          tfl.layers.dense({ units: CLASSES, activation: "softmax", ...seeded(3) }),
        ],
      }),
    data: (batches) => sentences(128 * batches),
  },
  {
    name: "unet",
    title: "U-Net denoiser, 28 x 28, 16 to 32 channels",
    batchSize: 32,
    loss: "meanSquaredError",
    build: unet,
    data: (batches) => {
      const { x, y } = images(32 * batches, [28, 28, 1]);
      y.dispose();
      return { x, y: tf.randomNormal(x.shape, 0, 1, "float32", 5) };
    },
  },
  {
    name: "transformer",
    title: "two blocks of attention, 4 heads, 32 words of 64",
    batchSize: 32,
    loss: "categoricalCrossentropy",
    build: transformer,
    data: (batches) => sentences(32 * batches),
  },
];
