import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { oneOf, type OptionTable, resolveOptions, whole } from "../../options/options.ts";
import { fail } from "../../options/check.ts";
import { entropyRank } from "./effective_rank.ts";
import { gram } from "../numeric/gram.ts";
import { PURPOSE, randomStream } from "../numeric/random.ts";
import { symmetricEigenvalues } from "../numeric/symmetric_eigenvalues.ts";
import { pure } from "../../pure.ts";

/** What a sample's output is reduced to, to be differentiated; see {@linkcode NTKOptions.output}. */
export type NTKOutput = "projection" | "sum" | "mean";

/** Options of {@linkcode ntkSpectrum}. */
export interface NTKOptions {
  /**
   * The one number f of a sample's outputs y_1 … y_d that is differentiated: "projection",
   * `sum_k r_k y_k / sqrt(d)` with seeded random signs r_k, the same for all samples, whose kernel is in
   * the mean over r that of all outputs, `sum_k <dy_ik, dy_jk> / d`; "sum"; or "mean". The last two see
   * what moves all outputs alike, such as an image's brightness.
   * @default "projection"
   */
  readonly output?: NTKOutput;
  /**
   * Number of projections whose kernels are averaged, each of them as much work again: a whole number
   * from 1 to 64. Output "projection".
   * @default 1
   */
  readonly projections?: number;
  /**
   * Seed of the signs, a whole number >= 0.
   * @default 0
   */
  readonly seed?: number;
}

/** What {@linkcode ntkSpectrum} gives. */
export interface NTKSpectrum {
  /** Eigenvalues of the kernel, the largest first, >= 0; as many as there are samples. */
  readonly eigenvalues: number[];
  /** The kernel, `kernel[i][j] = <g_i, g_j>`. */
  readonly kernel: number[][];
  /** `exp(-sum_i p_i log p_i)`, `p_i = l_i / sum_j l_j`: how many directions learn. 0 for no gradient. */
  readonly effectiveRank: number;
  /** The largest eigenvalue over the smallest; Infinity if that is 0. */
  readonly conditionNumber: number;
}

const TABLE: OptionTable<Required<NTKOptions>> = /* @__PURE__ */ pure(() => ({
  output: oneOf("projection", "sum", "mean"),
  projections: whole(1, 1, 64),
  seed: whole(0, 0),
}));

/** The most samples, and the most numbers of all their gradients: 256 MiB. */
const MOST_SAMPLES = 128, MOST_NUMBERS = 2 ** 26;

/** Relative rounding of a float32 gradient, squared: eigenvalues below it are rounding. */
const ROUNDING = 2 ** -46;

/**
 * The spectrum of a model's empirical neural tangent kernel on a small batch: with g_i the gradient of
 * one number f of sample i's output by all trainable weights, `K_ij = <g_i, g_j>`. Small gradient steps
 * on the batch's losses move f by K: along an eigenvector with the eigenvalue l, l times as fast.
 *
 * One gradient for each sample (times `projections`), the model as in prediction (no dropout), then one
 * reading of all of them; the products and eigenvalues are float64, and eigenvalues below
 * 2^-46 = 1.4e-14 of the largest, the rounding of float32 gradients, count as 0. Nothing is trained, and
 * no tensor stays.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { ntkSpectrum } from "@signalfit/tfjs/diffusion";
 *
 * // Of a linear function, X X'.
 * const layer = tfl.layers.dense({ units: 1, useBias: false, inputShape: [2] });
 * const model = tfl.sequential({ layers: [layer] }), x = tf.tensor2d([[3, 0], [0, 2]]);
 * const { eigenvalues, conditionNumber } = await ntkSpectrum(model, x);
 * assert.deepEqual(eigenvalues, [9, 4]);
 * assert.equal(conditionNumber, 2.25);
 * ```
 *
 * @param model with one output and at least one trainable weight
 * @param inputs the model's inputs, [n, ...] each, 1 <= n <= 128; n times the number of trainable weights
 * may be 2^26 at most. Not disposed
 * @throws {RangeError} for more than that, for bad options, and for gradients that are not finite
 */
export async function ntkSpectrum(
  model: tfl.LayersModel,
  inputs: tf.Tensor | readonly tf.Tensor[],
  options: NTKOptions = {},
): Promise<NTKSpectrum> {
  const checked = resolveOptions<Required<NTKOptions>>("an NTK spectrum", TABLE, options);
  const tensors = inputs instanceof tf.Tensor ? [inputs] : [...inputs];
  checkArguments(model, tensors);
  const kernel = await ntkKernel(model, tensors, checked);
  const bad = kernel.find((value) => !Number.isFinite(value));
  if (bad !== undefined) refuse("all gradients must be finite", bad);
  return spectrumOf(kernel);
}

