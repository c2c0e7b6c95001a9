import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";

export type Symbolic = tfl.SymbolicTensor;

/** Frequencies of the waves that t is told by, from half a turn over [0, 1] upwards. */
const FREQUENCIES = Array.from({ length: 16 }, (_, i) => Math.PI / 2 * 64 ** (i / 15));

/** A layer without weights that computes one tensor of another. */
abstract class Plain extends tfl.layers.Layer {
  constructor(config: { name?: string } = {}) {
    super(config);
  }
  protected abstract compute(input: tf.Tensor): tf.Tensor;
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => this.compute([inputs].flat()[0]!));
  }
  override computeOutputShape(shape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return this.shapeOf(shape as tfl.Shape);
  }
  protected shapeOf(shape: tfl.Shape): tfl.Shape {
    return shape;
  }
}

/** t, [B, 1], to the sines and cosines of its multiples, [B, 32]. */
export class TimeWaves extends Plain {
  static get className(): string {
    return "DiffuseTimeWaves";
  }
  protected override compute(t: tf.Tensor): tf.Tensor {
    const angles = tf.mul(t, tf.tensor2d([FREQUENCIES]));
    return tf.concat([tf.sin(angles), tf.cos(angles)], 1);
  }
  protected override shapeOf([batch]: tfl.Shape): tfl.Shape {
    return [batch ?? null, 2 * FREQUENCIES.length];
  }
}

/** Scales the last axis to a mean square of 1; the layer normalization of tfjs is very slow on wasm. */
export class RmsNorm extends Plain {
  static get className(): string {
    return "DiffuseRmsNorm";
  }
  protected override compute(x: tf.Tensor): tf.Tensor {
    return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5)));
  }
}

/** Each cell of a grid, [B, rows, columns, C], beside its eight neighbours, zeros outside. */
export class Neighbours extends Plain {
  static get className(): string {
    return "DiffuseNeighbours";
  }
  protected override compute(grid: tf.Tensor): tf.Tensor {
    const framed = tf.pad(grid, [[0, 0], [1, 1], [1, 1], [0, 0]]);
    const shifted = Array.from(
      { length: 9 },
      (_, i) => tf.slice(framed, [0, Math.floor(i / 3), i % 3, 0], grid.shape),
    );
    return tf.concat(shifted, 3);
  }
  protected override shapeOf(shape: tfl.Shape): tfl.Shape {
    return [...shape.slice(0, 3), 9 * shape[3]!];
  }
}

// So that the model of a checkpoint can be loaded.
for (const layer of [TimeWaves, RmsNorm, Neighbours]) tf.serialization.registerClass(layer);

/** Numbers that tell the other layers the time and the class. */
const CONTEXT = 128;

/** Layers whose weights are drawn from one seed after the other. */
export class Parts {
  #seed: number;

  constructor(seed: number) {
    this.#seed = 1000 * seed;
  }

  initializer(): ReturnType<typeof tfl.initializers.heNormal> {
    return tfl.initializers.heNormal({ seed: this.#seed++ });
  }

  /** What tells the other layers the time and the class, a one-hot row if there are any: [B, 128]. */
  context(t: Symbolic, label?: Symbolic): Symbolic {
    const time = this.dense("time", CONTEXT, apply(new TimeWaves(), t));
    return relu(label === undefined ? time : sum(time, this.dense("class", CONTEXT, label)));
  }

  /** A dense layer with offsets; it may begin with all weights 0. */
  dense(name: string, units: number, input: Symbolic, start?: "zeros"): Symbolic {
    const kernelInitializer = start ?? this.initializer();
    return apply(tfl.layers.dense({ name, units, kernelInitializer }), input);
  }

  /** Two dense layers without offsets on the last axis, the second beginning with all weights 0. */
  mix(name: string, hidden: number, input: Symbolic): Symbolic {
    const dense = (name: string, units: number, start?: "zeros") =>
      tfl.layers.dense({
        name,
        units,
        kernelInitializer: start ?? this.initializer(),
        useBias: false,
      });
    const inner = relu(apply(dense(`${name}_in`, hidden), input));
    return apply(dense(`${name}_out`, input.shape.at(-1)!, "zeros"), inner);
  }

  /** A convolution of 3 x 3 pixels. */
  conv(name: string, filters: number, input: Symbolic, strides = 1): Symbolic {
    const kernelInitializer = this.initializer();
    return apply(
      tfl.layers.conv2d({
        name,
        filters,
        kernelSize: 3,
        strides,
        padding: "same",
        kernelInitializer,
      }),
      input,
    );
  }
}

export function apply(layer: tfl.layers.Layer, input: Symbolic | Symbolic[]): Symbolic {
  return layer.apply(input) as Symbolic;
}

export function sum(...terms: Symbolic[]): Symbolic {
  return apply(tfl.layers.add(), terms);
}

export function product(...factors: Symbolic[]): Symbolic {
  return apply(tfl.layers.multiply(), factors);
}

export function relu(input: Symbolic): Symbolic {
  return apply(tfl.layers.activation({ activation: "relu" }), input);
}

export function reshape(input: Symbolic, ...targetShape: number[]): Symbolic {
  return apply(tfl.layers.reshape({ targetShape }), input);
}

/** Other orders of the axes, counted from 1 without that of the batch. */
export function permute(input: Symbolic, ...dims: number[]): Symbolic {
  return apply(tfl.layers.permute({ dims }), input);
}
