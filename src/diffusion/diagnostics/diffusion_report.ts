import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { resolveOptions } from "../../options/options.ts";
import {
  type CheckedReport,
  checkReport,
  type DiffusionReportOptions,
  REPORT_OPTIONS,
} from "./diffusion_report_options.ts";
import { matrixRank } from "./effective_rank.ts";
import { withFeatures } from "./features.ts";
import { ntkKernel, spectrumOf } from "./ntk.ts";
import { PURPOSE, randomStream } from "../numeric/random.ts";
import { recoverability } from "../weights/recoverability.ts";
import { addNoise, targetCoefficients, targetValue } from "../noise/target.ts";

/** The spectrum of a neural tangent kernel, plain data. */
export interface NTKReport {
  /** Eigenvalues, the largest first. */
  readonly eigenvalues: readonly number[];
  /** How many directions learn; see {@linkcode NTKSpectrum.effectiveRank}. */
  readonly effectiveRank: number;
  /** The largest eigenvalue over the smallest; null if that is 0. */
  readonly conditionNumber: number | null;
}

/** A denoiser at one noise level, plain data for JSON; null where something is not known or not finite. */
export interface NoiseLevelReport {
  /** Time, in [0, 1]. */
  readonly t: number;
  /** Amplitude of the data. */
  readonly alpha: number;
  /** Amplitude of the noise. */
  readonly sigma: number;
  /** Mean of `(target - output)^2` over samples and elements, without weight. */
  readonly loss: number | null;
  /**
   * The least possible loss for Gaussian data of the covariance spectrum. For other data of that
   * covariance the least lies there or lower.
   */
  readonly floor: number | null;
  /** The target's variance, by the covariance spectrum or else of the sample. */
  readonly variance: number;
  /** What the denoiser recovers of the target: `1 - loss / variance`, cut to [0, 1]. */
  readonly recoverability: number | null;
  /** `1 - floor / variance`, what the best one recovers of Gaussian data. */
  readonly recoverabilityLimit: number | null;
  /** The weight of the loss. */
  readonly weight: number | null;
  /** Effective rank of the outputs. */
  readonly outputRank: number | null;
  /** Effective rank of the chosen layer's features. */
  readonly featureRank: number | null;
  /** The neural tangent kernel, if it was asked for. */
  readonly ntk: NTKReport | null;
}

/**
 * Measures a denoiser noise level by noise level, as arXiv 2605.10790 does: the raw loss beside its floor,
 * what is recovered, the weight, the effective rank of outputs and features (see `effectiveRank`), and
 * the neural tangent kernel (see `ntkSpectrum`). The same seed gives the same noise, at all levels.
 * Nothing is trained, the model runs as in prediction, and no tensor stays. One reading of the device for
 * each level, and one for each kernel.
 *
 * @param denoiser inputs [x_t, t] or [x_t, t, ...conditions] with t of shape [B, 1], one output shaped
 * like x_t
 * @param x0 clean data, [n, ...], n >= 2; not disposed
 * @param options see {@linkcode DiffusionReportOptions}; `target` and `path` must be given
 * @throws {RangeError} if an option is out of its range
 * @throws {TypeError} if there is no such option
 */
export async function diffusionReport(
  denoiser: tfl.LayersModel,
  x0: tf.Tensor,
  options: DiffusionReportOptions,
): Promise<NoiseLevelReport[]> {
  const owner = "a diffusion report";
  const resolved = resolveOptions<Required<DiffusionReportOptions>>(owner, REPORT_OPTIONS, options);
  const checked = checkReport(`create ${owner}`, denoiser, x0, options, resolved);
  return await measureLevels(denoiser, x0, resolved, checked);
}

