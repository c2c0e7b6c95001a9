import { adamf } from "./adamf.ts";
import { adamw } from "./adamw.ts";
import { momentum } from "./momentum.ts";
import type { Rule } from "./rule.ts";
import { sgdf } from "./sgdf.ts";

/** The numbers that the plain rules take, each in the range that its optimizer states. */
export interface PlainHyper {
  /** Step size. */
  readonly learningRate: number;
  /** What the mean of gradients keeps at each step. */
  readonly beta1: number;
  /** What the mean of squares keeps at each step. */
  readonly beta2: number;
  /** What keeps a divisor from 0. */
  readonly epsilon: number;
  /** Exponent of the filter's gain: 0.5. */
  readonly gamma: number;
  /** What momentum keeps of its velocity. */
  readonly momentum: number;
  /** Decay of the weights, for those that have one. */
  readonly weightDecay: number;
}

/** A rule without variants. */
export type PlainRule = "sgdf" | "adamf" | "adam" | "adamw" | "momentum";

/** The rules in their plainest form, as a bench compares them: no variants, decay in `adamw` alone. */
export function plainRules(): Readonly<Record<PlainRule, Rule<PlainHyper>>> {
  const filter = { power: 0.5, varianceCorrection: true } as const;
  return {
    sgdf: sgdf({ ...filter, decay: "none", sign: false }),
    adamf: adamf({ ...filter, decay: "none", denominator: "rms", amsgrad: false }),
    adam: adamw({ decay: "none", amsgrad: false }),
    adamw: adamw({ decay: "decoupled", amsgrad: false }),
    momentum: momentum({ decay: "none", nesterov: false }),
  };
}
