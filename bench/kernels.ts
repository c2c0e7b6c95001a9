/**
 * Each of this library's kernels for training beside tfjs's own on its wasm backend, or beside its cpu
 * backend where wasm has none: `deno task bench:kernels`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { installTrainingKernels } from "../mod.ts";
import { BACKENDS, startBackend } from "../cli/bench/backends.ts";
import { table } from "../cli/bench/report.ts";
import { quantile } from "../cli/bench/statistics.ts";

/** A kernel on typical arguments. */
interface Case {
  readonly kernel: string;
  readonly on: string;
  readonly inputs: () => Record<string, tf.Tensor> | tf.Tensor[];
  readonly attrs?: object;
}

const random = (shape: number[], seed = 1) => tf.randomNormal(shape, 0, 1, "float32", seed);
const words = (count: number, below: number) => tf.randomUniformInt([count], 0, below, 3);

/** A convolution of the bench of fits, for 32 images, and a depthwise one as in MobileNet. */
const X = [32, 13, 13, 16], Y = [32, 11, 11, 32], FILTER = [3, 3, 16, 32];
const WIDE = [8, 28, 28, 64], DEPTHWISE = [3, 3, 64, 1];
const CONV = { strides: [1, 1], pad: "valid", dataFormat: "NHWC" };
const SAME = { strides: [1, 1], pad: "same", dilations: [1, 1] };
const POOL = { filterSize: [2, 2], strides: [2, 2], pad: "valid" };
const POOLED = [32, 13, 13, 16], IMAGES = [32, 26, 26, 16];
const MILLION = [1000, 1000];
const pair = () => ({ a: random(MILLION), b: random(MILLION, 2) });

