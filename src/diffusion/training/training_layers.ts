import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { pure } from "../../pure.ts";
import { registered } from "../../registered.ts";

/** What a training model draws from; the callback is one. */
export interface NoiseSource {
  /**
   * Draws the noise levels of a batch: {@linkcode LEVEL} columns for each sample.
   *
   * @param training whether the batch is for training, or for validation
   */
  drawLevels(batchSize: number, training: boolean): Float32Array;
  /** Draws the noise that goes with the levels drawn last, standard normal. */
  drawNoise(count: number): Float32Array;
  /** Whether the variance of the target is wanted. */
  readonly measures: boolean;
  /** Numbers that rows of the batch add to, summed over all rows of it, and how many those are. */
  readonly batch: { sum(sums: tf.Tensor): tf.Tensor; count(own: number): number };
}

/** Columns of a sample's noise level. */
export const LEVEL = { t: 0, alpha: 1, sigma: 2, x0: 3, epsilon: 4, weight: 5 } as const;
/** Number of columns of a noise level. */
export const LEVEL_COLUMNS = 6;

/** Columns of a training model's output. */
export const ROW = { loss: 0, t: 1, weight: 2, variance: 3 } as const;
/** Number of columns of a training model's output. */
export const ROW_COLUMNS = 4;

const Layer: typeof tfl.layers.Layer = /* @__PURE__ */ pure(() => tfl.layers.Layer);

type Inputs = tf.Tensor | tf.Tensor[];
type Kwargs = { training?: unknown };

/** A layer of a training model: no weights, and a source that draws, once it is bound to one. */
export abstract class DiffusionLayer extends Layer {
  #source: NoiseSource | undefined;

  constructor(args: { name?: string } = {}) {
    super(args);
  }

  /** Gives the layer its source. */
  bind(source: NoiseSource): void {
    this.#source = source;
  }

  /** What the layer computes. */
  protected abstract compute(inputs: tf.Tensor[], training: boolean): tf.Tensor;

  /** The shape of that. */
  protected abstract shapeOf(inputs: tfl.Shape[]): tfl.Shape;

