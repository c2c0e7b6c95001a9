import * as tf from "@tensorflow/tfjs-core";
import { checkDerivatives } from "../noise/level.ts";
import type { DiffusionProcess } from "../noise/process.ts";
import { conversionCoefficients, type Target } from "../noise/target.ts";

/** One step of a sampler, from time t to s. */
export interface SamplerStep {
  readonly process: DiffusionProcess;
  readonly target: Target;
  readonly t: number;
  readonly s: number;
  readonly clip: readonly [min: number, max: number] | null;
  /** The denoiser. */
  readonly predict: (x: tf.Tensor, t: number) => tf.Tensor;
}

/** What the denoiser takes the input for: data and noise. */
interface Estimate {
  readonly data: tf.Tensor;
  readonly noise: () => tf.Tensor;
}

/** The estimate of the data at the step's begin. */
export function estimateData(step: SamplerStep, x: tf.Tensor): tf.Tensor {
  return estimate(step, x, step.t).data;
}

/**
 * A step of DDIM, arXiv 2010.02502, for any alpha and sigma. The fresh noise has eta times the standard
 * deviation of x_s given x_t and the data; eta 1 is the ancestral sampler of DDPM.
 */
export function ddimStep(
  step: SamplerStep,
  x: tf.Tensor,
  eta: number,
  fresh: () => tf.Tensor,
): tf.Tensor {
  const { process, t, s } = step;
  const { alpha: alphaT, sigma: sigmaT } = process.at(t);
  const { alpha, sigma } = process.at(s);
  const { data, noise } = estimate(step, x, t);
  const kept = alphaT * sigma / (alpha * sigmaT); // alpha_t sigma_s / (alpha_s sigma_t)
  const added = eta * sigma * Math.sqrt(Math.max(0, 1 - kept ** 2));
  const known = Math.sqrt(Math.max(0, sigma ** 2 - added ** 2));
  const mean = tf.add(tf.mul(data, alpha), tf.mul(noise(), known));
  return added === 0 ? mean : tf.add(mean, tf.mul(fresh(), added));
}

/** A step of Euler's method for `dx/dt = dAlpha x0 + dSigma eps`. */
export function eulerStep(step: SamplerStep, x: tf.Tensor): tf.Tensor {
  return tf.add(x, tf.mul(slope(step, x, step.t), step.s - step.t));
}

/** A step of Heun's method for the same: the mean of the slopes at both ends. */
export function heunStep(step: SamplerStep, x: tf.Tensor): tf.Tensor {
  const { t, s } = step;
  const first = slope(step, x, t);
  const second = slope(step, tf.add(x, tf.mul(first, s - t)), s);
  return tf.add(x, tf.mul(tf.add(first, second), (s - t) / 2));
}

function slope(step: SamplerStep, x: tf.Tensor, t: number): tf.Tensor {
  const { dAlpha, dSigma } = checkDerivatives("draw samples", step.process.at(t));
  const { data, noise } = estimate(step, x, t);
  return tf.add(tf.mul(data, dAlpha), tf.mul(noise(), dSigma));
}

function estimate(
  { process, target, clip, predict }: SamplerStep,
  x: tf.Tensor,
  t: number,
): Estimate {
  const level = process.at(t), { alpha, sigma } = level;
  const { fromPrediction, fromInput } = conversionCoefficients(target, "x0", level);
  const whole = tf.add(tf.mul(predict(x, t), fromPrediction), tf.mul(x, fromInput));
  const data = clip === null ? whole : tf.clipByValue(whole, clip[0], clip[1]);
  return { data, noise: () => tf.div(tf.sub(x, tf.mul(data, alpha)), sigma) };
}
