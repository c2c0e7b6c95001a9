import { ADAPTIVE_SCALARS, adaptiveScalars, adaptiveStep } from "./adaptive.ts";
import { FILTER_SCALARS, type FilterScalar } from "./filter.ts";
import {
  firstMoment,
  type MomentForm,
  type MomentHyper,
  momentScalars,
  weightSoFar,
} from "./moment.ts";
import { clamped, DECAY_SCALARS, decayed, decayScalars, emaOfSquare, type Rule } from "./rule.ts";
import { pure } from "../pure.ts";

/** Hyper-parameters of {@link nadam}. */
export interface NadamHyper extends MomentHyper {
  /** How fast the momentum rises to beta1, >= 0. */
  readonly momentumDecay: number;
}

const SCALARS = /* @__PURE__ */ pure(() =>
  [
    ...DECAY_SCALARS,
    ...FILTER_SCALARS,
    ...ADAPTIVE_SCALARS,
    "gradShare",
    "meanShare",
  ] as const
);

/**
 * NAdam (Dozat, ICLR 2016 workshop) as PyTorch has it: Adam that looks ahead by one step, with a
 * momentum `mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2)` that rises. With P_t = mu_1 ... mu_t, the
 * direction is `mu_(t+1) / (1 - P_(t+1)) m + (1 - mu_t) / (1 - P_t) g`, over Adam's divisor.
 */
export function nadam(
  form: MomentForm,
): Rule<NadamHyper, "m" | "s" | "v", FilterScalar | typeof SCALARS[number]> {
  const products = momentumProducts();
  return {
    name: "nadam",
    slots: form.filter === undefined ? ["m", "v"] : ["m", "s", "v"],
    scalarNames: SCALARS,
    scalars: (hyper, step) => {
      const { beta1, momentumDecay } = hyper;
      const [now, next] = [step, step + 1].map((t) => momentumAt(beta1, momentumDecay, t));
      const product = products(beta1, momentumDecay, step);
      return {
        ...decayScalars(hyper),
        ...momentScalars(form, hyper, step),
        ...adaptiveScalars(hyper, step),
        gradShare: (1 - now!) / (1 - product),
        meanShare: weightSoFar(form, beta1, step) * next! / (1 - product * next!),
      };
    },
    update: (o, x) => {
      const { param, grad } = decayed(o, form.decay, x);
      const { m, s, estimate } = firstMoment(o, form, { ...x, grad });
      const v = emaOfSquare(o, x.v, grad, x.beta2, x.oneMinusBeta2);
      // The shares add up to more than 1 at first.
      const ahead = o.add(o.mul(x.meanShare, estimate), o.mul(x.gradShare, grad));
      const step = adaptiveStep(o, clamped(o, ahead), v, x, form.epsilon);
      return { param: o.sub(param, step), m, s, v };
    },
  };
}

/** The momentum of a step. */
function momentumAt(beta1: number, momentumDecay: number, step: number): number {
  return beta1 * (1 - 0.5 * Math.pow(0.96, step * momentumDecay));
}

/** What is lost beside 1, with room to spare. */
const NEGLIGIBLE = 2 ** -64;

/**
 * Makes the function that gives the product of the momenta up to a step, 0 where it is negligible
 * beside 1. It follows from its arguments alone; the products up to the largest step so far are kept,
 * until other arguments come.
 */
function momentumProducts(): (beta1: number, momentumDecay: number, step: number) => number {
  let known: number[] = [];
  let key: readonly number[] = [];
  return (beta1, momentumDecay, step) => {
    if (key[0] !== beta1 || key[1] !== momentumDecay) {
      [known, key] = [[1], [beta1, momentumDecay]];
    }
    while (known.length <= step && known.at(-1)! > NEGLIGIBLE) {
      known.push(known.at(-1)! * momentumAt(beta1, momentumDecay, known.length));
    }
    return known[step] ?? 0;
  };
}
