import { FILTER_SCALARS, type FilterScalar } from "./filter.ts";
import {
  firstMoment,
  type MomentForm,
  type MomentHyper,
  momentScalars,
  startCorrection,
} from "./moment.ts";
import { DECAY_SCALARS, decayed, decayScalars, emaOfSquare, type Rule, safeDiv } from "./rule.ts";
import { pure } from "../pure.ts";

/** Hyper-parameters of {@link radam}. */
export type RadamHyper = MomentHyper;

const SCALARS = /* @__PURE__ */ pure(() =>
  [
    ...DECAY_SCALARS,
    ...FILTER_SCALARS,
    "stepLength",
    "rootShare",
    "divisorOffset",
  ] as const
);

/**
 * RAdam (Liu et al., arXiv 1908.03265) as PyTorch has it: Adam whose step is shortened as long as
 * its second moment is uncertain, and which divides by nothing at all during the first few steps.
 */
export function radam(
  form: MomentForm,
): Rule<RadamHyper, "m" | "s" | "v", FilterScalar | typeof SCALARS[number]> {
  return {
    name: "radam",
    slots: form.filter === undefined ? ["m", "v"] : ["m", "s", "v"],
    scalarNames: SCALARS,
    scalars: (hyper, step) => {
      const { learningRate, beta1, beta2, epsilon } = hyper;
      const length = learningRate * startCorrection(form, beta1, step);
      const rectified = rectification(beta2, step);
      return {
        ...decayScalars(hyper),
        ...momentScalars(form, hyper, step),
        ...rectified === undefined
          ? { stepLength: length, rootShare: 0, divisorOffset: 1 }
          : { stepLength: length * rectified, rootShare: 1, divisorOffset: epsilon },
      };
    },
    update: (o, x) => {
      const { param, grad } = decayed(o, form.decay, x);
      const { m, s, estimate } = firstMoment(o, form, { ...x, grad });
      const v = emaOfSquare(o, x.v, grad, x.beta2, x.oneMinusBeta2);
      const divisor = o.add(o.mul(x.rootShare, o.sqrt(v)), x.divisorOffset);
      const step = o.mul(x.stepLength, safeDiv(o, estimate, divisor, form.epsilon));
      return { param: o.sub(param, step), m, s, v };
    },
  };
}

/**
 * What the step over sqrt(v) is multiplied by at a step: the correction of v for its start from zero
 * and the rectification; undefined where the average is too short (rho <= 5) to divide by it.
 */
function rectification(beta2: number, step: number): number | undefined {
  const power = Math.pow(beta2, step);
  const longest = 2 / (1 - beta2) - 1;
  const rho = longest - 2 * step * power / (1 - power);
  if (!(rho > 5)) return undefined;
  const rectified = (rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho);
  return Math.sqrt(rectified * (1 - power));
}
