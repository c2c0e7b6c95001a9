import { nadam as nadamRule } from "../rules/nadam.ts";
import { type InForce, memoized, type RuleOf } from "./rule_of.ts";
import { commonOptions } from "./common_options.ts";
import { FilterOptimizer } from "./filter_options.ts";
import { momentFormOf } from "./forms.ts";
import { MOMENT_OPTIONS, type MomentOptions } from "./moment_options.ts";
import { nonNegative, type OptionTable } from "../options/options.ts";
import { pure } from "../pure.ts";
import { registered } from "../registered.ts";

/** Options of {@link nadam}. The learning rate defaults to 0.002. */
export interface NAdamOptions extends MomentOptions {
  /**
   * Added to the root of the second moment, and with `filter` to the squared innovation; a finite
   * number >= 0.
   * @default 1e-8
   */
  epsilon?: number;
  /**
   * How fast the momentum rises from beta1 / 2 to beta1, a finite number >= 0; with 0 it does not.
   * @default 0.004
   */
  momentumDecay?: number;
}

/** Its options. */
export const OPTIONS: OptionTable<Required<NAdamOptions>> = /* @__PURE__ */ pure(() => ({
  ...commonOptions({ learningRate: 2e-3 }),
  ...MOMENT_OPTIONS,
  momentumDecay: nonNegative(0.004),
}));

const ruleOf = /* @__PURE__ */ memoized(nadamRule);

/**
 * NAdam (Dozat, "Incorporating Nesterov Momentum into Adam"), as PyTorch has it: Adam that looks
 * ahead by one step. With m and v those of Adam, `mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2)` and
 * P_t the product of mu_1 ... mu_t,
 *
 *     parameter -= learningRate (mu_(t+1) / (1 - P_(t+1)) m + (1 - mu_t) / (1 - P_t) g)
 *                  / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * With `filter`, m is `(1 - beta1^t)` times the filter's estimate. t counts the variable's own steps,
 * and P_t follows from it and the present options. State: two numbers a parameter, three with
 * `filter`.
 */
export class NAdam extends FilterOptimizer<Required<NAdamOptions>> {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  /** Name in saved models. */
  static get className(): string {
    return "NAdam";
  }

  /**
   * An optimizer that has taken no step yet.
   *
   * @param options see {@link NAdamOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: NAdamOptions = {}) {
    super(OPTIONS, options);
  }

  /** How fast the momentum rises to beta1, >= 0. */
  get momentumDecay(): number {
    return this.options.momentumDecay;
  }
  set momentumDecay(value: number) {
    this.setOption("momentumDecay", value);
  }

  /** @internal */
  protected override rule(
    options: Required<NAdamOptions>,
  ): RuleOf<InForce<Required<NAdamOptions>>> {
    return ruleOf(momentFormOf(options));
  }
}

/**
 * Creates a {@link NAdam} optimizer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-layers"; // registers the gradients
 * import "@tensorflow/tfjs-backend-cpu";
 * import { nadam } from "@signalfit/tfjs";
 *
 * const x = tf.variable(tf.scalar(1));
 * const optimizer = nadam({ learningRate: 0.1, filter: true });
 * for (let step = 0; step < 50; step++) optimizer.minimize(() => tf.square(x));
 * x.print(); // near 0
 * ```
 *
 * @param options learning rate, betas, momentum decay, filter and weight decay
 */
export function nadam(options?: NAdamOptions): NAdam {
  return new NAdam(options);
}
