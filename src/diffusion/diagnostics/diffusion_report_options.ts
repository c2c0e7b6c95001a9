import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { oneOf, type OptionTable, whole } from "../../options/options.ts";
import { fail, isNumberList, listOf } from "../../options/check.ts";
import { withFeatures } from "./features.ts";
import { checkKernelSize, type NTKOutput } from "./ntk.ts";
import { checkedLater, optional } from "../../options/options.ts";
import { type DiffusionProcess, diffusionProcess, type PathOption } from "../noise/process.ts";
import { recoverability } from "../weights/recoverability.ts";
import type { WeightSwap } from "../sampling/sampler.ts";
import { type Target, targetCoefficients, TARGETS } from "../noise/target.ts";
import { checkDenoiser } from "../training/training_model.ts";
import { pure } from "../../pure.ts";

/** Options of {@linkcode diffusionReport}. */
export interface DiffusionReportOptions {
  /** What the denoiser predicts: "epsilon", "x0", "v", "flow" or "score". */
  readonly target: Target;
  /** The path that it is trained on, as in `ERDOptions`. */
  readonly path: PathOption;
  /**
   * The noise levels to look at, times in [0, 1]; of a schedule, its timesteps.
   * @default 0.05, 0.15, … 0.95, on a schedule the timesteps nearest to them
   */
  readonly times?: ArrayLike<number> | null;
  /** More inputs of the denoiser, each with as many rows as the data. */
  readonly conditions?: readonly tf.Tensor[];
  /**
   * Name of the layer of the denoiser whose features' effective rank is measured, beside its output's.
   * @default none
   */
  readonly layer?: string | null;
  /**
   * Eigenvalues of the covariance of the data (as a population, not of the sample), where they are known:
   * the floor of the loss for Gaussian data, which for other data of that covariance lies no higher.
   * @default none
   */
  readonly covarianceSpectrum?: ArrayLike<number> | null;
  /**
   * The weight of the loss at a time.
   * @default none
   */
  readonly weight?: ((t: number) => number) | null;
  /**
   * Number of samples, the first of the data, whose neural tangent kernel is computed at each noise level,
   * each by a gradient of its own: a whole number from 0 (none) to 128.
   * @default 0
   */
  readonly ntkSamples?: number;
  /**
   * What the kernel is of; see {@linkcode NTKOptions.output}.
   * @default "projection"
   */
  readonly ntkOutput?: NTKOutput;
  /**
   * Seed of the noise, a whole number >= 0. The noise is the same at each noise level.
   * @default 0
   */
  readonly seed?: number;
  /**
   * Number of samples that go through the denoiser at a time, a whole number >= 1.
   * @default 64
   */
  readonly batchSize?: number;
  /** Averaged weights, such as those of `EmaWeights`, to be swapped in so long. */
  readonly ema?: WeightSwap | null;
}

const isFunction = (value: unknown): boolean => typeof value === "function";

/** The options, to be resolved by `resolveOptions` and then checked by {@linkcode checkReport}. */
export const REPORT_OPTIONS: OptionTable<Required<DiffusionReportOptions>> = /* @__PURE__ */ pure(
  () => ({
    target: checkedLater<Target>("v"),
    path: checkedLater<PathOption>("cosine"),
    times: optional<ArrayLike<number>>("must be a list of times", isNumberList),
    conditions: {
      fallback: [],
      rule: "must be a list of tensors",
      accepts: (value) => Array.isArray(value) && value.every((item) => item instanceof tf.Tensor),
    },
    layer: optional<string>("must be a layer's name", (value) => typeof value === "string"),
    covarianceSpectrum: optional<ArrayLike<number>>("must be a list of eigenvalues", isNumberList),
    weight: optional<(t: number) => number>("must be a function of t", isFunction),
    ntkSamples: whole(0, 0, 128),
    ntkOutput: oneOf("projection", "sum", "mean"),
    seed: whole(0, 0),
    batchSize: whole(64, 1),
    ema: optional<WeightSwap>(
      "must have swapIn and swapOut, as EmaWeights has",
      (value) =>
        typeof value === "object" && value !== null && "swapIn" in value && "swapOut" in value,
    ),
  }),
);

/** What follows from checked options. */
export interface CheckedReport {
  readonly process: DiffusionProcess;
  readonly times: readonly number[];
}

/**
 * Checks what the options are for: the denoiser, the data and the times.
 *
 * @param doing opens the messages, as in "create a diffusion report"
 * @param given the options as they were given; target and path must be among them
 * @param options the same, resolved
 */
export function checkReport(
  doing: string,
  denoiser: tfl.LayersModel,
  x0: tf.Tensor,
  given: Partial<DiffusionReportOptions>,
  options: Required<DiffusionReportOptions>,
): CheckedReport {
  checkDenoiser(doing, denoiser);
  const { target, conditions, covarianceSpectrum } = options;
  if (given.target === undefined || !TARGETS.includes(target)) {
    fail(doing, `target must be ${listOf(TARGETS)}`, given.target);
  }
  const process = diffusionProcess(doing, given.path as PathOption);
  checkData(doing, denoiser, x0, conditions);
  const samples = Math.min(options.ntkSamples, x0.shape[0]!);
  if (samples > 0) checkKernelSize(doing, denoiser, samples);
  if (options.layer !== null) withFeatures(denoiser, options.layer);
  const times = timesOf(doing, process, options.times);
  for (const t of times) {
    const level = process.at(t);
    targetCoefficients(target, level);
    if (covarianceSpectrum !== null) recoverability(target, level, covarianceSpectrum);
  }
  return { process, times };
}

function checkData(
  doing: string,
  { inputs }: tfl.LayersModel,
  x0: tf.Tensor,
  conditions: readonly tf.Tensor[],
): void {
  if (!(x0 instanceof tf.Tensor)) fail(doing, "x0 must be a tensor", x0);
  const shape = inputs[0]!.shape;
  const fits = x0.rank === shape.length &&
    shape.every((size, i) => i === 0 || size === null || size === x0.shape[i]);
  if (!fits) {
    const sizes = shape.slice(1).map((size) => size ?? "…").join(", ");
    fail(doing, `x0 must have the shape [n, ${sizes}], as the denoiser's first input`, x0.shape);
  }
  const n = x0.shape[0]!;
  if (n < 2) fail(doing, "x0 must have at least 2 samples", n);
  if (conditions.length !== inputs.length - 2) {
    const rule = `conditions must be ${inputs.length - 2} tensors, the denoiser's further inputs`;
    fail(doing, rule, conditions.length);
  }
  const other = conditions.find((condition) => condition.shape[0] !== n);
  if (other !== undefined) fail(doing, `each condition must have ${n} rows, as x0`, other.shape);
}

/** The middles of ten bins. */
const USUAL = /* @__PURE__ */ pure(() => Array.from({ length: 10 }, (_, i) => (2 * i + 1) / 20));

function timesOf(
  doing: string,
  { timesteps }: DiffusionProcess,
  given: ArrayLike<number> | null,
): number[] {
  if (given === null) {
    if (timesteps === undefined) return USUAL;
    return [...new Set(USUAL.map((t) => Math.max(1, Math.round(t * timesteps)) / timesteps))];
  }
  const times = Array.from(given);
  if (times.length === 0) fail(doing, "times must hold at least one time", given);
  const bad = times.find((t) => !(t >= 0 && t <= 1));
  if (bad !== undefined) fail(doing, "each of times must be in [0, 1]", bad);
  return times;
}
