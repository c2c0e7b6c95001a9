import { checkNumber, fail } from "../../options/check.ts";

/**
 * One noise level: how much of the data and how much of the noise is in the input,
 * `x_t = alpha x0 + sigma eps`. Its signal-to-noise ratio is `snr = alpha^2 / sigma^2`.
 */
export interface NoiseLevel {
  /** Amplitude of the data, in [0, 1e100]. */
  readonly alpha: number;
  /** Amplitude of the noise, in [0, 1e100]; alpha and sigma are never both 0. */
  readonly sigma: number;
  /** d alpha / d t. Only the flow target, and what is derived from it, needs it. */
  readonly dAlpha?: number;
  /** d sigma / d t. Only the flow target, and what is derived from it, needs it. */
  readonly dSigma?: number;
}

/**
 * Negative amplitudes down to this are rounding and count as 0. In float32 `cos(pi/2)` is
 * -4.4e-8; one unit in the last place of 1 is 2^-23, and two of them are allowed.
 */
const ROUNDING = -(2 ** -22);

/** Largest amplitude and derivative, so that products of three of them stay finite. */
const LARGEST = 1e100;

/**
 * The amplitudes of a level, checked: in [0, 1e100] (a negative rounding error of float32 size is
 * made 0), not both 0.
 *
 * @throws RangeError otherwise, opening with `Cannot <doing>`
 */
export function checkLevel(doing: string, level: NoiseLevel): { alpha: number; sigma: number } {
  if (typeof level !== "object" || level === null) {
    fail(doing, "the noise level must be an object with alpha and sigma", level);
  }
  const amplitude = (name: "alpha" | "sigma"): number => {
    const holds = (value: number) => value >= ROUNDING && value <= LARGEST;
    return Math.max(0, checkNumber(doing, name, "a number in [0, 1e100]", level[name], holds));
  };
  const alpha = amplitude("alpha"), sigma = amplitude("sigma");
  if (alpha === 0 && sigma === 0) fail(doing, "alpha and sigma must not both be 0", level);
  return { alpha, sigma };
}

/**
 * The derivatives of a level, which must be there, and in [-1e100, 1e100].
 *
 * @throws RangeError otherwise, opening with `Cannot <doing>`
 */
export function checkDerivatives(
  doing: string,
  level: NoiseLevel,
): { dAlpha: number; dSigma: number } {
  const derivative = (name: "dAlpha" | "dSigma") =>
    checkNumber(
      doing,
      name,
      "a number in [-1e100, 1e100] (the flow target is made of it)",
      level[name],
      (value) => Math.abs(value) <= LARGEST,
    );
  return { dAlpha: derivative("dAlpha"), dSigma: derivative("dSigma") };
}

/** Signal-to-noise ratio `(alpha / sigma)^2` of checked amplitudes; Infinity where sigma is 0. */
export function snrOf(alpha: number, sigma: number): number {
  return (alpha / sigma) ** 2;
}