const CASES: readonly Case[] = [
  {
    kernel: "Conv2D",
    on: `images [${X}], filter [${FILTER}]`,
    inputs: () => ({ x: random(X), filter: random(FILTER) }),
    attrs: { ...CONV, dilations: [1, 1] },
  },
  {
    kernel: "Conv2DBackpropFilter",
    on: `images [${X}], filter [${FILTER}]`,
    inputs: () => ({ x: random(X), dy: random(Y) }),
    attrs: { ...CONV, filterShape: FILTER },
  },
  {
    kernel: "Conv2DBackpropInput",
    on: `images [${X}], filter [${FILTER}]`,
    inputs: () => ({ dy: random(Y), filter: random(FILTER) }),
    attrs: { ...CONV, inputShape: X },
  },
  {
    kernel: "DepthwiseConv2dNativeBackpropFilter",
    on: `images [${WIDE}], filter [${DEPTHWISE}]`,
    inputs: () => ({ x: random(WIDE), dy: random(WIDE, 2) }),
    attrs: { ...SAME, filterShape: DEPTHWISE },
  },
  {
    kernel: "DepthwiseConv2dNativeBackpropInput",
    on: `images [${WIDE}], filter [${DEPTHWISE}]`,
    inputs: () => ({ dy: random(WIDE), filter: random(DEPTHWISE) }),
    attrs: { ...SAME, inputShape: WIDE },
  },
  {
    kernel: "Conv3DBackpropFilterV2",
    on: "volumes [2,8,16,16,8], filter [3,3,3,8,8]",
    inputs: () => ({ x: random([2, 8, 16, 16, 8]), dy: random([2, 8, 16, 16, 8], 2) }),
    attrs: { strides: [1, 1, 1], pad: "same", filterShape: [3, 3, 3, 8, 8] },
  },
  {
    kernel: "Conv3DBackpropInputV2",
    on: "volumes [2,8,16,16,8], filter [3,3,3,8,8]",
    inputs: () => ({ dy: random([2, 8, 16, 16, 8]), filter: random([3, 3, 3, 8, 8], 2) }),
    attrs: { strides: [1, 1, 1], pad: "same", inputShape: [2, 8, 16, 16, 8] },
  },
  {
    kernel: "BatchMatMul",
    on: "[128,784] by [784,256]",
    inputs: () => ({ a: random([128, 784]), b: random([784, 256]) }),
    attrs: { transposeA: false, transposeB: false },
  },
  {
    kernel: "BatchMatMul",
    on: "[128,784] transposed by [128,256]",
    inputs: () => ({ a: random([128, 784]), b: random([128, 256]) }),
    attrs: { transposeA: true, transposeB: false },
  },
  {
    kernel: "BatchMatMul",
    on: "[128,256] by [784,256] transposed",
    inputs: () => ({ a: random([128, 256]), b: random([784, 256]) }),
    attrs: { transposeA: false, transposeB: true },
  },
  {
    kernel: "_FusedMatMul",
    on: "[128,64] by [64,256], a row added",
    inputs: () => ({ a: random([1, 128, 64]), b: random([1, 64, 256]), bias: random([256]) }),
    attrs: { transposeA: false, transposeB: false, activation: "linear" },
  },
  {
    kernel: "Einsum",
    on: "abc,cd->abd, [32,32,64], [64,64]",
    inputs: () => [random([32, 32, 64]), random([64, 64])],
    attrs: { equation: "abc,cd->abd" },
  },
  {
    kernel: "GatherV2",
    on: "128 rows of [2000,784]",
    inputs: () => ({ x: random([2000, 784]), indices: words(128, 2000) }),
    attrs: { axis: 0, batchDims: 0 },
  },
  {
    kernel: "UnsortedSegmentSum",
    on: "[1024,64] into 100 rows",
    inputs: () => ({ x: random([1024, 64]), segmentIds: words(1024, 100) }),
    attrs: { numSegments: 100 },
  },
  {
    kernel: "MaxPoolGrad",
    on: `images [${IMAGES}], 2 x 2`,
    inputs: () => {
      const input = random(IMAGES) as tf.Tensor4D;
      return { dy: random(POOLED), input, output: tf.maxPool(input, 2, 2, "valid") };
    },
    attrs: POOL,
  },
  {
    kernel: "AvgPoolGrad",
    on: `images [${IMAGES}], 2 x 2`,
    inputs: () => ({ dy: random(POOLED), input: random(IMAGES) }),
    attrs: POOL,
  },
  {
    kernel: "ResizeNearestNeighborGrad",
    on: "[32,14,14,32] from [32,28,28,32]",
    inputs: () => ({ images: random([32, 14, 14, 32]), dy: random([32, 28, 28, 32]) }),
    attrs: { alignCorners: false },
  },
  ...(["Sum", "Mean"] as const).map((kernel): Case => ({
    kernel,
    on: "[128,26,26,16] over all but the last axis",
    inputs: () => ({ x: random([128, 26, 26, 16]) }),
    attrs: { axis: [0, 1, 2], keepDims: false },
  })),
  {
    kernel: "Slice",
    on: "one of 32 of [32,128,64]",
    inputs: () => ({ x: random([32, 128, 64]) }),
    attrs: { begin: [5, 0, 0], size: [1, 128, 64] },
  },
  {
    kernel: "SplitV",
    on: "[128,256] into four along the last axis",
    inputs: () => ({ x: random([128, 256]) }),
    attrs: { numOrSizeSplits: 4, axis: 1 },
  },
  {
    kernel: "Unpack",
    on: "[32,128,64] along the first axis",
    inputs: () => ({ value: random([32, 128, 64]) }),
    attrs: { axis: 0 },
  },
  {
    kernel: "Concat",
    on: "two [32,28,28,16] along the last axis",
    inputs: () => [random([32, 28, 28, 16]), random([32, 28, 28, 16], 2)],
    attrs: { axis: 3 },
  },
  {
    kernel: "Tile",
    on: "[32,32,1], 64 times along the last axis",
    inputs: () => ({ x: random([32, 32, 1]) }),
    attrs: { reps: [1, 1, 64] },
  },
  ...["Maximum", "Minimum", "Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual"]
    .map(
      (kernel): Case => ({ kernel, on: "a million numbers", inputs: pair }),
    ),
  {
    kernel: "LogicalAnd",
    on: "a million",
    inputs: () => ({ a: tf.greater(random(MILLION), 0), b: tf.less(random(MILLION, 2), 0) }),
  },
  ...([
    ["ClipByValue", { clipValueMin: -1, clipValueMax: 1 }],
    ["Relu6", {}],
    ["Sign", {}],
    ["LeakyRelu", { alpha: 0.2 }],
  ] as const).map(([kernel, attrs]): Case => ({
    kernel,
    on: "a million numbers",
    inputs: () => ({ x: random(MILLION) }),
    attrs,
  })),
];

