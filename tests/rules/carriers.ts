import fc from "fast-check";
import type { Algebra } from "../../src/expr/algebra.ts";
import { float32, float64 } from "../../src/expr/numbers.ts";
import {
  filter,
  FILTER_SCALARS,
  FILTER_SLOTS,
  type FilterForm,
  type FilterHyper,
  type FilterScalar,
  filterScalars,
} from "../../src/rules/filter.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { Oracle } from "../../cli/doctor/oracle.ts";

/** An arithmetic that rules are tested over. */
export interface Carrier {
  readonly name: string;
  readonly algebra: Algebra<number, boolean>;
  /** The largest relative error of one rounding. */
  readonly unit: number;
  /** The smallest positive number. */
  readonly tiny: number;
  /** Numbers between two powers of two. */
  number(min: number, max: number): fc.Arbitrary<number>;
}

/** Float64, and float32 rounded after every operation. */
export const CARRIERS: readonly Carrier[] = [
  {
    name: "float64",
    algebra: float64,
    unit: 2 ** -53,
    tiny: 2 ** -1074,
    number: (min, max) => fc.double({ min, max, noNaN: true }),
  },
  {
    name: "float32",
    algebra: float32,
    unit: 2 ** -24,
    tiny: 2 ** -149,
    number: (min, max) => fc.float({ min, max, noNaN: true }),
  },
];

/** Zero, or a number of either sign whose square and cube are far from the limits of float32. */
export function moderate({ number }: Carrier): fc.Arbitrary<number> {
  const positive = number(2 ** -10, 2 ** 10);
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 5, arbitrary: positive },
    { weight: 5, arbitrary: positive.map((value) => -value) },
  );
}

/** Up to 30 gradients of one element. */
export function sequence(gradient: fc.Arbitrary<number>): fc.Arbitrary<number[]> {
  return fc.array(gradient, { minLength: 1, maxLength: 30, size: "max" });
}

/** Decay rates, the usual ones and others; a mean that fades faster is soon a denormal. */
export const betas = fc.record({
  beta1: fc.oneof(fc.constantFrom(0, 0.9), fc.double({ min: 0.5, max: 0.99, noNaN: true })),
  beta2: fc.oneof(fc.constant(0.999), fc.double({ min: 0.5, max: 0.9999, noNaN: true })),
});

/** The usual hyper-parameters of every rule. */
export const USUAL = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  gamma: 0.5,
  weightDecay: 0,
  momentum: 0.9,
  momentumDecay: 0.004,
  alpha: 0.99,
};

/** What the filter made of one gradient. */
export interface Filtered {
  readonly grad: number;
  /** mhat */
  readonly mean: number;
  /** shat */
  readonly variance: number;
  /** ghat */
  readonly estimate: number;
}

/** The filter as a rule whose parameter is the estimate. */
function bareFilter(form: FilterForm): Rule<FilterHyper, "m" | "s", FilterScalar> {
  return {
    name: "filter",
    slots: FILTER_SLOTS,
    scalarNames: FILTER_SCALARS,
    scalars: (hyper, step) => filterScalars(form, hyper, step),
    update: (o, x) => {
      const { m, s, estimate } = filter(o, form, x);
      return { param: estimate, m, s };
    },
  };
}

/** Filters a sequence of gradients of one element. */
export function filtered(
  { algebra }: Carrier,
  form: FilterForm,
  hyper: FilterHyper,
  gradients: readonly number[],
): Filtered[] {
  const oracle = new Oracle(bareFilter(form), [0], algebra);
  return gradients.map((grad, index) => {
    oracle.update(hyper, [grad]);
    const { meanCorrection, varianceCorrection } = filterScalars(form, hyper, index + 1);
    return {
      grad,
      mean: algebra.mul(oracle.get("m")[0]!, algebra.constant(meanCorrection)),
      variance: oracle.get("s")[0]! * varianceCorrection,
      estimate: oracle.param[0]!,
    };
  });
}
