import { sgdf as sgdfRule } from "../rules/sgdf.ts";
import { FILTER_OPTIONS, FilterOptimizer, type FilterOptions } from "./filter_options.ts";
import { flag, type OptionTable } from "../options/options.ts";
import { decayOf, filterFormOf } from "./forms.ts";
import { type InForce, memoized, type RuleOf } from "./rule_of.ts";
import { commonOptions } from "./common_options.ts";
import { pure } from "../pure.ts";
import { registered } from "../registered.ts";

/** Options of {@link sgdf}. The learning rate defaults to 0.5, the papers' value. */
export interface SGDFOptions extends FilterOptions {
  /**
   * Step by the sign of the estimate, not by the estimate.
   * @default false
   */
  sign?: boolean;
}

/** Its options. */
export const OPTIONS: OptionTable<Required<SGDFOptions>> = /* @__PURE__ */ pure(() => ({
  ...commonOptions({ learningRate: 0.5 }),
  ...FILTER_OPTIONS,
  sign: flag(false),
}));

const ruleOf = /* @__PURE__ */ memoized(sgdfRule);

/**
 * SGDF: stochastic gradient descent along a gradient that an optimal linear filter has denoised
 * (arXiv 2311.02818 and 2603.06120, Algorithm 1). For each parameter and step
 *
 *     m = beta1 m + (1 - beta1) g            mhat = m / (1 - beta1^t)
 *     s = beta2 s + (1 - beta2) (g - m)^2    shat = s (1 - beta1)(1 - beta1^2t) / ((1 + beta1)(1 - beta2^t))
 *     K = shat / (shat + (g - mhat)^2 + epsilon)
 *     parameter -= learningRate (mhat + K^gamma (g - mhat))
 *
 * State: two numbers a parameter.
 */
export class SGDF extends FilterOptimizer<Required<SGDFOptions>> {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  /** Name in saved models. */
  static get className(): string {
    return "SGDF";
  }

  /**
   * An optimizer that has taken no step yet.
   *
   * @param options see {@link SGDFOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: SGDFOptions = {}) {
    super(OPTIONS, options);
  }

  /** @internal */
  protected override rule(
    options: Required<SGDFOptions>,
  ): RuleOf<InForce<Required<SGDFOptions>>> {
    return ruleOf({ ...filterFormOf(options), decay: decayOf(options), sign: options.sign });
  }
}

/**
 * Creates an {@link SGDF} optimizer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-layers"; // registers the gradients
 * import "@tensorflow/tfjs-backend-cpu";
 * import { sgdf } from "@signalfit/tfjs";
 *
 * const x = tf.variable(tf.tensor1d([3, -4]));
 * const optimizer = sgdf({ learningRate: 0.1 });
 * for (let step = 0; step < 100; step++) {
 *   optimizer.minimize(() => tf.sum(tf.square(x)));
 * }
 * x.print(); // near [0, 0]
 * ```
 *
 * @param options learning rate, filter and weight decay
 */
export function sgdf(options?: SGDFOptions): SGDF {
  return new SGDF(options);
}
