import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";

/** A network that can be trained as a denoiser. */
export interface DenoiserEntry {
  /** What it is, in a few words. */
  readonly title: string;
  /** Kernels without which a backend cannot train it. */
  readonly kernels: readonly string[];
  /** Steps of training, unless another number is asked for. */
  readonly steps: number;
  /** Images in a batch, unless another number is asked for. */
  readonly batchSize: number;
  /** Shape of one image for it. */
  imageShape(size: number): number[];
  /** Inputs [x_t, t], output like x_t. The same seed gives the same weights. */
  build(size: number, seed: number): tfl.LayersModel;
}

type Symbolic = tfl.SymbolicTensor;

/** Width of the vector that tells the layers what time it is. */
const TIME_WIDTH = 128;
const MLP = { width: 384, blocks: 3 } as const;
const UNET_FILTERS = 32;

/** The denoisers by name. */
export const DENOISERS = {
  mlp: {
    title: `residual perceptron, ${MLP.blocks} blocks of ${MLP.width}`,
    kernels: ["_FusedMatMul"],
    steps: 2000,
    batchSize: 64,
    imageShape: (size) => [size * size],
    build(size, seed) {
      const [x, t] = [tfl.input({ shape: this.imageShape(size) }), tfl.input({ shape: [1] })];
      const { dense, embed } = new Parts(seed);
      const time = embed(t);
      let hidden = relu(sum(dense("in", MLP.width, x), dense("in_time", MLP.width, time)));
      for (let block = 0; block < MLP.blocks; block++) {
        const name = `block${block}`;
        const inner = relu(
          sum(
            dense(`${name}_in`, MLP.width, hidden),
            dense(`${name}_time`, MLP.width, time),
          ),
        );
        hidden = sum(hidden, dense(`${name}_out`, MLP.width, inner, "zeros"));
      }
      // Beside what the blocks find, each pixel of x_t times a factor of its own by t.
      const gate = dense("gate", size * size, time, "zeros");
      const kept = tfl.layers.multiply().apply([x, gate]) as Symbolic;
      return tfl.model({
        inputs: [x, t],
        outputs: sum(dense("out", size * size, hidden, "zeros"), kept),
      });
    },
  },
  unet: {
    title: `small U-Net, ${UNET_FILTERS} and ${2 * UNET_FILTERS} filters`,
    kernels: ["Conv2D", "Conv2DBackpropFilter", "Conv2DBackpropInput"],
    steps: 600,
    batchSize: 32,
    imageShape: (size) => [size, size, 1],
    build(size, seed) {
      const [x, t] = [tfl.input({ shape: this.imageShape(size) }), tfl.input({ shape: [1] })];
      const parts = new Parts(seed);
      const [narrow, wide] = [UNET_FILTERS, 2 * UNET_FILTERS];
      const time = parts.embed(t);
      const fine = parts.convolutions("fine", narrow, parts.conv("in", narrow, x), time);
      const halved = parts.conv("down", wide, fine, 2);
      const coarse = parts.convolutions(
        "deep",
        wide,
        parts.convolutions("coarse", wide, halved, time),
        time,
      );
      const back = tfl.layers.conv2dTranspose({
        name: "up",
        filters: narrow,
        kernelSize: 2,
        strides: 2,
        kernelInitializer: parts.initializer(),
      }).apply(coarse) as Symbolic;
      const joined = parts.convolutions("joined", narrow, sum(fine, back), time);
      const gate = tfl.layers.reshape({ targetShape: [1, 1, 1] }).apply(
        parts.dense("gate", 1, time, "zeros"),
      ) as Symbolic;
      const kept = tfl.layers.multiply().apply([x, gate]) as Symbolic;
      const found = parts.conv("out", 1, joined);
      return tfl.model({ inputs: [x, t], outputs: sum(found, kept) });
    },
  },
} as const satisfies Record<string, DenoiserEntry>;

/** Name of a denoiser. */
export type DenoiserName = keyof typeof DENOISERS;

/** The names. */
export const DENOISER_NAMES = Object.keys(DENOISERS) as DenoiserName[];

/** Frequencies of the waves that t is told by, from half a turn over [0, 1] upwards. */
const FREQUENCIES = Array.from({ length: 16 }, (_, i) => Math.PI / 2 * 64 ** (i / 15));

/** t, [B, 1], to the sines and cosines of its multiples, [B, 32]. */
class TimeWaves extends tfl.layers.Layer {
  static get className(): string {
    return "DiffuseTimeWaves";
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const angles = tf.mul([inputs].flat()[0]!, tf.tensor2d([FREQUENCIES]));
      return tf.concat([tf.sin(angles), tf.cos(angles)], 1);
    });
  }
  override computeOutputShape(shape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return [(shape as tfl.Shape)[0] ?? null, 2 * FREQUENCIES.length];
  }
}

/** Layers with weights drawn from one seed after the other. */
class Parts {
  #seed: number;

  constructor(seed: number) {
    this.#seed = 1000 * seed;
  }

  initializer = () => tfl.initializers.heNormal({ seed: this.#seed++ });

  embed = (t: Symbolic): Symbolic =>
    relu(this.dense("time", TIME_WIDTH, new TimeWaves({}).apply(t) as Symbolic));

  dense = (name: string, units: number, input: Symbolic, start?: "zeros"): Symbolic =>
    tfl.layers.dense({ name, units, kernelInitializer: start ?? this.initializer() })
      .apply(input) as Symbolic;

  conv = (name: string, filters: number, input: Symbolic, strides = 1): Symbolic =>
    tfl.layers.conv2d({
      name,
      filters,
      kernelSize: 3,
      strides,
      padding: "same",
      kernelInitializer: this.initializer(),
    }).apply(input) as Symbolic;

  /** Two convolutions beside the input, the time added between them. */
  convolutions = (name: string, filters: number, input: Symbolic, time: Symbolic): Symbolic => {
    const shift = tfl.layers.reshape({ targetShape: [1, 1, filters] }).apply(
      this.dense(`${name}_time`, filters, time),
    ) as Symbolic;
    const inner = relu(sum(this.conv(`${name}_in`, filters, input), shift));
    return sum(input, this.conv(`${name}_out`, filters, inner));
  };
}

function sum(...terms: Symbolic[]): Symbolic {
  return tfl.layers.add().apply(terms) as Symbolic;
}

function relu(input: Symbolic): Symbolic {
  return tfl.layers.activation({ activation: "relu" }).apply(input) as Symbolic;
}
