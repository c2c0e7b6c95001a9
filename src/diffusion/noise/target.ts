import { checkName, fail } from "../../options/check.ts";
import { checkDerivatives, checkLevel, type NoiseLevel } from "./level.ts";

/** Names of the regression targets. */
export const TARGETS = ["epsilon", "x0", "v", "flow", "score"] as const;

/** What the network is asked to predict; see {@linkcode targetCoefficients}. */
export type Target = typeof TARGETS[number];

/** A target as a mixture: `y = x0 * data + epsilon * noise`. */
export interface TargetCoefficients {
  /** c_x, the factor of the data x0. */
  readonly x0: number;
  /** c_eps, the factor of the noise. */
  readonly epsilon: number;
}

/** The one table of targets, for checked amplitudes. */
const TABLE: Record<
  Target,
  (alpha: number, sigma: number, level: NoiseLevel, doing: string) => TargetCoefficients
> = {
  epsilon: () => ({ x0: 0, epsilon: 1 }),
  x0: () => ({ x0: 1, epsilon: 0 }),
  v: (alpha, sigma) => ({ x0: -sigma, epsilon: alpha }),
  flow: (_alpha, _sigma, level, doing) => {
    const { dAlpha, dSigma } = checkDerivatives(doing, level);
    return { x0: dAlpha, epsilon: dSigma };
  },
  score: (_alpha, sigma, _level, doing) => {
    if (sigma === 0) fail(doing, "sigma must be > 0 (the score is -epsilon / sigma)", sigma);
    return { x0: 0, epsilon: -1 / sigma };
  },
};

/** The target's name, checked; the error opens with `Cannot <doing>`. */
export function checkTarget(doing: string, target: unknown, option = "target"): Target {
  return checkName(doing, option, TARGETS, target);
}

/**
 * The target as a mixture of data and noise, `y = c_x x0 + c_eps eps`.
 *
 * | target | y | c_x | c_eps |
 * | --- | --- | --- | --- |
 * | "epsilon" | eps | 0 | 1 |
 * | "x0" | x0 | 1 | 0 |
 * | "v" (arXiv 2202.00512) | alpha eps - sigma x0 | -sigma | alpha |
 * | "flow" | dAlpha x0 + dSigma eps | dAlpha | dSigma |
 * | "score" | -eps / sigma | 0 | -1 / sigma |
 *
 * @param level the noise level; "flow" needs its derivatives
 * @throws RangeError for an unknown target, "flow" without derivatives, "score" at sigma = 0
 */
export function targetCoefficients(target: Target, level: NoiseLevel): TargetCoefficients {
  const doing = `form the ${checkTarget("form a target", target)} target`;
  const { alpha, sigma } = checkLevel(doing, level);
  return TABLE[target](alpha, sigma, level, doing);
}

/** A linear map to another parametrization: `out = fromPrediction * prediction + fromInput * x_t`. */
export interface ConversionCoefficients {
  /** Factor of the network's prediction. */
  readonly fromPrediction: number;
  /** Factor of the network's input x_t. */
  readonly fromInput: number;
}

/**
 * How to turn a prediction of one target into another, given the input x_t.
 *
 * Solves `x_t = alpha x0 + sigma eps`, `y = c_x x0 + c_eps eps` for x0 and eps and forms the other
 * target from them. The coefficients depend on the noise level alone, so that tensor code may use
 * them as they are.
 *
 * Where the system is singular (epsilon at alpha = 0, x0 at sigma = 0, flow where alpha / sigma
 * stands still) the conversion exists only if the other target is a multiple of the given one, such
 * as epsilon and score at alpha = 0; that limit is returned, and anything else is an error. A score is
 * `-eps / sigma`: from it everything is defined, at sigma = 0 too, and to it nothing is at sigma = 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * // x0 = (x_t - sigma eps) / alpha
 * const { fromPrediction, fromInput } = conversionCoefficients("epsilon", "x0", { alpha: 0.5, sigma: 0.25 });
 * assert.deepEqual([fromPrediction, fromInput], [-0.5, 2]);
 * ```
 *
 * @throws RangeError where the conversion does not exist, saying why
 */
