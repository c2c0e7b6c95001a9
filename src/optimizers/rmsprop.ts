import { rmsprop as rmspropRule } from "../rules/rmsprop.ts";
import { epsilonOf } from "../rules/rule.ts";
import { type InForce, memoized, type RuleOf } from "./rule_of.ts";
import { type CommonOptions, commonOptions } from "./common_options.ts";
import { decayOf } from "./forms.ts";
import { decayRate, flag, nonNegative, type OptionTable } from "../options/options.ts";
import { RuleOptimizer } from "./rule_optimizer.ts";
import { pure } from "../pure.ts";
import { registered } from "../registered.ts";

/** Options of {@link rmsprop}. The learning rate defaults to 0.01. */
export interface RMSpropOptions extends CommonOptions {
  /**
   * Decay of the second moment, in [0, 1).
   * @default 0.99
   */
  alpha?: number;
  /**
   * Added to the root of the second moment, a finite number >= 0. Keras and tfjs add theirs below the
   * root.
   * @default 1e-8
   */
  epsilon?: number;
  /**
   * Share of the velocity that is kept, in [0, 1); with 0 there is none.
   * @default 0
   */
  momentum?: number;
  /**
   * Divide by the deviation from the gradient's mean, `sqrt(v - m^2)`, not by `sqrt(v)`.
   * @default false
   */
  centered?: boolean;
}

/** Its options. */
export const OPTIONS: OptionTable<Required<RMSpropOptions>> = /* @__PURE__ */ pure(() => ({
  ...commonOptions({ learningRate: 0.01 }),
  alpha: decayRate(0.99),
  epsilon: nonNegative(1e-8),
  momentum: decayRate(0),
  centered: flag(false),
}));

const ruleOf = /* @__PURE__ */ memoized(rmspropRule);

/**
 * RMSprop, as PyTorch has it: `v = alpha v + (1 - alpha) g^2`, then
 *
 *     velocity = momentum velocity + g / (sqrt(v) + epsilon)
 *     parameter -= learningRate velocity
 *
 * v starts from 0 and is not corrected for it: the first steps are up to `1 / sqrt(1 - alpha)` times
 * as long. There is no first moment for the filter to take the place of; put the filter in front of
 * it instead. State: one number a parameter, two with `centered`, and one more with momentum.
 */
export class RMSprop extends RuleOptimizer<Required<RMSpropOptions>> {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  /** Name in saved models; Keras and tfjs have an "RMSprop" and an "RMSProp" of their own. */
  static get className(): string {
    return "SignalfitRMSprop";
  }

  /**
   * An optimizer that has taken no step yet.
   *
   * @param options see {@link RMSpropOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: RMSpropOptions = {}) {
    super(OPTIONS, options);
  }

  /** Decay of the second moment, in [0, 1). */
  get alpha(): number {
    return this.options.alpha;
  }
  set alpha(value: number) {
    this.setOption("alpha", value);
  }

  /** Added to the root of the second moment, >= 0. */
  get epsilon(): number {
    return this.options.epsilon;
  }
  set epsilon(value: number) {
    this.setOption("epsilon", value);
  }

  /** Share of the velocity that is kept, in [0, 1). Whether it is 0 cannot change: it is state. */
  get momentum(): number {
    return this.options.momentum;
  }
  set momentum(value: number) {
    if (value === 0 !== (this.momentum === 0)) {
      const rule = value === 0 ? "must stay above 0" : "must stay 0";
      throw new RangeError(
        `Cannot change ${this.getClassName()}: momentum ${rule}, as it was created, got ${value}`,
      );
    }
    this.setOption("momentum", value);
  }

  /** @internal */
  protected override rule(
    options: Required<RMSpropOptions>,
  ): RuleOf<InForce<Required<RMSpropOptions>>> {
    const form = {
      decay: decayOf(options),
      centered: options.centered,
      momentum: options.momentum > 0,
      epsilon: epsilonOf(options.epsilon),
    };
    return ruleOf(form);
  }
}

/**
 * Creates an {@link RMSprop} optimizer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-layers"; // registers the gradients
 * import "@tensorflow/tfjs-backend-cpu";
 * import { rmsprop } from "@signalfit/tfjs";
 *
 * const x = tf.variable(tf.scalar(1));
 * const optimizer = rmsprop({ learningRate: 0.01, alpha: 0.99 });
 * optimizer.minimize(() => tf.square(x));
 * x.print(); // about 0.9: the first step is learningRate / sqrt(1 - alpha) long
 * ```
 *
 * @param options learning rate, alpha, momentum, centring and weight decay
 */
export function rmsprop(options?: RMSpropOptions): RMSprop {
  return new RMSprop(options);
}