/** The kernel, n x n, of checked arguments. */
export async function ntkKernel(
  model: tfl.LayersModel,
  inputs: readonly tf.Tensor[],
  options: Required<NTKOptions>,
): Promise<Float64Array> {
  const count = options.output === "projection" ? options.projections : 1;
  const kernel = new Float64Array(inputs[0]!.shape[0]! ** 2);
  for (let draw = 0; draw < count; draw++) {
    const rows = await gradients(model, inputs, (size) => factors(options, draw, size));
    gram(rows).forEach((product, k) => kernel[k]! += product / count);
  }
  return kernel;
}

/** What there is to say of a kernel of finite numbers. */
export function spectrumOf(kernel: Float64Array): NTKSpectrum {
  const n = Math.sqrt(kernel.length);
  const raw = symmetricEigenvalues(kernel, n), least = raw[0]! * ROUNDING;
  const eigenvalues = Array.from(raw, (value) => value > least ? value : 0);
  return {
    eigenvalues,
    kernel: Array.from({ length: n }, (_, i) => [...kernel.subarray(i * n, i * n + n)]),
    effectiveRank: entropyRank(eigenvalues),
    conditionNumber: eigenvalues.at(-1)! > 0 ? eigenvalues[0]! / eigenvalues.at(-1)! : Infinity,
  };
}

/** The factors r_k of f = sum_k r_k y_k for a sample of `size` outputs. */
function factors({ output, seed }: Required<NTKOptions>, draw: number, size: number): Float32Array {
  if (output !== "projection") return new Float32Array(size).fill(output === "sum" ? 1 : 1 / size);
  const random = randomStream(seed, PURPOSE.projections, draw), factor = 1 / Math.sqrt(size);
  return Float32Array.from({ length: size }, () => random.uniform() < 0.5 ? factor : -factor);
}

/** The gradient of each sample by all trainable weights, one after the other in one row. */
async function gradients(
  model: tfl.LayersModel,
  inputs: readonly tf.Tensor[],
  factorsFor: (size: number) => Float32Array,
): Promise<Float32Array[]> {
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const gradient = (i: number): tf.Tensor =>
    tf.tidy(() => {
      const sample = inputs.map((input) => tf.slice(input, i, 1));
      const { grads } = tf.variableGrads(() => {
        const y = tf.reshape(model.apply(sample) as tf.Tensor, [-1]);
        return tf.sum(tf.mul(y, tf.tensor1d(factorsFor(y.size)))) as tf.Scalar;
      }, variables);
      const flat = (v: tf.Variable) => tf.reshape(grads[v.name] ?? tf.zerosLike(v), [-1]);
      return tf.concat(variables.map(flat));
    });
  const readings: Promise<Float32Array>[] = [];
  try {
    for (let i = 0; i < inputs[0]!.shape[0]!; i++) readings.push(read(gradient(i)));
  } finally {
    await Promise.allSettled(readings); // so that nothing is left behind
  }
  return Promise.all(readings);
}

async function read(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    return await tensor.data<"float32">();
  } finally {
    tensor.dispose();
  }
}

const DOING = "compute the NTK";

function refuse(rule: string, value: unknown): never {
  throw new RangeError(`Cannot ${DOING}: ${rule}, got ${value}`);
}

function checkArguments(model: tfl.LayersModel, inputs: readonly tf.Tensor[]): void {
  if (!(model instanceof tfl.LayersModel)) refuse("the model must be a tf.LayersModel", model);
  if (model.outputs.length !== 1) refuse("the model must have one output", model.outputs.length);
  if (inputs.length !== model.inputs.length) {
    refuse(`there must be ${model.inputs.length} inputs, as the model has`, inputs.length);
  }
  const n = inputs[0]!.shape[0]!;
  for (const { shape } of inputs) {
    if (shape[0] !== n) refuse(`each input must have ${n} samples, as the first`, shape[0]);
  }
  checkKernelSize(DOING, model, n);
}

/**
 * Checks that the gradients of n samples are neither too many nor none.
 *
 * @param doing opens the message, as in "compute the NTK"
 */
export function checkKernelSize(doing: string, model: tfl.LayersModel, n: number): void {
  if (!(n >= 1 && n <= MOST_SAMPLES)) {
    fail(doing, `there must be 1 to ${MOST_SAMPLES} samples for the NTK`, n);
  }
  const weights = model.trainableWeights.reduce(
    (sum, { shape }) => sum + shape.reduce<number>((product, size) => product * size!, 1),
    0,
  );
  if (weights === 0) fail(doing, "the model must have trainable weights for the NTK", 0);
  const most = Math.floor(MOST_NUMBERS / weights);
  if (n > most) {
    fail(doing, `with ${weights} trainable weights the NTK takes at most ${most} samples`, n);
  }
}