export function conversionCoefficients(
  from: Target,
  to: Target,
  level: NoiseLevel,
): ConversionCoefficients {
  checkTarget("convert a prediction", from, "from");
  checkTarget("convert a prediction", to, "to");
  const doing = `convert ${from} to ${to}`;
  const { alpha, sigma } = checkLevel(doing, level);
  if (from === to) return { fromPrediction: 1, fromInput: 0 };
  if (from === "score") return scaled(conversionCoefficients("epsilon", to, level), -sigma, 1);
  if (to === "score") {
    if (sigma === 0) fail(doing, "sigma must be > 0 (the score is -epsilon / sigma)", sigma);
    return scaled(conversionCoefficients(from, "epsilon", level), -1 / sigma, -1 / sigma);
  }
  const y = TABLE[from](alpha, sigma, level, doing), z = TABLE[to](alpha, sigma, level, doing);
  const determinant = alpha * y.epsilon - sigma * y.x0;
  const across = z.x0 * y.epsilon - z.epsilon * y.x0;
  if (determinant !== 0) {
    return {
      fromPrediction: (alpha * z.epsilon - sigma * z.x0) / determinant,
      fromInput: across / determinant,
    };
  }
  const multiple = y.epsilon !== 0 ? z.epsilon / y.epsilon : z.x0 / y.x0;
  if (across === 0 && Number.isFinite(multiple)) return { fromPrediction: multiple, fromInput: 0 };
  return fail(doing, `${from} must tell more than the input x_t does at this noise level`, level);
}

function scaled(
  conversion: ConversionCoefficients,
  prediction: number,
  input: number,
): ConversionCoefficients {
  return {
    fromPrediction: conversion.fromPrediction * prediction,
    fromInput: conversion.fromInput * input,
  };
}

/**
 * The noisy input `x_t = alpha x0 + sigma eps`, of numbers or, element by element, of lists.
 *
 * @throws RangeError for lists of different lengths
 */
export function addNoise(x0: number, epsilon: number, level: NoiseLevel): number;
/** The noisy inputs of lists, element by element. */
export function addNoise(
  x0: ArrayLike<number>,
  epsilon: ArrayLike<number>,
  level: NoiseLevel,
): Float64Array;
export function addNoise(x0: Values, epsilon: Values, level: NoiseLevel): number | Float64Array {
  const { alpha, sigma } = checkLevel("add noise", level);
  return combine("add noise", alpha, x0, sigma, epsilon);
}

/**
 * The target itself, `c_x x0 + c_eps eps`, of numbers or, element by element, of lists.
 *
 * @throws RangeError as {@linkcode targetCoefficients} does, and for lists of different lengths
 */
export function targetValue(target: Target, x0: number, epsilon: number, level: NoiseLevel): number;
/** The targets of lists, element by element. */
export function targetValue(
  target: Target,
  x0: ArrayLike<number>,
  epsilon: ArrayLike<number>,
  level: NoiseLevel,
): Float64Array;
export function targetValue(
  target: Target,
  x0: Values,
  epsilon: Values,
  level: NoiseLevel,
): number | Float64Array {
  const c = targetCoefficients(target, level);
  return combine(`form the ${target} target`, c.x0, x0, c.epsilon, epsilon);
}

/**
 * A prediction turned into another target with {@linkcode conversionCoefficients}, of numbers or of lists.
 *
 * @param input the network's input x_t
 * @throws RangeError as {@linkcode conversionCoefficients} does, and for lists of different lengths
 */
export function convertPrediction(
  from: Target,
  to: Target,
  prediction: number,
  input: number,
  level: NoiseLevel,
): number;
/** Predictions in lists turned into another target, element by element. */
export function convertPrediction(
  from: Target,
  to: Target,
  prediction: ArrayLike<number>,
  input: ArrayLike<number>,
  level: NoiseLevel,
): Float64Array;
export function convertPrediction(
  from: Target,
  to: Target,
  prediction: Values,
  input: Values,
  level: NoiseLevel,
): number | Float64Array {
  const { fromPrediction, fromInput } = conversionCoefficients(from, to, level);
  return combine(`convert ${from} to ${to}`, fromPrediction, prediction, fromInput, input);
}

type Values = number | ArrayLike<number>;

/** `a x + b y`, for two numbers or for two lists of one length. */
function combine(doing: string, a: number, x: Values, b: number, y: Values): number | Float64Array {
  if (typeof x === "number" && typeof y === "number") return a * x + b * y;
  if (typeof x === "number" || typeof y === "number" || x.length !== y.length) {
    const size = (values: Values) => typeof values === "number" ? "a number" : values.length;
    return fail(doing, "both must be numbers, or lists of one length", [size(x), size(y)]);
  }
  return Float64Array.from(x, (value, i) => a * value + b * y[i]!);
}
