import { adamf } from "../../src/rules/adamf.ts";
import { powerOf } from "../../src/rules/filter.ts";
import type { Decay, Rule } from "../../src/rules/rule.ts";
import { sgdf, type SgdfHyper } from "../../src/rules/sgdf.ts";
import type { Golden, GoldenHyper, Trace } from "../support/golden.ts";
import { historicalSgdf } from "./historical.ts";

/** Our names for the hyper-parameters of a golden file. */
export function toHyper(hyper: GoldenHyper): SgdfHyper {
  return {
    learningRate: hyper.lr,
    beta1: hyper.betas[0],
    beta2: hyper.betas[1],
    epsilon: hyper.eps,
    gamma: hyper.gamma,
    weightDecay: hyper.weight_decay,
  };
}

/** The rule that a trace was made by. */
export function ruleFor(
  { algorithm }: Golden,
  variant: Trace["variant"],
  hyper: GoldenHyper,
): Rule<SgdfHyper> {
  const decay: Decay = hyper.weight_decay === 0
    ? "none"
    : hyper.weight_decouple
    ? "decoupled"
    : "coupled";
  const sign = hyper.use_sign ?? false;
  if (variant !== "paper") return historicalSgdf(variant, decay, sign);
  const filter = {
    power: powerOf(hyper.gamma),
    varianceCorrection: hyper.var_correction ?? true,
    decay,
  };
  if (algorithm === "SGDF") return sgdf({ ...filter, sign });
  return adamf({
    ...filter,
    amsgrad: hyper.amsgrad ?? false,
    denominator: hyper.denom === "s" ? "centred" : "rms",
  });
}
