import * as tf from "@tensorflow/tfjs-core";
import { accumulatorOf, type NormLimit, type SlotState, type Work } from "./engine.ts";
import { DOWN, LARGE } from "./norm_range.ts";

/**
 * The factors `min(1, limit / norm)` of gradients, as kept scalars of the device: nothing is read.
 */
export function gradientScales(
  work: readonly Work<SlotState & { readonly tensors: readonly tf.Tensor[] }>[],
  { kind, limit }: NormLimit,
): tf.Tensor[] {
  return tf.tidy(() => {
    const sums = work.map(({ rule, gradient, state, scalars }) => {
      const sum = state.tensors[accumulatorOf(rule)];
      return squares(
        sum === undefined ? gradient : tf.mul(tf.add(sum, gradient), scalars["accumulatorShare"]!),
      );
    });
    if (kind === "variable") return sums.map((sum) => tf.keep(factor(sum, limit)));
    const scale = factor(sums.reduce((a, b) => tf.add(a, b)), limit);
    return work.map(() => tf.keep(tf.clone(scale)));
  });
}

/** The sums of the squares of small numbers and of scaled large ones, [2]. */
function squares(values: tf.Tensor): tf.Tensor {
  if (values.size === 0) return tf.zeros([2]); // tf.sum does not run on nothing
  const flat = tf.reshape(values, [-1]);
  const large = tf.less(LARGE, tf.abs(flat));
  const zeros = tf.zerosLike(flat);
  const small = tf.where(large, zeros, flat);
  const scaled = tf.where(large, tf.mul(flat, DOWN), zeros);
  return tf.stack([tf.sum(tf.square(small)), tf.sum(tf.square(scaled))]);
}

/** `min(1, limit / norm)`; NaN stays NaN. */
function factor(sums: tf.Tensor, limit: number): tf.Tensor {
  const [small, scaled] = tf.unstack(sums);
  const isLarge = tf.less(0, scaled!);
  const norm = tf.where(
    isLarge,
    tf.sqrt(tf.add(scaled!, tf.mul(small!, DOWN * DOWN))),
    tf.sqrt(small!),
  );
  const bound = tf.where(isLarge, tf.scalar(limit * DOWN), tf.scalar(limit));
  // Where the norm is within the bound the quotient is 1 to the last digit.
  return tf.div(bound, tf.where(tf.less(norm, bound), bound, norm));
}
