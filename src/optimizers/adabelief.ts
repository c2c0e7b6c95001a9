import { adabelief as adabeliefRule } from "../rules/adabelief.ts";
import { type InForce, memoized, type RuleOf } from "./rule_of.ts";
import { commonOptions } from "./common_options.ts";
import { FilterOptimizer } from "./filter_options.ts";
import { momentFormOf } from "./forms.ts";
import { MOMENT_OPTIONS, type MomentOptions } from "./moment_options.ts";
import { nonNegative, type OptionTable } from "../options/options.ts";
import { pure } from "../pure.ts";
import { registered } from "../registered.ts";

/** Options of {@link adabelief}. The learning rate defaults to 0.001. */
export interface AdaBeliefOptions extends MomentOptions {
  /**
   * Added to the variance at each step and to its root, and with `filter` to the squared innovation;
   * a finite number >= 0. It is compared with squared gradients.
   * @default 1e-16
   */
  epsilon?: number;
  /**
   * Whether the decay shrinks the parameter by `1 - learningRate * weightDecay` (true) or adds
   * `weightDecay * parameter` to the gradient (false, L2).
   * @default true
   */
  decoupledWeightDecay?: boolean;
}

/** Its options. */
export const OPTIONS: OptionTable<Required<AdaBeliefOptions>> = /* @__PURE__ */ pure(() => ({
  ...commonOptions({ learningRate: 1e-3, decoupledWeightDecay: true }),
  ...MOMENT_OPTIONS,
  epsilon: nonNegative(1e-16),
}));

const ruleOf = /* @__PURE__ */ memoized(adabeliefRule);

/**
 * AdaBelief (arXiv 2010.07468, Algorithm 2; the authors' code with `rectify=False`): Adam that
 * divides by how far gradients are from their mean, not from 0.
 *
 *     m = beta1 m + (1 - beta1) g
 *     s = beta2 s + (1 - beta2) (g - m)^2 + epsilon
 *     parameter -= learningRate m / (1 - beta1^t) / (sqrt(s / (1 - beta2^t)) + epsilon)
 *
 * The state holds s without its epsilons, whose sum `epsilon (1 - beta2^t) / (1 - beta2)` is added at
 * each step. With `filter`, the filter's estimate is in the place of `m / (1 - beta1^t)`; its mean
 * and variance are this m and s. State: two numbers a parameter, with or without.
 */
export class AdaBelief extends FilterOptimizer<Required<AdaBeliefOptions>> {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  /** Name in saved models. */
  static get className(): string {
    return "AdaBelief";
  }

  /**
   * An optimizer that has taken no step yet.
   *
   * @param options see {@link AdaBeliefOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: AdaBeliefOptions = {}) {
    super(OPTIONS, options);
  }

  /** @internal */
  protected override rule(
    options: Required<AdaBeliefOptions>,
  ): RuleOf<InForce<Required<AdaBeliefOptions>>> {
    return ruleOf(momentFormOf(options));
  }
}

/**
 * Creates an {@link AdaBelief} optimizer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-layers"; // registers the gradients
 * import "@tensorflow/tfjs-backend-cpu";
 * import { adabelief } from "@signalfit/tfjs";
 *
 * const x = tf.variable(tf.scalar(1));
 * const optimizer = adabelief({ learningRate: 0.09 });
 * optimizer.minimize(() => tf.square(x));
 * x.print(); // about 0.9: the first step is learningRate / beta1 long
 * ```
 *
 * @param options learning rate, betas, filter and weight decay
 */
export function adabelief(options?: AdaBeliefOptions): AdaBelief {
  return new AdaBelief(options);
}