/** The same with options that have been checked. */
export async function measureLevels(
  denoiser: tfl.LayersModel,
  x0: tf.Tensor,
  options: Required<DiffusionReportOptions>,
  { process, times }: CheckedReport,
): Promise<NoiseLevelReport[]> {
  const { layer, target, covarianceSpectrum, weight, seed, ema } = options;
  const model = layer === null ? denoiser : withFeatures(denoiser, layer);
  const n = x0.shape[0]!, data = await x0.data<"float32">();
  const noise = randomStream(seed, PURPOSE.diagnostics, 0).normals(data.length);
  const dataVariance = sampleVariance(data, n);
  const levels: NoiseLevelReport[] = [];
  ema?.swapIn();
  try {
    for (const t of times) {
      const level = process.at(t), { alpha, sigma } = level, c = targetCoefficients(target, level);
      const exact = covarianceSpectrum && recoverability(target, level, covarianceSpectrum);
      const input: Input = { noisy: addNoise(data, noise, level), shape: x0.shape, t };
      const [output, features] = await outputsOf(model, input, options);
      const loss = meanSquareOf(output!, targetValue(target, data, noise, level));
      const variance = exact?.variance ?? c.x0 ** 2 * dataVariance + c.epsilon ** 2;
      const recovered = variance === 0 ? 0 : Math.min(1, Math.max(0, 1 - loss / variance));
      levels.push({
        t,
        alpha,
        sigma,
        loss: finite(loss),
        floor: finite(exact?.floor),
        variance,
        recoverability: finite(recovered),
        recoverabilityLimit: finite(exact?.value),
        weight: finite(weight?.(t)),
        outputRank: rankOf(output!, n),
        featureRank: layer === null ? null : rankOf(features ?? output!, n),
        ntk: Number.isFinite(loss) ? await kernelOf(denoiser, input, options) : null,
      });
    }
  } finally {
    ema?.swapOut();
  }
  return levels;
}

/** The noisy data of one level. */
interface Input {
  readonly noisy: Float64Array;
  readonly shape: readonly number[];
  readonly t: number;
}

/** What a denoiser is given: x_t, t and the conditions; to be called in a tidy. */
function inputsOf({ noisy, shape, t }: Input, conditions: readonly tf.Tensor[]): tf.Tensor[] {
  const x = tf.tensor(Float32Array.from(noisy), [...shape]);
  return [x, tf.fill([shape[0]!, 1], t), ...conditions];
}

async function outputsOf(
  model: tfl.LayersModel,
  input: Input,
  { conditions, batchSize }: Required<DiffusionReportOptions>,
): Promise<Float32Array[]> {
  const outputs = tf.tidy(() => [model.predict(inputsOf(input, conditions), { batchSize })].flat());
  try {
    return await Promise.all(outputs.map((output) => output.data<"float32">()));
  } finally {
    tf.dispose(outputs);
  }
}

async function kernelOf(
  denoiser: tfl.LayersModel,
  input: Input,
  { conditions, ntkSamples, ntkOutput: output, seed }: Required<DiffusionReportOptions>,
): Promise<NTKReport | null> {
  const count = Math.min(ntkSamples, input.shape[0]!);
  if (count === 0) return null;
  const first = tf.tidy(() => inputsOf(input, conditions).map((all) => tf.slice(all, 0, count)));
  try {
    const kernel = await ntkKernel(denoiser, first, { output, seed, projections: 1 });
    if (!kernel.every(Number.isFinite)) return null;
    const { eigenvalues, effectiveRank, conditionNumber } = spectrumOf(kernel);
    return { eigenvalues, effectiveRank, conditionNumber: finite(conditionNumber) };
  } finally {
    tf.dispose(first);
  }
}

/** The number, or null for none and for one that is not finite. */
function finite(value: number | null | undefined): number | null {
  return Number.isFinite(value) ? value! : null;
}

function rankOf(values: Float32Array, samples: number): number | null {
  return values.every(Number.isFinite) ? matrixRank(values, samples) : null;
}

function meanSquareOf(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - y[i]!) ** 2;
  return sum / x.length;
}

/** The variance over the samples, without bias, in the mean over the elements. */
function sampleVariance(values: Float32Array, samples: number): number {
  const width = values.length / samples;
  let sum = 0;
  for (let j = 0; j < width; j++) {
    let mean = 0;
    for (let i = j; i < values.length; i += width) mean += values[i]! / samples;
    for (let i = j; i < values.length; i += width) sum += (values[i]! - mean) ** 2;
  }
  return sum / (samples - 1) / width;
}
