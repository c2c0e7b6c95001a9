import { checkNumber, fail, isNumberList } from "../../options/check.ts";
import { checkLevel, type NoiseLevel } from "../noise/level.ts";
import {
  checkTarget,
  type Target,
  type TargetCoefficients,
  targetCoefficients,
} from "../noise/target.ts";

/** How much of a target its input determines at one noise level, per dimension. */
export interface Recoverability {
  /** B, the loss of the best possible network: no training goes below it. */
  readonly floor: number;
  /** V, the target's variance: the loss of a network that ignores its input. */
  readonly variance: number;
  /** R = 1 - B / V, in [0, 1]; 0 where V is 0. */
  readonly value: number;
}

/**
 * Recoverability of a target for Gaussian data, exactly (after arXiv 2605.10790).
 *
 * With `l_i` the eigenvalues of the data's covariance,
 *
 *     B = (c_x sigma - c_eps alpha)^2 mean_i l_i / (alpha^2 l_i + sigma^2)
 *     V = c_x^2 mean_i l_i + c_eps^2
 *     R = mean_i (c_x alpha l_i + c_eps sigma)^2 / (alpha^2 l_i + sigma^2) / V
 *
 * which is `1 - B / V` without its cancellation. For unit variance on a variance-preserving path
 * R is sigma^2 for epsilon, alpha^2 for x0 and 0 for v; for other data of that variance, Gaussian or
 * not, it is at least that. At alpha = 0 and at sigma = 0 the limits are taken. For "score" at
 * sigma = 0, B and V are infinite and R is that of epsilon.
 *
 * @param target what is predicted
 * @param level the noise level; "flow" needs its derivatives
 * @param covarianceSpectrum eigenvalues of the data's covariance, finite, >= 0, at least one
 * @throws RangeError for an unknown target, a bad level or a bad spectrum
 */
export function recoverability(
  target: Target,
  level: NoiseLevel,
  covarianceSpectrum: ArrayLike<number>,
): Recoverability {
  const doing = "compute recoverability";
  const { alpha, sigma } = checkLevel(doing, level);
  const spectrum = checkSpectrum(doing, covarianceSpectrum);
  if (checkTarget(doing, target) === "score") {
    const { floor, variance, value } = recoverability("epsilon", level, spectrum);
    const scaled = (amount: number) => amount === 0 ? 0 : amount / sigma / sigma;
    return { floor: scaled(floor), variance: scaled(variance), value };
  }
  const c = targetCoefficients(target, level);
  let floor = 0, explained = 0, dataVariance = 0;
  for (const l of spectrum) {
    const { open, told } = split(l, c, alpha, sigma);
    floor += open / spectrum.length;
    explained += told / spectrum.length;
    dataVariance += l / spectrum.length;
  }
  const variance = c.x0 ** 2 * dataVariance + c.epsilon ** 2;
  return { floor, variance, value: variance === 0 ? 0 : Math.min(1, explained / variance) };
}

/**
 * What the input leaves open, and what it tells, of a dimension whose variance is l; squares are taken
 * last, so that none underflows on the way. A constant dimension without noise gets the limit of
 * sigma to 0: nothing left open.
 */
function split(
  l: number,
  c: TargetCoefficients,
  alpha: number,
  sigma: number,
): { open: number; told: number } {
  const std = Math.sqrt(l), input = Math.hypot(alpha * std, sigma);
  if (input === 0) return { open: 0, told: c.epsilon ** 2 };
  const open = (c.x0 * sigma - c.epsilon * alpha) * (std / input);
  const told = c.x0 * std * (alpha * std / input) + c.epsilon * (sigma / input);
  return { open: open ** 2, told: told ** 2 };
}

/**
 * Recoverability of a target where the error of the best estimate of the data is known.
 *
 *     B = ((c_x sigma - c_eps alpha) / sigma)^2 mmse,   V = c_x^2 Var(x0) + c_eps^2
 *
 * @param mmse `E tr Cov(x0 | x_t) / d`, in [0, dataVariance] up to rounding
 * @param dataVariance `tr Cov(x0) / d`, finite and >= 0
 * @throws RangeError for an unknown target, a bad level, sigma = 0 (B is then a limit that mmse = 0
 * does not tell) or a bad variance
 */
export function recoverabilityFromMmse(
  target: Target,
  level: NoiseLevel,
  mmse: number,
  dataVariance: number,
): Recoverability {
  const doing = "compute recoverability from the mmse";
  checkTarget(doing, target);
  const { alpha, sigma } = checkLevel(doing, level);
  if (sigma === 0) fail(doing, "sigma must be > 0", sigma);
  const holds = (value: number) => Number.isFinite(value) && value >= 0;
  checkNumber(doing, "dataVariance", "a finite number >= 0", dataVariance, holds);
  checkNumber(doing, "mmse", "a finite number >= 0", mmse, holds);
  const c = targetCoefficients(target, level);
  const floor = ((c.x0 * sigma - c.epsilon * alpha) / sigma) ** 2 * mmse;
  const variance = c.x0 ** 2 * dataVariance + c.epsilon ** 2;
  const value = variance === 0 ? 0 : Math.max(0, 1 - floor / variance);
  return { floor, variance, value };
}

/**
 * RMS amplitude of what reaches the input of a target's components, `sqrt(c_x^2 alpha^2 + c_eps^2
 * sigma^2)`: the reading behind the closed-form weights of arXiv 2605.10790. It is their weight for
 * epsilon and x0, and sqrt(2) times it for v; always 1 for the score.
 *
 * @throws RangeError for an unknown target or a bad level
 */
export function recoverableAmplitude(target: Target, level: NoiseLevel): number {
  const doing = "compute the recoverable amplitude";
  const { alpha, sigma } = checkLevel(doing, level);
  if (checkTarget(doing, target) === "score") return 1;
  const c = targetCoefficients(target, level);
  return Math.hypot(c.x0 * alpha, c.epsilon * sigma);
}

function checkSpectrum(doing: string, spectrum: unknown): number[] {
  const rule = "covarianceSpectrum must be a list of at least one finite number >= 0";
  if (!isNumberList(spectrum) || spectrum.length === 0) return fail(doing, rule, spectrum);
  const values = Array.from(spectrum);
  const bad = values.findIndex((value) => !(Number.isFinite(value) && value >= 0));
  return bad < 0 ? values : fail(doing, `${rule} (entry ${bad})`, values[bad]);
}
