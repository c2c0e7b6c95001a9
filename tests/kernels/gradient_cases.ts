import * as tf from "@tensorflow/tfjs-core";
import { hash } from "./against_cpu.ts";

/** An operation that has a gradient, with arguments to take it at. */
export interface GradientCase {
  /** Name of tfjs's gradient. */
  readonly name: string;
  /** Shapes of the arguments that a gradient is taken for. */
  readonly shapes: readonly (readonly number[])[];
  /** Where the arguments lie; -2 to 2 if left out. */
  readonly range?: readonly [number, number];
  /** Whether what is not finite may be among them. */
  readonly special?: boolean;
  readonly run: (...x: tf.Tensor[]) => tf.Tensor;
}

const VECTOR = [[37]] as const;
const IMAGE = [[2, 6, 7, 3]] as const;

/** An operation on each number. */
const each = (name: string, run: (x: tf.Tensor) => tf.Tensor, range?: [number, number]) =>
  ({ name, shapes: VECTOR, run, special: true, ...range ? { range } : {} }) satisfies GradientCase;

/** An operation on pairs of numbers, of the same shape and of shapes that are spread. */
const pairs = (
  name: string,
  run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  range?: [number, number],
) =>
  [[[5, 7], [5, 7]], [[3, 5, 7], [7]], [[3, 5, 7], [3, 1, 7]], [[5, 7], []]].map((
    shapes,
  ): GradientCase => ({
    name,
    shapes,
    run: run as GradientCase["run"],
    special: true,
    ...range ? { range } : {},
  }));

/** An operation on one argument of a shape. */
const one = (
  name: string,
  shape: readonly number[],
  run: (x: never) => tf.Tensor,
): GradientCase => ({
  name,
  shapes: [shape],
  run: run as GradientCase["run"],
});

const ids = () => tf.tensor1d([2, 0, 4, 2], "int32");
const condition = (shape: number[]) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(Array.from({ length: size }, (_, i) => hash(7, i) < 0.5), shape, "bool");
};

type T1 = tf.Tensor1D;
type T2 = tf.Tensor2D;
type T4 = tf.Tensor4D;

