import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import type { NoiseLevel } from "../../src/diffusion/noise/level.ts";
import { type Target, targetCoefficients } from "../../src/diffusion/noise/target.ts";
import type { Mixture } from "./mixture_floor.ts";

/** A noise level for each time of a batch, as columns [B, 1] of alpha, sigma, c_x and c_eps. */
export type LevelsOf = (t: tf.Tensor) => [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

/** The levels of a path, found on the host: all times of the batch must be `t`. */
export function levelsAt(
  process: (t: number) => NoiseLevel,
  target: Target,
  t: number,
): LevelsOf {
  const level = process(t), c = targetCoefficients(target, level);
  return () =>
    [level.alpha, level.sigma, c.x0, c.epsilon].map((x) => tf.tensor2d([[x]])) as ReturnType<
      LevelsOf
    >;
}

const HALF_PI = Math.PI / 2;

/** The levels of "linear" and "cosine" for any times, in tensor operations. */
export function levelsOf(path: "linear" | "cosine", target: Target): LevelsOf {
  return (t) => {
    const one = tf.onesLike(t);
    const [alpha, sigma] = path === "linear"
      ? [tf.sub(1, t), t]
      : [tf.cos(tf.mul(t, HALF_PI)), tf.sin(tf.mul(t, HALF_PI))];
    const [dAlpha, dSigma] = path === "linear"
      ? [tf.neg(one), one]
      : [tf.mul(sigma, -HALF_PI), tf.mul(alpha, HALF_PI)];
    const zero = tf.zerosLike(t);
    const table: Record<Target, [tf.Tensor, tf.Tensor]> = {
      epsilon: [zero, one],
      x0: [one, zero],
      v: [tf.neg(sigma), alpha],
      flow: [dAlpha, dSigma],
      score: [zero, tf.neg(tf.div(1, sigma))],
    };
    return [alpha, sigma, ...table[target]];
  };
}

/**
 * The best possible denoiser for a Gaussian mixture, x [B, d]: the posterior mean of the target. Given
 * x_t and component k, x0 has the mean mu + alpha l (x - alpha mu) / s and the noise sigma (x - alpha mu)
 * / s, where l is the component's variance and s = alpha^2 l + sigma^2.
 */
export function exactPrediction(
  { pi, mu, std }: Mixture,
  levels: LevelsOf,
  x: tf.Tensor,
  t: tf.Tensor,
): tf.Tensor {
  const [alpha, sigma, cx, ce] = levels(t), d = mu[0]!.length;
  const parts = pi.map((p, k) => {
    const l = std[k]! ** 2, mean = tf.tensor2d([[...mu[k]!]]);
    const s = tf.add(tf.mul(tf.square(alpha), l), tf.square(sigma));
    const z = tf.div(tf.sub(x, tf.mul(alpha, mean)), s); // (x - alpha mu) / s
    const square = tf.mul(tf.sum(tf.square(z), 1, true), s);
    const logWeight = tf.sub(
      Math.log(p),
      tf.mul(0.5, tf.add(tf.mul(d, tf.log(s)), square)),
    );
    const data = tf.add(mean, tf.mul(tf.mul(alpha, l), z));
    return { logWeight, y: tf.add(tf.mul(cx, data), tf.mul(ce, tf.mul(sigma, z))) };
  });
  const shares = tf.softmax(tf.concat(parts.map(({ logWeight }) => logWeight), 1));
  return parts.map(({ y }, k) => tf.mul(tf.slice(shares, [0, k], [-1, 1]), y))
    .reduce((sum, y) => tf.add(sum, y));
}

/** The exact denoiser as a layer of x_t and t. */
class ExactLayer extends tfl.layers.Layer {
  static get className(): string {
    return "ExactDenoiser";
  }
  constructor(readonly mixture: Mixture, readonly levels: LevelsOf) {
    super({});
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x, t] = inputs as [tf.Tensor, tf.Tensor];
    return tf.tidy(() => exactPrediction(this.mixture, this.levels, x, t));
  }
  override computeOutputShape(shapes: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return (shapes as tfl.Shape[])[0]!;
  }
}
tf.serialization.registerClass(
  ExactLayer as unknown as tf.serialization.SerializableConstructor<
    tfl.layers.Layer
  >,
);

/** The exact denoiser as a model with inputs [x_t, t]. */
export function exactDenoiser(mixture: Mixture, levels: LevelsOf): tfl.LayersModel {
  const x = tfl.input({ shape: [mixture.mu[0]!.length] }), t = tfl.input({ shape: [1] });
  const y = new ExactLayer(mixture, levels).apply([x, t]) as tfl.SymbolicTensor;
  return tfl.model({ inputs: [x, t], outputs: y });
}
