import { FILTER_SLOTS, wienerGain } from "./filter.ts";
import { type AnyRule, clamped, ema, emaOfSquare, safeDiv, type Scalars } from "./rule.ts";

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
export function observation(what: Observed, observed: AnyRule): AnyRule {
  const { slots, scalarNames } = observed;
  return {
    name: what,
    slots,
    scalarNames: [...scalarNames, NOISE],
    update: (o, x) => {
      const grad = x["grad"]!;
      const m = ema(o, x["m"]!, grad, x["beta1"]!, x["oneMinusBeta1"]!);
      const s = emaOfSquare(o, x["s"]!, o.sub(grad, m), x["beta2"]!, x["oneMinusBeta2"]!);
      const mean = clamped(o, o.mul(m, x["meanCorrection"]!));
      const innovation = clamped(o, o.sub(grad, mean));
      const param = what === "gain"
        ? wienerGain(o, s, x["varianceCorrection"]!, innovation, x["epsilon"]!)
        : safeDiv(o, o.mul(mean, mean), o.mul(s, x[NOISE]!));
      return { ...Object.fromEntries(slots.map((slot) => [slot, x[slot]!])), param };
    },
  };
}