/** An example or more of each gradient that tfjs registers. */
export const GRADIENT_CASES: readonly GradientCase[] = [
  each("Abs", tf.abs),
  each("Acos", tf.acos, [-0.99, 0.99]),
  each("Acosh", tf.acosh, [1.01, 3]),
  ...pairs("Add", tf.add),
  { name: "AddN", shapes: [[5, 7], [5, 7], [5, 7]], run: (...x) => tf.addN(x) },
  one("ArgMax", [5, 7], (x) => tf.cast(tf.argMax(x), "float32")),
  one("ArgMin", [5, 7], (x) => tf.cast(tf.argMin(x), "float32")),
  each("Asin", tf.asin, [-0.99, 0.99]),
  each("Asinh", tf.asinh),
  each("Atan", tf.atan),
  ...pairs("Atan2", tf.atan2, [0.2, 2]),
  each("Atanh", tf.atanh, [-0.95, 0.95]),
  one("AvgPool", IMAGE[0], (x: T4) => tf.avgPool(x, 2, 2, "same")),
  one("AvgPool", IMAGE[0], (x: T4) => tf.avgPool(x, 3, 1, "valid")),
  one("AvgPool3D", [1, 4, 5, 6, 2], (x: tf.Tensor5D) => tf.avgPool3d(x, 2, 2, "same")),
  { name: "BatchMatMul", shapes: [[2, 5, 7], [2, 7, 3]], run: (a, b) => tf.matMul(a, b) },
  { name: "BatchMatMul", shapes: [[7, 5], [3, 7]], run: (a, b) => tf.matMul(a, b, true, true) },
  one("BatchToSpaceND", [8, 2, 3, 2], (x: T4) => tf.batchToSpaceND(x, [2, 2], [[0, 0], [0, 1]])),
  one("BroadcastTo", [3, 1, 4], (x) => tf.broadcastTo(x, [3, 5, 4])),
  each("Cast", (x) => tf.cast(tf.cast(x, "float32"), "float32")),
  each("Ceil", tf.ceil),
  each("ClipByValue", (x) => tf.clipByValue(x, -1, 1)),
  one("ComplexAbs", [6], (x) => tf.abs(tf.complex(tf.add(x, 3), tf.ones([6])) as never)),
  { name: "Concat", shapes: [[3, 2, 4], [3, 5, 4]], run: (a, b) => tf.concat([a, b], 1) },
  { name: "Concat", shapes: [[3, 2, 4], [3, 2, 3]], run: (a, b) => tf.concat([a, b], 2) },
  ...(["same", "valid"] as const).map((pad): GradientCase => ({
    name: "Conv2D",
    shapes: [[2, 6, 7, 3], [3, 2, 3, 4]],
    run: (x, w) => tf.conv2d(x as T4, w as T4, [2, 1], pad),
  })),
  {
    name: "Conv2DBackpropInput",
    shapes: [[2, 3, 3, 4], [3, 3, 2, 4]],
    run: (x, w) => tf.conv2dTranspose(x as T4, w as T4, [2, 6, 6, 2], 2, "same"),
  },
  {
    name: "Conv3D",
    shapes: [[1, 4, 4, 4, 2], [2, 2, 2, 2, 3]],
    run: (x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, 1, "same"),
  },
  each("Cos", tf.cos),
  each("Cosh", tf.cosh),
  one("Cumsum", [4, 6], (x) => tf.cumsum(x, 1, true, true)),
  ...[1, 2].map((many): GradientCase => ({
    name: "DepthwiseConv2dNative",
    shapes: [[2, 6, 7, 3], [3, 2, 3, many]],
    run: (x, w) => tf.depthwiseConv2d(x as T4, w as T4, 1, "same"),
  })),
  {
    name: "Dilation2D",
    shapes: [[1, 5, 5, 2], [2, 2, 2]],
    run: (x, w) => tf.dilation2d(x as T4, w as tf.Tensor3D, 1, "same"),
  },
  each("Elu", tf.elu),
  each("Erf", tf.erf),
  each("Exp", tf.exp),
  one("ExpandDims", [3, 4], (x) => tf.expandDims(x, 1)),
  each("Expm1", tf.expm1),
  each("Floor", tf.floor),
  {
    name: "FloorDiv",
    shapes: [[5, 7], [5, 7]],
    run: (a, b) => tf.cast(tf.floorDiv(tf.mul(a, 10), tf.add(tf.abs(b), 1)), "float32"),
  },
  {
    name: "FusedBatchNorm",
    shapes: [[4, 5, 3], [3], [3], [3], [3]],
    range: [0.2, 2],
    run: (x, mean, variance, offset, scale) =>
      tf.batchNorm(x, mean, variance as T1, offset as T1, scale as T1),
  },
  one("GatherV2", [5, 3, 4], (x) => tf.gather(x, ids())),
  one("GatherV2", [3, 5, 4], (x) => tf.gather(x, ids(), 1)),
  each("GreaterEqual", (x) => tf.mul(x, tf.cast(tf.greaterEqual(x, 0.5), "float32"))),
  each("Identity", tf.clone),
  ...(["isFinite", "isInf", "isNaN"] as const).map((name) =>
    each(
      { isFinite: "IsFinite", isInf: "IsInf", isNaN: "IsNan" }[name],
      (x) => tf.mul(tf.cast(tf[name](x), "float32"), tf.square(tf.relu6(x))),
    )
  ),
  one("LRN", [1, 3, 3, 7], (x: T4) => tf.localResponseNormalization(x, 2)),
  each("LeakyRelu", (x) => tf.leakyRelu(x, 0.3)),
  each("Log", tf.log, [0.1, 3]),
  each("Log1p", tf.log1p, [-0.5, 3]),
  one("LogSoftmax", [5, 7], (x) => tf.logSoftmax(x)),
  one("Max", [4, 5, 3], (x) => tf.max(x, [0, 2])),
  one("Max", [5, 7], (x) => tf.max(x)),
  one("MaxPool", IMAGE[0], (x: T4) => tf.maxPool(x, 2, 2, "same")),
  one("MaxPool", IMAGE[0], (x: T4) => tf.maxPool(x, [3, 2], 1, "valid")),
  one("MaxPool3D", [1, 4, 5, 6, 2], (x: tf.Tensor5D) => tf.maxPool3d(x, 2, 2, "same")),
  ...pairs("Maximum", tf.maximum),
  one("Mean", [4, 5, 3], (x) => tf.mean(x, [0, 1])),
  one("Mean", [4, 5, 3], (x) => tf.mean(x)),
  one("Min", [4, 5, 3], (x) => tf.min(x, 1)),
  ...pairs("Minimum", tf.minimum),
  one("MirrorPad", [4, 5], (x) => tf.mirrorPad(x, [[1, 1], [2, 0]], "reflect")),
  { name: "Mod", shapes: [[5, 7], [5, 7]], range: [0.5, 3], run: (a, b) => tf.mod(a, b) },
  ...pairs("Multiply", tf.mul),
  each("Neg", tf.neg),
  one("OneHot", [5, 7], (x) => tf.mul(x, tf.oneHot(tf.tensor1d([1, 2, 6, 0, 3], "int32"), 7))),
  each("OnesLike", (x) => tf.mul(x, tf.onesLike(x))),
  { name: "Pack", shapes: [[3, 4], [3, 4]], run: (a, b) => tf.stack([a, b], 1) },
  one("PadV2", [4, 5], (x) => tf.pad(x, [[1, 2], [0, 3]], 0.5)),
  ...pairs("Pow", tf.pow, [0.2, 2]),
  { name: "Prelu", shapes: [[5, 7], [7]], run: (x, alpha) => tf.prelu(x, alpha) },
  one("Prod", [4, 5], (x) => tf.prod(x, 1)),
  ...pairs("RealDiv", tf.div, [0.2, 2]),
  each("Reciprocal", tf.reciprocal, [0.2, 2]),
  each("Relu", tf.relu),
  each("Relu6", (x) => tf.relu6(tf.mul(x, 5))),
  one("Reshape", [3, 4], (x) => tf.reshape(x, [2, 6])),
  one("ResizeBilinear", IMAGE[0], (x: T4) => tf.image.resizeBilinear(x, [11, 9])),
  one("ResizeNearestNeighbor", IMAGE[0], (x: T4) => tf.image.resizeNearestNeighbor(x, [12, 14])),
  one("Reverse", [4, 5, 3], (x) => tf.reverse(x, [0, 2])),
  each("Round", tf.round),
  each("Rsqrt", tf.rsqrt, [0.2, 3]),
  { name: "Select", shapes: [[5, 7], [5, 7]], run: (a, b) => tf.where(condition([5, 7]), a, b) },
  each("Selu", tf.selu),
  each("Sigmoid", tf.sigmoid),
  each("Sign", (x) => tf.mul(x, tf.sign(x))),
  each("Sin", tf.sin),
  each("Sinh", tf.sinh),
  one("Slice", [4, 5, 3], (x) => tf.slice(x, [1, 0, 1], [2, 5, 2])),
  one("Softmax", [5, 7], (x) => tf.softmax(x)),
  each("Softplus", tf.softplus),
  one("SpaceToBatchND", [2, 4, 6, 2], (x) => tf.spaceToBatchND(x, [2, 2], [[0, 0], [0, 0]])),
  one("SplitV", [4, 6], (x) => tf.concat(tf.split(x, [1, 2, 3], 1).toReversed(), 1)),
  each("Sqrt", tf.sqrt, [0.1, 3]),
  each("Square", tf.square),
  ...pairs("SquaredDifference", tf.squaredDifference),
  each("Step", (x) => tf.mul(x, tf.step(x))),
  ...pairs("Sub", tf.sub),
  one("Sum", [4, 5, 3], (x) => tf.sum(x, [0, 1])),
  one("Sum", [4, 5, 3], (x) => tf.sum(x, 2)),
  one("Sum", [4, 5, 3], (x) => tf.sum(x, [0, 2], true)),
  each("Tan", tf.tan, [-1.4, 1.4]),
  each("Tanh", tf.tanh),
  one("Tile", [3, 4], (x) => tf.tile(x, [2, 3])),
  one("Tile", [2, 1, 3, 2], (x) => tf.tile(x, [1, 4, 2, 1])),
  one("Transpose", [3, 4, 5], (x) => tf.transpose(x, [2, 0, 1])),
  one("Transpose", [9, 11], (x: T2) => tf.transpose(x)),
  one("Unpack", [3, 4, 2], (x) => tf.stack(tf.unstack(x, 1).toReversed())),
  one("UnsortedSegmentSum", [4, 3], (x) => tf.unsortedSegmentSum(x, ids(), 5)),
  each("ZerosLike", (x) => tf.add(x, tf.zerosLike(x))),
  {
    name: "Einsum",
    shapes: [[2, 3, 4], [4, 2, 5]],
    run: (x, w) => tf.einsum("abc,cde->abde", x, w),
  },
];
