import { type FilterForm, powerOf } from "../rules/filter.ts";
import type { MomentForm } from "../rules/moment.ts";
import { type Decay, epsilonOf } from "../rules/rule.ts";
import type { CommonOptions } from "./common_options.ts";
import type { FilterOptions } from "./filter_options.ts";
import type { MomentOptions } from "./moment_options.ts";

/** How options let weight decay in. */
export function decayOf(
  options: Pick<Required<CommonOptions>, "weightDecay" | "decoupledWeightDecay">,
): Decay {
  if (options.weightDecay === 0) return "none";
  return options.decoupledWeightDecay ? "decoupled" : "coupled";
}

/** The filter's form under options. */
export function filterFormOf(
  options: Pick<Required<FilterOptions>, "gamma" | "varianceCorrection" | "epsilon">,
): FilterForm {
  return {
    power: powerOf(options.gamma),
    varianceCorrection: options.varianceCorrection,
    epsilon: epsilonOf(options.epsilon),
  };
}

/** The form of a rule with a first moment under options. */
export function momentFormOf(options: Required<MomentOptions>): MomentForm {
  return {
    decay: decayOf(options),
    epsilon: epsilonOf(options.epsilon),
    ...options.filter ? { filter: filterFormOf(options) } : {},
  };
}
