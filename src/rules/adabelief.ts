import { ADAPTIVE_SCALARS, adaptiveScalars, adaptiveStep } from "./adaptive.ts";
import { FILTER_SCALARS, type FilterScalar } from "./filter.ts";
import {
  firstMoment,
  type MomentForm,
  type MomentHyper,
  momentScalars,
  startCorrection,
} from "./moment.ts";
import { DECAY_SCALARS, decayed, decayScalars, emaOfSquare, type Rule } from "./rule.ts";
import { pure } from "../pure.ts";

/** Hyper-parameters of {@link adabelief}. */
export type AdabeliefHyper = MomentHyper;

const SCALARS = /* @__PURE__ */ pure(() =>
  [...DECAY_SCALARS, ...FILTER_SCALARS, ...ADAPTIVE_SCALARS, "epsilonSum"] as const
);

/**
 * AdaBelief (Zhuang et al., arXiv 2010.07468): Adam that divides by the gradient's deviation from
 * its mean, `s = beta2 s + (1 - beta2) (g - m)^2 + epsilon`, as in the paper's Algorithm 2 and the
 * authors' code. The epsilons gathered so far are the same number for all elements: s is kept
 * without them, and they are added before the root. That s is the filter's own.
 */
export function adabelief(
  form: MomentForm,
): Rule<AdabeliefHyper, "m" | "s", FilterScalar | typeof SCALARS[number]> {
  return {
    name: "adabelief",
    slots: ["m", "s"],
    scalarNames: SCALARS,
    scalars: (hyper, step) => ({
      ...decayScalars(hyper),
      ...momentScalars(form, hyper, step),
      ...adaptiveScalars({
        ...hyper,
        learningRate: hyper.learningRate * startCorrection(form, hyper.beta1, step),
      }, step),
      epsilonSum: hyper.epsilon * (1 - Math.pow(hyper.beta2, step)) / (1 - hyper.beta2),
    }),
    update: (o, x) => {
      const { param, grad } = decayed(o, form.decay, x);
      const { m, estimate } = firstMoment(o, form, { ...x, grad });
      const s = emaOfSquare(o, x.s, o.sub(grad, m), x.beta2, x.oneMinusBeta2);
      const step = adaptiveStep(o, estimate, o.add(s, x.epsilonSum), x, form.epsilon);
      return { param: o.sub(param, step), m, s };
    },
  };
}
