import { adaptiveStep, rootCorrection } from "./adaptive.ts";
import {
  clamped,
  type Decay,
  DECAY_SCALARS,
  decayed,
  decayScalars,
  ema,
  emaOfSquare,
  type Rule,
} from "./rule.ts";

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
}

const SCALARS = [
  ...DECAY_SCALARS,
  "beta1",
  "oneMinusBeta1",
  "beta2",
  "oneMinusBeta2",
  "epsilon",
  "meanCorrection",
  "rootCorrection",
] as const;

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
      epsilon: hyper.epsilon,
      meanCorrection: 1 / (1 - Math.pow(hyper.beta1, step)),
      rootCorrection: rootCorrection(hyper.beta2, step),
    }),
    update: (o, x) => {
      const { param, grad } = decayed(o, form.decay, x);
      const m = ema(o, x.m, grad, x.beta1, x.oneMinusBeta1);
      const v = emaOfSquare(o, x.v, grad, x.beta2, x.oneMinusBeta2);
      const vmax = form.amsgrad ? o.max(v, x.vmax) : v;
      const mean = clamped(o, o.mul(m, x.meanCorrection));
      const step = adaptiveStep(o, mean, vmax, x.rootCorrection, x.epsilon);
      return { param: o.sub(param, o.mul(x.learningRate, step)), m, v, vmax };
    },
  };
}
