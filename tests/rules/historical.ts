import type { Algebra } from "../../src/expr/algebra.ts";
import { FILTER_SCALARS, FILTER_SLOTS, filterScalars } from "../../src/rules/filter.ts";
import {
  type Decay,
  DECAY_SCALARS,
  decayed,
  decayScalars,
  ema,
  emaOfSquare,
  type Rule,
} from "../../src/rules/rule.ts";
import type { SgdfHyper } from "../../src/rules/sgdf.ts";

/** SGDF as its authors had it at other times; the tests' own, for comparison with their traces. */
export type Version = "root" | "2024_factor" | "2024_first";

export function historicalSgdf(version: Version, decay: Decay, sign: boolean): Rule<SgdfHyper> {
  const form = { power: "any", varianceCorrection: version !== "2024_first" } as const;
  return {
    name: `sgdf_${version}`,
    slots: FILTER_SLOTS,
    scalarNames: [...DECAY_SCALARS, ...FILTER_SCALARS],
    scalars: (hyper, step) => ({
      ...decayScalars(hyper),
      ...filterScalars(form, { ...hyper, gamma: version === "root" ? hyper.gamma : 1 }, step),
    }),
    update: <Num, Cond>(o: Algebra<Num, Cond>, x: Readonly<Record<string, Num>>) => {
      const get = (name: string) => x[name]!;
      const { param, grad } = decayed(o, decay, {
        param: get("param"),
        grad: get("grad"),
        weightDecay: get("weightDecay"),
        shrink: get("shrink"),
      });
      const m = ema(o, get("m"), grad, get("beta1"), get("oneMinusBeta1"));
      const s = emaOfSquare(o, get("s"), o.sub(grad, m), get("beta2"), get("oneMinusBeta2"));
      const mean = o.mul(m, get("meanCorrection"));
      const r = o.sub(grad, mean);
      const signal = o.mul(s, get("varianceCorrection"));
      const noise = o.mul(r, r);
      // "root" adds epsilon beside s, not beside r^2: K = s / (s + c r^2 + eps), c = s / shat.
      const gain = version === "root"
        ? o.div(
          s,
          o.add(o.add(s, o.div(noise, get("varianceCorrection"))), get("epsilon")),
        )
        : o.div(signal, o.add(o.add(signal, noise), get("epsilon")));
      const estimate = o.add(mean, o.mul(o.pow(gain, get("gamma")), r));
      const direction = sign ? o.sign(estimate) : estimate;
      return { param: o.sub(param, o.mul(get("learningRate"), direction)), m, s };
    },
  };
}
