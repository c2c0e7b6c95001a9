import type { LearningRate } from "./learning_rate.ts";
import { isMatcher, type Matcher } from "./matcher.ts";
import type { OptionSpec } from "../options/options.ts";

/** A group of variables and the options that are different there. */
export interface Override {
  /** The variables. */
  readonly match: Matcher;
  /** Step size or schedule; changing the optimizer's own leaves it as it is. */
  readonly learningRate?: LearningRate;
  /** Weight decay, >= 0; counts also for variables that `exclude` names. */
  readonly weightDecay?: number;
  /** Any other number of the optimizer's rule, such as `beta1`. */
  readonly [option: string]: Matcher | LearningRate | undefined;
}

/** The specification of overrides; their options are checked when the optimizer is created. */
export const overridesOption: OptionSpec<readonly Override[] | null> = {
  fallback: null,
  rule: "must be a list such as [{ match: /bias/, learningRate: 0.01 }], or null",
  accepts: (value) =>
    value === null ||
    (Array.isArray(value) &&
      value.every((each) => typeof each === "object" && each !== null && isMatcher(each.match))),
};
