import {
  clamped,
  type Decay,
  DECAY_SCALARS,
  decayed,
  decayScalars,
  ema,
  emaOfSquare,
  type Epsilon,
  type Rule,
  safeDiv,
} from "./rule.ts";
import { pure } from "../pure.ts";

/** Hyper-parameters of {@link rmsprop}. */
export interface RmspropHyper {
  /** Step size, > 0. */
  readonly learningRate: number;
  /** Decay of the second moment, in [0, 1). */
  readonly alpha: number;
  /** Added to the root of the second moment, >= 0. */
  readonly epsilon: number;
  /** Share of the velocity that is kept, in [0, 1). */
  readonly momentum: number;
  /** Weight decay, >= 0. */
  readonly weightDecay: number;
}

/** Which RMSprop. */
export interface RmspropForm {
  /** How weight decay enters. */
  readonly decay: Decay;
  /** Divide by the deviation from the gradient's mean, not by the root mean square. */
  readonly centered: boolean;
  /** Keep a velocity of the divided gradients, and step along it. */
  readonly momentum: boolean;
  /** Whether epsilon is known to be above 0; "any" if left out. */
  readonly epsilon?: Epsilon;
}

const SCALARS = /* @__PURE__ */ pure(() =>
  [
    ...DECAY_SCALARS,
    "alpha",
    "oneMinusAlpha",
    "spread",
    "epsilon",
    "momentum",
  ] as const
);

/**
 * RMSprop (Tieleman and Hinton, 2012) as PyTorch has it: `g / (sqrt(v) + epsilon)`, without any
 * correction for the start from zero. The centred form divides by sqrt(v - m^2); what is kept is
 * that variance itself, `s = alpha (s + (1 - alpha) (g - m)^2)` with the former m, which is the same
 * number without its cancellation, and never negative.
 */
export function rmsprop(
  form: RmspropForm,
): Rule<RmspropHyper, "m" | "s" | "v" | "velocity", typeof SCALARS[number]> {
  return {
    name: "rmsprop",
    slots: [
      ...form.centered ? ["m", "s"] as const : ["v"] as const,
      ...form.momentum ? ["velocity"] as const : [],
    ],
    scalarNames: SCALARS,
    scalars: (hyper) => ({
      ...decayScalars(hyper),
      alpha: hyper.alpha,
      oneMinusAlpha: 1 - hyper.alpha,
      spread: hyper.alpha * (1 - hyper.alpha),
      epsilon: hyper.epsilon,
      momentum: hyper.momentum,
    }),
    update: (o, x) => {
      const { param, grad } = decayed(o, form.decay, x);
      const v = form.centered
        ? emaOfSquare(o, x.s, clamped(o, o.sub(grad, x.m)), x.alpha, x.spread)
        : emaOfSquare(o, x.v, grad, x.alpha, x.oneMinusAlpha);
      const m = form.centered ? ema(o, x.m, grad, x.alpha, x.oneMinusAlpha) : v;
      const scaled = safeDiv(o, grad, o.add(o.sqrt(v), x.epsilon), form.epsilon);
      const velocity = form.momentum ? o.add(o.mul(x.momentum, x.velocity), scaled) : scaled;
      return { param: o.sub(param, o.mul(x.learningRate, velocity)), m, s: v, v, velocity };
    },
  };
}
