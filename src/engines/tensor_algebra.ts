import * as tf from "@tensorflow/tfjs-core";
import type { Algebra } from "../expr/algebra.ts";
import { float32 } from "../expr/numbers.ts";

/** A tensor, or a number that is the same for all its elements. */
export type TensorLike = tf.Tensor | number;

/** The operations of a rule as tfjs operations, over float32 tensors. */
export interface TensorAlgebra extends Algebra<TensorLike, tf.Tensor | boolean> {
  /** The tensor of that shape that a number stands for; a tensor is what it is. */
  spread(value: TensorLike, shape: number[]): tf.Tensor;
  /** Frees the scalars that were made. */
  dispose(): void;
}

/**
 * Makes an algebra. Numbers stay numbers as long as they meet numbers alone; each becomes one scalar,
 * however often it meets a tensor, until `dispose()`.
 */
export function tensorAlgebra(): TensorAlgebra {
  const scalars = new Map<number, tf.Scalar>();
  const scalar = (value: number): tf.Scalar => {
    let tensor = scalars.get(value);
    if (tensor === undefined) scalars.set(value, tensor = tf.keep(tf.scalar(value)));
    return tensor;
  };
  const tensor = (value: TensorLike) => typeof value === "number" ? scalar(value) : value;
  const spread = (value: TensorLike, shape: number[]) =>
    typeof value === "number" ? tf.fill(shape, value) : value;

  type Binary = "add" | "sub" | "mul" | "div" | "min" | "max" | "pow";
  const binary = (name: Binary, op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor) =>
  (
    a: TensorLike,
    b: TensorLike,
  ): TensorLike =>
    typeof a === "number" && typeof b === "number" ? float32[name](a, b) : op(tensor(a), tensor(b));
  const compare = (name: "less" | "equal", op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor) =>
  (
    a: TensorLike,
    b: TensorLike,
  ): tf.Tensor | boolean =>
    typeof a === "number" && typeof b === "number" ? float32[name](a, b) : op(tensor(a), tensor(b));

  const less = compare("less", tf.less);
  const select: TensorAlgebra["select"] = (condition, yes, no) => {
    if (typeof condition === "boolean") return condition ? yes : no;
    // tf.where would spread a scalar by tiling it, which is many times slower than filling.
    return tf.where(condition, spread(yes, condition.shape), spread(no, condition.shape));
  };
  return {
    range: "single",
    spread,
    constant: (value) => Math.fround(value),
    add: binary("add", tf.add),
    sub: binary("sub", tf.sub),
    mul: binary("mul", tf.mul),
    div: binary("div", tf.div),
    min: binary("min", tf.minimum),
    max: binary("max", tf.maximum),
    pow: binary("pow", tf.pow),
    sqrt: (a) => typeof a === "number" ? float32.sqrt(a) : tf.sqrt(a),
    // tf.sign of the wasm backend gives 0 for small numbers and for NaN.
    sign: (a) => select(less(0, a), 1, select(less(a, 0), -1, a)),
    less,
    equal: compare("equal", tf.equal),
    select,
    dispose: () => scalars.forEach((each) => each.dispose()),
  };
}
