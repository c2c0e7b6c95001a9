import { radam as radamRule } from "../rules/radam.ts";
import { type InForce, memoized, type RuleOf } from "./rule_of.ts";
import { commonOptions } from "./common_options.ts";
import { FilterOptimizer } from "./filter_options.ts";
import { momentFormOf } from "./forms.ts";
import { MOMENT_OPTIONS, type MomentOptions } from "./moment_options.ts";
import type { OptionTable } from "../options/options.ts";
import { pure } from "../pure.ts";
import { registered } from "../registered.ts";

/** Options of {@link radam}. The learning rate defaults to 0.001. */
export interface RAdamOptions extends MomentOptions {
  /**
   * Decay of the second moment, in [0, 1). Up to 2/3 the average is too short to divide by at any
   * step.
   * @default 0.999
   */
  beta2?: number;
  /**
   * Added to the root of the second moment, and with `filter` to the squared innovation; a finite
   * number >= 0.
   * @default 1e-8
   */
  epsilon?: number;
}

/** Its options. */
export const OPTIONS: OptionTable<Required<RAdamOptions>> = /* @__PURE__ */ pure(() => ({
  ...commonOptions({ learningRate: 1e-3 }),
  ...MOMENT_OPTIONS,
}));

const ruleOf = /* @__PURE__ */ memoized(radamRule);

/**
 * RAdam (arXiv 1908.03265), as PyTorch has it: Adam without a warm-up of one's own. With m and v
 * those of Adam, `mhat = m / (1 - beta1^t)`, `rho = 2 / (1 - beta2) - 1` and
 * `rho_t = rho - 2 t beta2^t / (1 - beta2^t)`,
 *
 *     rho_t > 5: parameter -= learningRate r_t mhat sqrt(1 - beta2^t) / (sqrt(v) + epsilon)
 *     else:      parameter -= learningRate mhat
 *     r_t = sqrt((rho_t - 4) (rho_t - 2) rho / ((rho - 4) (rho - 2) rho_t))
 *
 * With `filter`, the filter's estimate is in the place of mhat. State: two numbers a parameter, three
 * with `filter`.
 */
export class RAdam extends FilterOptimizer<Required<RAdamOptions>> {
  /** Makes tfjs know the class by its name. */
  protected static readonly isRegistered: true = /* @__PURE__ */ registered(this);

  /** Name in saved models. */
  static get className(): string {
    return "RAdam";
  }

  /**
   * An optimizer that has taken no step yet.
   *
   * @param options see {@link RAdamOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: RAdamOptions = {}) {
    super(OPTIONS, options);
  }

  /** @internal */
  protected override rule(
    options: Required<RAdamOptions>,
  ): RuleOf<InForce<Required<RAdamOptions>>> {
    return ruleOf(momentFormOf(options));
  }
}

/**
 * Creates a {@link RAdam} optimizer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-layers"; // registers the gradients
 * import "@tensorflow/tfjs-backend-cpu";
 * import { radam } from "@signalfit/tfjs";
 *
 * const x = tf.variable(tf.scalar(1));
 * const optimizer = radam({ learningRate: 0.1 });
 * optimizer.minimize(() => tf.square(x));
 * x.print(); // 0.8: the first five steps go along the mean gradient, here 2
 * ```
 *
 * @param options learning rate, betas, filter and weight decay
 */
export function radam(options?: RAdamOptions): RAdam {
  return new RAdam(options);
}
