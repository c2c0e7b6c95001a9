import type { Algebra } from "../expr/algebra.ts";
import { filter, type FilterForm, type FilterScalar, filterScalars } from "./filter.ts";
import { type Decay, ema, type Epsilon, type Scalars } from "./rule.ts";
import type { SgdfHyper } from "./sgdf.ts";

/** Hyper-parameters of a rule with a first moment; gamma is the filter's. */
export type MomentHyper = SgdfHyper;

/** Which form a rule with a first moment takes. */
export interface MomentForm {
  /** How weight decay enters. */
  readonly decay: Decay;
  /**
   * The filter whose estimate is in the place of the corrected mean `mhat = m / (1 - beta1^t)`; none
   * if left out. With a growing gamma the estimate becomes mhat, and the rule what it is without.
   */
  readonly filter?: FilterForm;
  /** Whether epsilon is known to be above 0; "any" if left out. */
  readonly epsilon?: Epsilon;
}

/**
 * The first moment after a gradient: the plain mean m, not corrected for its start from zero, or the
 * filter's estimate, which is. Without a filter there is no s.
 */
export function firstMoment<Num, Cond>(
  o: Algebra<Num, Cond>,
  form: MomentForm,
  x: Readonly<Record<"grad" | "m" | "s" | FilterScalar, Num>>,
): { m: Num; s: Num; estimate: Num } {
  if (form.filter !== undefined) return filter(o, form.filter, x);
  const m = ema(o, x.m, x.grad, x.beta1, x.oneMinusBeta1);
  return { m, s: m, estimate: m };
}

/** The scalars that {@link firstMoment} reads. */
export function momentScalars(
  form: MomentForm,
  hyper: MomentHyper,
  step: number,
): Scalars<FilterScalar> {
  return filterScalars(form.filter ?? UNUSED, hyper, step);
}

const UNUSED: FilterForm = { power: 1, varianceCorrection: true };

/** What the estimate of {@link firstMoment} must be multiplied by to start right from zero. */
export function startCorrection(form: MomentForm, beta1: number, step: number): number {
  return form.filter === undefined ? 1 / (1 - Math.pow(beta1, step)) : 1;
}

/** The share of the mean's weights that are there yet: what m is of mhat. */
export function weightSoFar(form: MomentForm, beta: number, step: number): number {
  return form.filter === undefined ? 1 : 1 - Math.pow(beta, step);
}
