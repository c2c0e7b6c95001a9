import { FILTER_SCALARS, type FilterScalar } from "./filter.ts";
import {
  firstMoment,
  type MomentForm,
  type MomentHyper,
  momentScalars,
  weightSoFar,
} from "./moment.ts";
import { DECAY_SCALARS, decayed, decayScalars, type Rule } from "./rule.ts";
import { pure } from "../pure.ts";

/** Hyper-parameters of {@link lion}; epsilon and gamma are the filter's. */
export type LionHyper = MomentHyper;

/** Which Lion. */
export type LionForm = Omit<MomentForm, "epsilon">;

const SCALARS = /* @__PURE__ */ pure(() =>
  [...DECAY_SCALARS, ...FILTER_SCALARS, "gradShare", "meanShare"] as const
);

/**
 * Lion (Chen et al., arXiv 2302.06675): a step by `sign(beta1 m + (1 - beta1) g)`, then
 * `m = beta2 m + (1 - beta2) g`. In terms of the new m, and but for a positive factor, what the sign
 * is taken of is `beta1 m + (beta2 - beta1) g`: there the filter's estimate takes the place of
 * `m / (1 - beta2^t)`.
 */
export function lion(
  form: LionForm,
): Rule<LionHyper, "m" | "s", FilterScalar | typeof SCALARS[number]> {
  return {
    name: "lion",
    slots: form.filter === undefined ? ["m"] : ["m", "s"],
    scalarNames: SCALARS,
    scalars: (hyper, step) => {
      const { beta1, beta2 } = hyper;
      return {
        ...decayScalars(hyper),
        // The momentum, mean of the filter, decays by beta2; so does the filter's variance.
        ...momentScalars(form, { ...hyper, beta1: beta2 }, step),
        meanShare: beta1 * weightSoFar(form, beta2, step),
        gradShare: gradientShare(form, beta1, beta2),
      };
    },
    update: (o, x) => {
      const { param, grad } = decayed(o, form.decay, x);
      const { m, s, estimate } = firstMoment(o, form, { ...x, grad });
      const mean = form.filter === undefined ? x.m : estimate;
      const direction = o.add(o.mul(x.meanShare, mean), o.mul(x.gradShare, grad));
      return { param: o.sub(param, o.mul(x.learningRate, o.sign(direction))), m, s };
    },
  };
}

/** The weight of the gradient; with beta2 0 the filter's estimate is the gradient, and all there is. */
function gradientShare(form: LionForm, beta1: number, beta2: number): number {
  if (form.filter === undefined || beta2 === 0) return 1 - beta1;
  return beta2 - beta1;
}