  /** The source it is bound to. */
  protected get source(): NoiseSource {
    if (this.#source !== undefined) return this.#source;
    throw new Error(
      `Cannot run layer "${this.name}": a training model that was loaded must go through ` +
        `erd.wrap(model) before it runs`,
    );
  }

  override call(inputs: Inputs, kwargs: Kwargs): tf.Tensor {
    return tf.tidy(() => this.compute([inputs].flat(), kwargs.training === true));
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return this.shapeOf((Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as tfl.Shape[]);
  }
}

/** x0 to the noise levels of its samples, drawn afresh at each call. */
class Levels extends DiffusionLayer {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  static get className(): string {
    return "SignalfitLevels";
  }
  protected override compute([x0]: [tf.Tensor], training: boolean): tf.Tensor {
    const size = x0.shape[0]!;
    return tf.tensor2d(this.source.drawLevels(size, training), [size, LEVEL_COLUMNS]);
  }
  protected override shapeOf([x0]: [tfl.Shape]): tfl.Shape {
    return [x0[0] ?? null, LEVEL_COLUMNS];
  }
}

/** x0 and levels to standard normal noise shaped like x0. The levels are there to be drawn first. */
class Noise extends DiffusionLayer {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  static get className(): string {
    return "SignalfitNoise";
  }
  protected override compute([x0]: [tf.Tensor]): tf.Tensor {
    return tf.tensor(this.source.drawNoise(x0.size), x0.shape);
  }
  protected override shapeOf([x0]: [tfl.Shape]): tfl.Shape {
    return x0;
  }
}

/** x0, noise and levels to the denoiser's input x_t. */
class NoisyInput extends DiffusionLayer {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  static get className(): string {
    return "SignalfitNoisyInput";
  }
  protected override compute([x0, noise, levels]: [tf.Tensor, tf.Tensor, tf.Tensor]): tf.Tensor {
    return mixed(levels, x0, noise, LEVEL.alpha, LEVEL.sigma);
  }
  protected override shapeOf([x0]: [tfl.Shape]): tfl.Shape {
    return x0;
  }
}

/** Levels to the times, [B, 1]. */
class Times extends DiffusionLayer {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  static get className(): string {
    return "SignalfitTimes";
  }
  protected override compute([levels]: [tf.Tensor]): tf.Tensor {
    return column(levels, LEVEL.t);
  }
  protected override shapeOf([levels]: [tfl.Shape]): tfl.Shape {
    return [levels[0] ?? null, 1];
  }
}

/** x0, noise, levels and prediction to {@linkcode ROW} columns for each sample. */
class LossRows extends DiffusionLayer {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  static get className(): string {
    return "SignalfitLossRows";
  }
  protected override compute(
    [x0, noise, levels, prediction]: [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor],
  ): tf.Tensor {
    const target = mixed(levels, x0, noise, LEVEL.x0, LEVEL.epsilon);
    const loss = meanSquares(tf.sub(prediction, target));
    const variance = this.source.measures
      ? meanSquares(mixed(levels, centred(x0, this.source.batch), noise, LEVEL.x0, LEVEL.epsilon))
      : tf.zerosLike(loss);
    return tf.concat([loss, column(levels, LEVEL.t), column(levels, LEVEL.weight), variance], 1);
  }
  protected override shapeOf([x0]: [tfl.Shape]): tfl.Shape {
    return [x0[0] ?? null, ROW_COLUMNS];
  }
}

/** The layers of a training model. */
export const layers = {
  levels: (): DiffusionLayer => new Levels(),
  noise: (): DiffusionLayer => new Noise(),
  noisyInput: (): DiffusionLayer => new NoisyInput(),
  times: (): DiffusionLayer => new Times(),
  lossRows: (): DiffusionLayer => new LossRows(),
} as const;

/** A column of a matrix, [B, 1]. */
export function column(matrix: tf.Tensor, index: number): tf.Tensor {
  return tf.slice(matrix, [0, index], [-1, 1]);
}

/** The mean square over the elements of each sample, [B, 1]. */
export function meanSquares(values: tf.Tensor): tf.Tensor {
  return tf.mean(tf.square(tf.reshape(values, [values.shape[0]!, -1])), 1, true);
}

/** `a x + b y`, a and b being columns of the levels. */
function mixed(levels: tf.Tensor, x: tf.Tensor, y: tf.Tensor, a: number, b: number): tf.Tensor {
  const shape = [x.shape[0]!, ...new Array<number>(x.rank - 1).fill(1)];
  const factor = (index: number): tf.Tensor => tf.reshape(column(levels, index), shape);
  return tf.add(tf.mul(factor(a), x), tf.mul(factor(b), y));
}

/**
 * The data less their mean over the batch, scaled so that the mean square is the variance, without
 * bias. A batch of one is taken for centred.
 */
function centred(x0: tf.Tensor, batch: NoiseSource["batch"]): tf.Tensor {
  const size = batch.count(x0.shape[0]!);
  if (size === 1) return x0;
  const mean = tf.div(batch.sum(tf.sum(x0, 0, true)), size);
  return tf.mul(tf.sub(x0, mean), Math.sqrt(size / (size - 1)));
}

/** A column of the rows, [B]. */
export function rowColumn(rows: tf.Tensor, index: number): tf.Tensor {
  return tf.reshape(column(rows, index), [-1]);
}

/**
 * Makes sure that an output is that of a wrapped model.
 *
 * @throws {Error} otherwise
 */
export function checkRows({ shape }: tf.Tensor): void {
  if (shape.length === 2 && shape[1] === ROW_COLUMNS) return;
  throw new Error(
    `Cannot compute the loss: the model must be erd.wrap(denoiser) with the output shape ` +
      `[null, ${ROW_COLUMNS}], got [${shape}]`,
  );
}
