import { ADAPTIVE_SCALARS, adaptiveScalars, adaptiveStep } from "./adaptive.ts";
import {
  filter,
  FILTER_SCALARS,
  FILTER_SLOTS,
  type FilterForm,
  type FilterScalar,
  filterScalars,
} from "./filter.ts";
import {
  type Decay,
  DECAY_SCALARS,
  decayed,
  decayScalars,
  emaOfSquare,
  type Rule,
} from "./rule.ts";
import type { SgdfHyper } from "./sgdf.ts";
import { pure } from "../pure.ts";

/** Hyper-parameters of {@link adamf}. */
export type AdamfHyper = SgdfHyper;

/** Which AdamF. */
export interface AdamfForm extends FilterForm {
  /** How weight decay enters. */
  readonly decay: Decay;
  /** What the step is divided by: the root mean square of the gradient, or its deviation from the mean. */
  readonly denominator: "rms" | "centred";
  /** Keep the largest second moment seen (Reddi et al., arXiv 1904.09237). Only with "rms". */
  readonly amsgrad: boolean;
}

const SCALARS = /* @__PURE__ */ pure(() =>
  [...DECAY_SCALARS, ...FILTER_SCALARS, ...ADAPTIVE_SCALARS] as const
);

/**
 * AdamF: Adam with its first moment replaced by the filter's estimate, `param - learningRate *
 * estimate / (sqrt(vhat) + epsilon)`. The denominator "centred" takes the filter's own variance in
 * the place of v.
 */
export function adamf(
  form: AdamfForm,
): Rule<SgdfHyper, "m" | "s" | "v" | "vmax", FilterScalar | typeof SCALARS[number]> {
  const centred = form.denominator === "centred";
  return {
    name: "adamf",
    slots: [
      ...FILTER_SLOTS,
      ...centred ? [] : ["v"] as const,
      ...form.amsgrad ? ["vmax"] as const : [],
    ],
    scalarNames: SCALARS,
    scalars: (hyper, step) => ({
      ...decayScalars(hyper),
      ...filterScalars(form, hyper, step),
      ...adaptiveScalars(hyper, step),
    }),
    update: (o, x) => {
      const { param, grad } = decayed(o, form.decay, x);
      const { m, s, estimate } = filter(o, form, { ...x, grad });
      const v = centred ? s : emaOfSquare(o, x.v, grad, x.beta2, x.oneMinusBeta2);
      const vmax = form.amsgrad ? o.max(v, x.vmax) : v;
      const step = adaptiveStep(o, estimate, vmax, x, form.epsilon);
      return { param: o.sub(param, step), m, s, v, vmax };
    },
  };
}
