import { type Decay, DECAY_SCALARS, decayed, decayScalars, type Rule } from "./rule.ts";
import { pure } from "../pure.ts";

/** Hyper-parameters of {@link momentum}. */
export interface MomentumHyper {
  /** Step size, > 0. */
  readonly learningRate: number;
  /** Share of the velocity that is kept, in [0, 1). */
  readonly momentum: number;
  /** Weight decay, >= 0. */
  readonly weightDecay: number;
}

/** Which momentum. */
export interface MomentumForm {
  /** How weight decay enters. */
  readonly decay: Decay;
  /** Look ahead by one step (Nesterov). */
  readonly nesterov: boolean;
}

const SCALARS = /* @__PURE__ */ pure(() => [...DECAY_SCALARS, "momentum"] as const);

/**
 * Stochastic gradient descent with heavy-ball or Nesterov momentum, in the form of Sutskever et al.
 * (ICML 2013) that PyTorch and tfjs use: `velocity = momentum * velocity + gradient`, then a step
 * along the velocity, or along `gradient + momentum * velocity`.
 */
export function momentum(
  form: MomentumForm,
): Rule<MomentumHyper, "velocity", typeof SCALARS[number]> {
  return {
    name: "momentum",
    slots: ["velocity"],
    scalarNames: SCALARS,
    scalars: (hyper) => ({ ...decayScalars(hyper), momentum: hyper.momentum }),
    update: (o, x) => {
      const { param, grad } = decayed(o, form.decay, x);
      const velocity = o.add(o.mul(x.momentum, x.velocity), grad);
      const direction = form.nesterov ? o.add(grad, o.mul(x.momentum, velocity)) : velocity;
      return { param: o.sub(param, o.mul(x.learningRate, direction)), velocity };
    },
  };
}
