import type { Algebra } from "../expr/algebra.ts";
import { FILTER_SLOTS, gradientStatistics, type StatisticsInput, wienerGain } from "./filter.ts";
import { type AnyRule, safeDiv, type Scalars } from "./rule.ts";

/** What can be seen of the filter at a step. */
export type Observed = "gain" | "signalToNoise";

/** The scalar that corrects s to the variance of a gradient. */
const NOISE = "noiseCorrection";

/** Whether a rule runs the filter, by the state it keeps and the numbers it reads. */
export function hasFilter({ slots, scalarNames }: AnyRule): boolean {
  return FILTER_SLOTS.every((slot) => slots.includes(slot)) &&
    scalarNames.includes("varianceCorrection");
}

/** The scalars of an observation: the observed rule's, and one more. */
export function observationScalars(scalars: Scalars, step: number): Scalars {
  return { ...scalars, [NOISE]: 1 / (1 - Math.pow(scalars["beta2"]!, step)) };
}

/**
 * A rule that leaves the state as it is and gives, in the parameter's place, what a filter makes of a
 * gradient: its gain K, in [0, 1), or the signal-to-noise ratio `mhat^2 / (s / (1 - beta2^t))`, the
 * square of the gradient's mean over its variance.
 *
 * @param observed a rule with the filter
 */
export function observation(observed: AnyRule, what: Observed): AnyRule {
  const { slots, scalarNames } = observed;
  return {
    name: what,
    slots,
    scalarNames: [...scalarNames, NOISE],
    update<Num, Cond>(o: Algebra<Num, Cond>, x: Readonly<Record<string, Num>>) {
      const { s, mean, innovation } = gradientStatistics(
        o,
        x as Readonly<Record<StatisticsInput, Num>>,
      );
      const param = what === "gain"
        ? wienerGain(o, s, x["varianceCorrection"]!, innovation, x["epsilon"]!)
        : safeDiv(o, o.mul(mean, mean), o.mul(s, x[NOISE]!));
      return { ...Object.fromEntries(slots.map((slot) => [slot, x[slot]!])), param };
    },
  };
}
