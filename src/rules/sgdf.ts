import {
  filter,
  FILTER_SCALARS,
  FILTER_SLOTS,
  type FilterForm,
  type FilterHyper,
  type FilterScalar,
  filterScalars,
} from "./filter.ts";
import { type Decay, DECAY_SCALARS, decayed, decayScalars, type Rule } from "./rule.ts";

/** Hyper-parameters of {@link sgdf}. */
export interface SgdfHyper extends FilterHyper {
  /** Step size, > 0. */
  readonly learningRate: number;
  /** Weight decay, >= 0. */
  readonly weightDecay: number;
}

/** Which SGDF. */
export interface SgdfForm extends FilterForm {
  /** How weight decay enters. */
  readonly decay: Decay;
  /** Step by the sign of the estimate instead of the estimate. */
  readonly sign: boolean;
}

/** SGDF: `param - learningRate * estimate`, the estimate from the filter. arXiv 2603.06120, Algorithm 1. */
export function sgdf(
  form: SgdfForm,
): Rule<SgdfHyper, "m" | "s", FilterScalar | typeof DECAY_SCALARS[number]> {
  return {
    name: "sgdf",
    slots: FILTER_SLOTS,
    scalarNames: [...DECAY_SCALARS, ...FILTER_SCALARS],
    scalars: (hyper, step) => ({ ...decayScalars(hyper), ...filterScalars(form, hyper, step) }),
    update: (o, x) => {
      const { param, grad } = decayed(o, form.decay, x);
      const { m, s, estimate } = filter(o, form, { ...x, grad });
      const direction = form.sign ? o.sign(estimate) : estimate;
      return { param: o.sub(param, o.mul(x.learningRate, direction)), m, s };
    },
  };
}
