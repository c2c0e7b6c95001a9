import { adamf as adamfRule } from "../rules/adamf.ts";
import { FILTER_OPTIONS, FilterOptimizer, type FilterOptions } from "./filter_options.ts";
import { flag, oneOf, type OptionTable } from "../options/options.ts";
import { decayOf, filterFormOf } from "./forms.ts";
import { type InForce, memoized, type RuleOf } from "./rule_of.ts";
import { commonOptions } from "./common_options.ts";
import { pure } from "../pure.ts";
import { registered } from "../registered.ts";

/** Options of {@link adamf}. The learning rate defaults to 0.001. */
export interface AdamFOptions extends FilterOptions {
  /**
   * What the step is divided by: "rms" is the root mean square of the gradient, as in Adam;
   * "centred" the root of the filter's own variance, one number less a parameter.
   * @default "rms"
   */
  denominator?: "rms" | "centred";
  /**
   * Divide by the largest second moment seen (AMSGrad); only with "rms".
   * @default false
   */
  amsgrad?: boolean;
}

/** Its options. */
export const OPTIONS: OptionTable<Required<AdamFOptions>> = /* @__PURE__ */ pure(() => ({
  ...commonOptions({ learningRate: 1e-3 }),
  ...FILTER_OPTIONS,
  denominator: oneOf("rms", "centred"),
  amsgrad: flag(false),
}));

const ruleOf = /* @__PURE__ */ memoized(adamfRule);

/**
 * AdamF: Adam with its first moment replaced by the estimate of the filter (see SGDF). With
 * `v = beta2 v + (1 - beta2) g^2`,
 *
 *     parameter -= learningRate (mhat + K^gamma (g - mhat)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * The papers (arXiv 2311.02818, 2603.06120) say that the filter extends to Adam so; they print no
 * pseudocode. State: three numbers a parameter, four with `amsgrad`, two with "centred".
 */
export class AdamF extends FilterOptimizer<Required<AdamFOptions>> {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  /** Name in saved models. */
  static get className(): string {
    return "AdamF";
  }

  /**
   * An optimizer that has taken no step yet.
   *
   * @param options see {@link AdamFOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: AdamFOptions = {}) {
    super(OPTIONS, options);
    if (this.options.amsgrad && this.options.denominator === "centred") {
      throw new RangeError(
        `Cannot create AdamF: amsgrad must be false with denominator "centred", got true`,
      );
    }
  }

  /** @internal */
  protected override rule(
    options: Required<AdamFOptions>,
  ): RuleOf<InForce<Required<AdamFOptions>>> {
    const { denominator, amsgrad } = options;
    return ruleOf({ ...filterFormOf(options), decay: decayOf(options), denominator, amsgrad });
  }
}

/**
 * Creates an {@link AdamF} optimizer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-layers"; // registers the gradients
 * import "@tensorflow/tfjs-backend-cpu";
 * import { adamf } from "@signalfit/tfjs";
 *
 * const x = tf.variable(tf.scalar(1));
 * const optimizer = adamf({ learningRate: 0.1 });
 * optimizer.minimize(() => tf.square(x));
 * x.print(); // about 0.9: the first step is learningRate long
 * ```
 *
 * @param options learning rate, filter, weight decay and variants
 */
export function adamf(options?: AdamFOptions): AdamF {
  return new AdamF(options);
}
