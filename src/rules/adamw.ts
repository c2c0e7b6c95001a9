import { ADAPTIVE_SCALARS, adaptiveScalars, adaptiveStep } from "./adaptive.ts";
import {
  type Decay,
  DECAY_SCALARS,
  decayed,
  decayScalars,
  ema,
  emaOfSquare,
  type Epsilon,
  type Rule,
} from "./rule.ts";
import { pure } from "../pure.ts";

/** Hyper-parameters of {@link adamw}. */
export interface AdamwHyper {
  /** Step size, > 0. */
  readonly learningRate: number;
  /** Decay of the first moment, in [0, 1). */
  readonly beta1: number;
  /** Decay of the second moment, in [0, 1). */
  readonly beta2: number;
  /** Added to the denominator, >= 0. */
  readonly epsilon: number;
  /** Weight decay, >= 0. */
  readonly weightDecay: number;
}

/** Which Adam. */
export interface AdamwForm {
  /** How weight decay enters: "decoupled" is AdamW, "coupled" is Adam with L2. */
  readonly decay: Decay;
  /** Keep the largest second moment seen (Reddi et al., arXiv 1904.09237). */
  readonly amsgrad: boolean;
  /** Whether epsilon is known to be above 0; "any" if left out. */
  readonly epsilon?: Epsilon;
}

const SCALARS = /* @__PURE__ */ pure(() =>
  [
    ...DECAY_SCALARS,
    "beta1",
    "oneMinusBeta1",
    "beta2",
    "oneMinusBeta2",
    ...ADAPTIVE_SCALARS,
  ] as const
);

/** Adam (Kingma and Ba, arXiv 1412.6980) and AdamW (Loshchilov and Hutter, arXiv 1711.05101). */
export function adamw(
  form: AdamwForm,
): Rule<AdamwHyper, "m" | "v" | "vmax", typeof SCALARS[number]> {
  return {
    name: "adamw",
    slots: form.amsgrad ? ["m", "v", "vmax"] : ["m", "v"],
    scalarNames: SCALARS,
    scalars: (hyper, step) => ({
      ...decayScalars(hyper),
      beta1: hyper.beta1,
      oneMinusBeta1: 1 - hyper.beta1,
      beta2: hyper.beta2,
      oneMinusBeta2: 1 - hyper.beta2,
      // The first moment's correction for its start from zero goes into the step's length.
      ...adaptiveScalars({
        ...hyper,
        learningRate: hyper.learningRate / (1 - Math.pow(hyper.beta1, step)),
      }, step),
    }),
    update: (o, x) => {
      const { param, grad } = decayed(o, form.decay, x);
      const m = ema(o, x.m, grad, x.beta1, x.oneMinusBeta1);
      const v = emaOfSquare(o, x.v, grad, x.beta2, x.oneMinusBeta2);
      const vmax = form.amsgrad ? o.max(v, x.vmax) : v;
      const step = adaptiveStep(o, m, vmax, x, form.epsilon);
      return { param: o.sub(param, step), m, v, vmax };
    },
  };
}
