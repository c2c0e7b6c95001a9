import { decayRate, flag, nonNegative, type OptionTable, positive } from "../options/options.ts";
import type { CommonOptions } from "./common_options.ts";
import { RuleOptimizer } from "./rule_optimizer.ts";
import { pure } from "../pure.ts";

/** Options of the filter, shared by {@link SGDF} and {@link AdamF}. */
export interface FilterOptions extends CommonOptions {
  /**
   * Decay of the gradient's mean, in [0, 1).
   * @default 0.9
   */
  beta1?: number;
  /**
   * Decay of the gradient's variance, in [0, 1).
   * @default 0.999
   */
  beta2?: number;
  /**
   * Added to the squared innovation in the gain, a finite number >= 0. It is compared with squared
   * gradients: with 1e-8 the gain dies where |gradient| is below about 1e-4, and the filter becomes
   * the plain mean. Choose it below the square of the smallest gradients that matter; with 0 the
   * filter does not depend on the gradients' scale.
   * @default 1e-8
   */
  epsilon?: number;
  /**
   * Power of the gain, a finite number > 0. 0.5 is the papers'; towards 0 the estimate becomes the
   * raw gradient, towards infinity the mean.
   * @default 0.5
   */
  gamma?: number;
  /**
   * Whether the variance of the mean is corrected for the averaging, by
   * (1 - beta1)(1 - beta1^2t) / (1 + beta1); off in the authors' first versions.
   * @default true
   */
  varianceCorrection?: boolean;
}

/** The table entries that {@link FilterOptions} adds. */
export const FILTER_OPTIONS: OptionTable<Omit<Required<FilterOptions>, keyof CommonOptions>> =
  /* @__PURE__ */ pure(() => ({
    beta1: decayRate(0.9),
    beta2: decayRate(0.999),
    epsilon: nonNegative(1e-8),
    gamma: positive(0.5),
    varianceCorrection: flag(true),
  }));

/** An optimizer with the filter: its numeric options can be changed between steps. */
export abstract class FilterOptimizer<Options extends Required<FilterOptions>>
  extends RuleOptimizer<Options> {
  /** Decay of the gradient's mean, in [0, 1). */
  get beta1(): number {
    return this.options.beta1;
  }
  set beta1(value: number) {
    this.setOption("beta1", value);
  }

  /** Decay of the gradient's variance, in [0, 1). */
  get beta2(): number {
    return this.options.beta2;
  }
  set beta2(value: number) {
    this.setOption("beta2", value);
  }

  /** Added to the squared innovation in the gain, >= 0. */
  get epsilon(): number {
    return this.options.epsilon;
  }
  set epsilon(value: number) {
    this.setOption("epsilon", value);
  }

  /** Power of the gain, > 0. */
  get gamma(): number {
    return this.options.gamma;
  }
  set gamma(value: number) {
    this.setOption("gamma", value);
  }
}
