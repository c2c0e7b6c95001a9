import { checkFields, checkNumber, fail, listOf } from "../../options/check.ts";
import { numericDerivative } from "../numeric/derivative.ts";
import { checkDerivatives, checkLevel, type NoiseLevel } from "./level.ts";
import { checkLogSnrRange, logSnrAt, type LogSnrRange, sigmoid } from "./logsnr.ts";

/** A point of a noise path: the amplitudes of data and noise at a time t, and their derivatives. */
export interface PathPoint extends NoiseLevel {
  /** d alpha / d t. */
  readonly dAlpha: number;
  /** d sigma / d t. */
  readonly dSigma: number;
}

/** A noise path: from a time t in [0, 1], where 1 is pure noise, to its point. */
export type NoisePath = (t: number) => PathPoint;

/**
 * A path of one's own: alpha and sigma at t, and either both derivatives or neither.
 * Without them they are made by a numeric difference that asks for t inside [0, 1] only.
 */
export type OwnPath = (t: number) => NoiseLevel;

/** Names of the built-in paths. */
export const NOISE_PATHS = ["linear", "cosine", "linear-logsnr"] as const;

/** Name of a built-in path; see {@linkcode noisePath}. */
export type NoisePathKind = typeof NOISE_PATHS[number];

/** Options of {@linkcode noisePath}. */
export interface NoisePathOptions {
  /**
   * Log signal-to-noise ratio at t = 1 and at t = 0, `[min, max]`, for "linear-logsnr" alone.
   * Within [-200, 200].
   *
   * @default {[-10, 10]}
   */
  readonly logSnrRange?: LogSnrRange;
}

const CREATE = "create a noise path";
const HALF_PI = Math.PI / 2;

const KINDS: Record<NoisePathKind, (range: LogSnrRange) => NoisePath> = {
  "linear": () => (t) => ({ alpha: 1 - t, sigma: t, dAlpha: -1, dSigma: 1 }),
  // Past the middle the angle is measured from the other end (1 - t is exact there): cos(pi/2) is
  // then exactly 0, and alpha keeps its relative accuracy on the way.
  "cosine": () => (t) => {
    const [alpha, sigma] = t <= 0.5
      ? [Math.cos(HALF_PI * t), Math.sin(HALF_PI * t)]
      : [Math.sin(HALF_PI * (1 - t)), Math.cos(HALF_PI * (1 - t))];
    return { alpha, sigma, dAlpha: -HALF_PI * sigma, dSigma: HALF_PI * alpha };
  },
  "linear-logsnr": (range) => (t) => {
    const logSnr = logSnrAt(range, t);
    const alpha = sigmoid(logSnr / 2), sigma = sigmoid(-logSnr / 2);
    const dSigma = (range[1] - range[0]) / 2 * alpha * sigma;
    return { alpha, sigma, dAlpha: -dSigma, dSigma };
  },
};

/**
 * A noise path `x_t = alpha(t) x0 + sigma(t) eps`, t in [0, 1], 1 being pure noise (arXiv 2605.10790).
 *
 * | path | alpha | sigma |
 * | --- | --- | --- |
 * | "linear" (flow matching) | 1 - t | t |
 * | "cosine" (variance preserving) | cos(pi t / 2) | sin(pi t / 2) |
 * | "linear-logsnr" | sigmoid(l / 2) | sigmoid(-l / 2), l from max to min of `logSnrRange` |
 *
 * "linear" and "cosine" are exact at the ends: sigma is 0 at t = 0 and alpha is 0 at t = 1.
 * "linear-logsnr" reaches neither, and is not variance preserving: alpha + sigma = 1.
 *
 * A function makes a path of one's own. It returns alpha and sigma (finite, >= 0, not both 0), and
 * may return both derivatives; otherwise they are computed to about 1e-11 from its values at t in
 * [0, 1], which asks that it be smooth there. A path with a kink or an infinite slope should bring
 * its own. Only the flow target uses them.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(noisePath("linear")(0.25), { alpha: 0.75, sigma: 0.25, dAlpha: -1, dSigma: 1 });
 * const squared = noisePath((t) => ({ alpha: (1 - t) ** 2, sigma: t }));
 * assert.ok(Math.abs(squared(0.5).dAlpha + 1) < 1e-10);
 * ```
 *
 * @param path a built-in path's name, or a function of t
 * @returns the path; it throws a RangeError for t outside [0, 1]
 * @throws RangeError for an unknown name or a range that is not one
 */
export function noisePath(
  path: NoisePathKind | OwnPath,
  options: NoisePathOptions = {},
): NoisePath {
  checkFields(CREATE, "option", ["logSnrRange"], options);
  const { logSnrRange } = options;
  if (logSnrRange !== undefined && path !== "linear-logsnr") {
    fail(CREATE, 'logSnrRange belongs to the path "linear-logsnr" alone', logSnrRange);
  }
  if (typeof path === "function") return ownPath(path);
  if (typeof path !== "string" || !Object.hasOwn(KINDS, path)) {
    fail(CREATE, `path must be ${listOf(NOISE_PATHS)}, or a function of t`, path);
  }
  const point = KINDS[path](checkLogSnrRange(CREATE, logSnrRange));
  return (t) => point(checkTime(`evaluate the ${path} path`, t));
}

function ownPath(own: OwnPath): NoisePath {
  return (t) => {
    const doing = `evaluate the path at t = ${t}`;
    const level = own(checkTime("evaluate the path", t));
    const { alpha, sigma } = checkLevel(doing, level);
    if (level.dAlpha !== undefined || level.dSigma !== undefined) {
      return { alpha, sigma, ...checkDerivatives(doing, level) };
    }
    const amplitudes = (s: number): [number, number] => {
      const { alpha, sigma } = own(s);
      return [alpha, sigma];
    };
    const [dAlpha, dSigma] = numericDerivative(amplitudes, t) as [number, number];
    return { alpha, sigma, dAlpha, dSigma };
  };
}

/** The time, if it lies in [0, 1]; otherwise an error. */
function checkTime(doing: string, t: number): number {
  return checkNumber(doing, "t", "in [0, 1]", t, (value) => value >= 0 && value <= 1);
}