/** Pairs of samples, and how long each is at least, in milliseconds. */
const PAIRS = 15, SAMPLE = 10;
/** A call on cpu that takes longer than this is made once. */
const SLOW = 1000;

const [cpu, wasm] = BACKENDS;

/** Milliseconds of a call of a kernel; so many calls are made. */
function timed({ kernel, attrs = {} }: Case, inputs: unknown, calls: number): number {
  const start = performance.now();
  for (let call = 0; call < calls; call++) {
    tf.dispose(
      tf.engine().runKernel(
        kernel,
        inputs as tf.NamedTensorMap,
        attrs as tf.NamedAttrMap,
      ),
    );
  }
  return (performance.now() - start) / calls;
}

/** Medians of calls of tfjs's kernel and of ours, in samples that take turns. */
async function compare(example: Case): Promise<{ theirs: number; ours: number; isCpu: boolean }> {
  await startBackend(wasm!);
  const has = tf.getKernel(example.kernel, "wasm") !== undefined;
  const prepare = () => tf.tidy(example.inputs as () => tf.TensorContainer);
  let slow: number | undefined;
  if (!has) {
    await startBackend(cpu!);
    const inputs = prepare();
    slow = timed(example, inputs, 1);
    if (slow < SLOW) slow = Math.min(slow, timed(example, inputs, 1));
    tf.dispose(inputs);
    await startBackend(wasm!);
  }
  const inputs = prepare();
  const calls = (kernels: boolean): number => {
    enter(kernels);
    timed(example, inputs, 20); // compiles
    return Math.max(1, Math.ceil(SAMPLE / timed(example, inputs, 3)));
  };
  const own = calls(true), other = has ? calls(false) : 0;
  const samples: [theirs: number[], ours: number[]] = [[], []];
  for (let pair = 0; pair < PAIRS; pair++) {
    for (const kernels of pair % 2 === 0 ? [false, true] : [true, false]) {
      if (!kernels && !has) continue;
      enter(kernels);
      samples[kernels ? 1 : 0].push(timed(example, inputs, kernels ? own : other));
    }
  }
  tf.dispose(inputs);
  const median = (values: readonly number[]) => quantile(values, 0.5);
  return {
    theirs: slow ?? median(samples[0]),
    ours: median(samples[1]),
    isCpu: !has,
  };
}

function enter(kernels: boolean): void {
  const installed = installTrainingKernels();
  if (!kernels) installed.uninstall();
}

if (import.meta.main) {
  const rows = [];
  for (const example of CASES) {
    enter(false);
    rows.push({ ...example, ...await compare(example) });
  }
  console.log(table([
    { title: "kernel", cell: ({ kernel }) => kernel },
    { title: "on", cell: ({ on }) => on },
    {
      title: "tfjs, ms",
      cell: ({ theirs, isCpu }) => `${theirs.toPrecision(3)}${isCpu ? " (cpu)" : ""}`,
      align: "right",
    },
    { title: "ours, ms", cell: ({ ours }) => ours.toPrecision(3), align: "right" },
    {
      title: "times as fast",
      cell: ({ theirs, ours }) => (theirs / ours).toPrecision(2),
      align: "right",
    },
  ], rows));
}
