import { type Algebra, FLOAT32_MAX } from "../expr/algebra.ts";
import { clamped, ema, emaOfSquare, type Epsilon, safeDiv, type Scalars } from "./rule.ts";

/** Hyper-parameters of the filter. */
export interface FilterHyper {
  /** Decay of the mean, in [0, 1). */
  readonly beta1: number;
  /** Decay of the variance, in [0, 1). */
  readonly beta2: number;
  /** Added to the squared innovation, >= 0. */
  readonly epsilon: number;
  /** Power of the gain, > 0. */
  readonly gamma: number;
}

/** Which form the filter takes. */
export interface FilterForm {
  /** The power of the gain; a power with a short form is part of the rule, "any" is read as a scalar. */
  readonly power: Power;
  /**
   * Whether the variance of the mean is corrected for the averaging, by
   * (1 - beta1)(1 - beta1^2t) / (1 + beta1). Off in the authors' first versions.
   */
  readonly varianceCorrection: boolean;
  /** Whether epsilon is known to be above 0; "any" if left out. */
  readonly epsilon?: Epsilon;
}

/** Powers that are products and square roots, and any other. */
export type Power = 0.25 | 0.5 | 1 | 2 | "any";

/** The form of a power: one of the short ones where there is one. */
export function powerOf(gamma: number): Power {
  return gamma === 0.25 || gamma === 0.5 || gamma === 1 || gamma === 2 ? gamma : "any";
}

/** Names of the scalars that the filter reads. */
export const FILTER_SCALARS = [
  "beta1",
  "oneMinusBeta1",
  "beta2",
  "oneMinusBeta2",
  "meanCorrection",
  "varianceCorrection",
  "epsilon",
  "gamma",
] as const;

/** Name of a scalar that the filter reads. */
export type FilterScalar = typeof FILTER_SCALARS[number];

/** State kept by the filter: the mean and the variance of the gradient. */
export const FILTER_SLOTS = ["m", "s"] as const;

/** The filter's scalars at a step, counted from 1. */
export function filterScalars(
  form: FilterForm,
  { beta1, beta2, epsilon, gamma }: FilterHyper,
  step: number,
): Scalars<FilterScalar> {
  const averaging = form.varianceCorrection
    ? (1 - beta1) * (1 - Math.pow(beta1, 2 * step)) / (1 + beta1)
    : 1;
  return {
    beta1,
    oneMinusBeta1: 1 - beta1,
    beta2,
    oneMinusBeta2: 1 - beta2,
    meanCorrection: 1 / (1 - Math.pow(beta1, step)),
    varianceCorrection: averaging / (1 - Math.pow(beta2, step)),
    epsilon,
    gamma,
  };
}

/**
 * The online Wiener filter of arXiv 2311.02818 and 2603.06120 (Algorithm 1): the new mean and
 * variance of the gradient, and the estimate `mhat + K^gamma (g - mhat)`.
 */
export function filter<Num, Cond>(
  o: Algebra<Num, Cond>,
  form: FilterForm,
  x: Readonly<Record<"grad" | "m" | "s" | FilterScalar, Num>>,
): { m: Num; s: Num; estimate: Num } {
  const { m, s, mean, innovation } = gradientStatistics(o, x);
  const gain = wienerGain(o, s, x.varianceCorrection, innovation, x.epsilon, form.epsilon);
  const step = o.mul(power(o, form.power, gain, x.gamma), innovation);
  return { m, s, estimate: o.add(mean, step) };
}

/** What {@link gradientStatistics} reads. */
export type StatisticsInput =
  | "grad"
  | "m"
  | "s"
  | "beta1"
  | "oneMinusBeta1"
  | "beta2"
  | "oneMinusBeta2"
  | "meanCorrection";

/** The gradient's new mean and variance, the mean corrected for its start, and how far off it the gradient is. */
export function gradientStatistics<Num, Cond>(
  o: Algebra<Num, Cond>,
  x: Readonly<Record<StatisticsInput, Num>>,
): { m: Num; s: Num; mean: Num; innovation: Num } {
  const m = ema(o, x.m, x.grad, x.beta1, x.oneMinusBeta1);
  const s = emaOfSquare(o, x.s, o.sub(x.grad, m), x.beta2, x.oneMinusBeta2);
  const mean = clamped(o, o.mul(m, x.meanCorrection));
  return { m, s, mean, innovation: clamped(o, o.sub(x.grad, mean)) };
}

/**
 * The gain `K = shat / (shat + r^2 + eps)` with `shat = s * correction`, in [0, 1); 0 where all
 * three terms are 0.
 *
 * In single precision r^2 leaves the range above |r| = 1.8e19. Where r is large, numerator and
 * denominator are therefore scaled by the square of a power of two, which changes neither K nor its
 * rounding; in double precision this costs nothing because it is not there.
 */
export function wienerGain<Num, Cond>(
  o: Algebra<Num, Cond>,
  s: Num,
  correction: Num,
  innovation: Num,
  epsilon: Num,
  kind: Epsilon = "any",
): Num {
  if (o.range === "double") {
    const signal = o.mul(s, correction);
    return safeDiv(
      o,
      signal,
      o.add(o.add(signal, o.mul(innovation, innovation)), epsilon),
      kind,
    );
  }
  const large = o.less(o.constant(2 ** 100), o.mul(innovation, innovation));
  const scale = o.select(large, o.constant(2 ** -66), o.constant(1));
  const twice = (value: Num) => o.mul(o.mul(value, scale), scale);
  const signal = o.min(o.mul(twice(s), correction), o.constant(FLOAT32_MAX));
  const r = o.mul(innovation, scale);
  // Where the scaled epsilon underflows, r is large, and its square does not.
  return safeDiv(o, signal, o.add(o.add(signal, o.mul(r, r)), twice(epsilon)), kind);
}

/** `base ^ exponent` for a base in [0, 1], by products and square roots where there is such a form. */
function power<Num, Cond>(
  o: Algebra<Num, Cond>,
  form: Power,
  base: Num,
  exponent: Num,
): Num {
  switch (form) {
    case 0.25:
      return o.sqrt(o.sqrt(base));
    case 0.5:
      return o.sqrt(base);
    case 1:
      return base;
    case 2:
      return o.mul(base, base);
    case "any":
      return o.pow(base, exponent);
  }
}
