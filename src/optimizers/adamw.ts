import { adamw as adamwRule } from "../rules/adamw.ts";
import { epsilonOf } from "../rules/rule.ts";
import { decayRate, flag, nonNegative, type OptionTable } from "../options/options.ts";
import { decayOf } from "./forms.ts";
import { type InForce, memoized, type RuleOf } from "./rule_of.ts";
import { type CommonOptions, commonOptions } from "./common_options.ts";
import { RuleOptimizer } from "./rule_optimizer.ts";
import { pure } from "../pure.ts";
import { registered } from "../registered.ts";

/**
 * Options of {@link adamw}. The learning rate defaults to 0.001, the weight decay to 0.004 (Keras's
 * value), decoupled.
 */
export interface AdamWOptions extends CommonOptions {
  /**
   * Decay of the first moment, in [0, 1).
   * @default 0.9
   */
  beta1?: number;
  /**
   * Decay of the second moment, in [0, 1).
   * @default 0.999
   */
  beta2?: number;
  /**
   * Added to the root of the second moment, a finite number >= 0.
   * @default 1e-8
   */
  epsilon?: number;
  /**
   * Divide by the largest second moment seen (AMSGrad, arXiv 1904.09237).
   * @default false
   */
  amsgrad?: boolean;
}

/** Its options. */
export const OPTIONS: OptionTable<Required<AdamWOptions>> = /* @__PURE__ */ pure(() => ({
  ...commonOptions({ learningRate: 1e-3, weightDecay: 0.004, decoupledWeightDecay: true }),
  beta1: decayRate(0.9),
  beta2: decayRate(0.999),
  epsilon: nonNegative(1e-8),
  amsgrad: flag(false),
}));

const ruleOf = /* @__PURE__ */ memoized(adamwRule);

/**
 * AdamW (arXiv 1711.05101): Adam with weight decay beside the gradient. With `weightDecay: 0` it is
 * Adam (arXiv 1412.6980), with `decoupledWeightDecay: false` Adam with L2.
 */
export class AdamW extends RuleOptimizer<Required<AdamWOptions>> {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  /** Name in saved models. */
  static get className(): string {
    return "AdamW";
  }

  /**
   * An optimizer that has taken no step yet.
   *
   * @param options see {@link AdamWOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: AdamWOptions = {}) {
    super(OPTIONS, options);
  }

  /** Decay of the first moment, in [0, 1). */
  get beta1(): number {
    return this.options.beta1;
  }
  set beta1(value: number) {
    this.setOption("beta1", value);
  }

  /** Decay of the second moment, in [0, 1). */
  get beta2(): number {
    return this.options.beta2;
  }
  set beta2(value: number) {
    this.setOption("beta2", value);
  }

  /** Added to the root of the second moment, >= 0. */
  get epsilon(): number {
    return this.options.epsilon;
  }
  set epsilon(value: number) {
    this.setOption("epsilon", value);
  }

  /** @internal */
  protected override rule(
    options: Required<AdamWOptions>,
  ): RuleOf<InForce<Required<AdamWOptions>>> {
    const { amsgrad, epsilon } = options;
    return ruleOf({ decay: decayOf(options), amsgrad, epsilon: epsilonOf(epsilon) });
  }
}

/**
 * Creates an {@link AdamW} optimizer.
 *
 * @param options learning rate, betas, weight decay and AMSGrad
 */
export function adamw(options?: AdamWOptions): AdamW {
  return new AdamW(options);
}
