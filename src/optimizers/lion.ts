import { lion as lionRule } from "../rules/lion.ts";
import { type InForce, memoized, type RuleOf } from "./rule_of.ts";
import { commonOptions } from "./common_options.ts";
import { FilterOptimizer } from "./filter_options.ts";
import { momentFormOf } from "./forms.ts";
import { MOMENT_OPTIONS, type MomentOptions } from "./moment_options.ts";
import { decayRate, type OptionTable } from "../options/options.ts";
import { pure } from "../pure.ts";
import { registered } from "../registered.ts";

/** Options of {@link lion}. The learning rate defaults to 0.0001. */
export interface LionOptions extends MomentOptions {
  /**
   * Share of the momentum in the direction of a step, in [0, 1).
   * @default 0.9
   */
  beta1?: number;
  /**
   * Decay of the momentum, and with `filter` of the gradient's variance, in [0, 1).
   * @default 0.99
   */
  beta2?: number;
  /**
   * Added to the squared innovation with `filter`, a finite number >= 0; not read without.
   * @default 1e-8
   */
  epsilon?: number;
  /**
   * Whether the filter's estimate, around the momentum as its mean, takes the place of the corrected
   * momentum `m / (1 - beta2^t)`: see {@link Lion}.
   * @default false
   */
  filter?: boolean;
  /**
   * Whether the decay shrinks the parameter by `1 - learningRate * weightDecay` (true) or adds
   * `weightDecay * parameter` to the gradient (false, L2).
   * @default true
   */
  decoupledWeightDecay?: boolean;
}

/** Its options. */
export const OPTIONS: OptionTable<Required<LionOptions>> = /* @__PURE__ */ pure(() => ({
  ...commonOptions({ learningRate: 1e-4, decoupledWeightDecay: true }),
  ...MOMENT_OPTIONS,
  beta2: decayRate(0.99),
}));

const ruleOf = /* @__PURE__ */ memoized(lionRule);

/**
 * Lion (arXiv 2302.06675): a step of one length for all parameters, by the sign of an average.
 *
 *     parameter -= learningRate sign(beta1 m + (1 - beta1) g), with the m from before
 *     m = beta2 m + (1 - beta2) g
 *
 * In terms of the new m, that is `sign(beta1 m + (beta2 - beta1) g)`. With `filter`, m in it is
 * `(1 - beta2^t)` times the filter's estimate, whose mean and variance both decay by beta2. State:
 * one number a parameter, two with `filter`.
 */
export class Lion extends FilterOptimizer<Required<LionOptions>> {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  /** Name in saved models. */
  static get className(): string {
    return "Lion";
  }

  /**
   * An optimizer that has taken no step yet.
   *
   * @param options see {@link LionOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: LionOptions = {}) {
    super(OPTIONS, options);
  }

  /** @internal */
  protected override rule(
    options: Required<LionOptions>,
  ): RuleOf<InForce<Required<LionOptions>>> {
    return ruleOf(momentFormOf(options));
  }
}

/**
 * Creates a {@link Lion} optimizer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-layers"; // registers the gradients
 * import "@tensorflow/tfjs-backend-cpu";
 * import { lion } from "@signalfit/tfjs";
 *
 * const x = tf.variable(tf.tensor1d([1, -100]));
 * const optimizer = lion({ learningRate: 0.1 });
 * optimizer.minimize(() => tf.sum(tf.square(x)));
 * x.print(); // 0.9 and -99.9
 * ```
 *
 * @param options learning rate, betas, filter and weight decay
 */
export function lion(options?: LionOptions): Lion {
  return new Lion(options);
}
