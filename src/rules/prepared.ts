import type { Algebra } from "../expr/algebra.ts";
import { derivedRules } from "./derived.ts";
import { type AnyRule, ema, type Scalars } from "./rule.ts";

/** What happens around a rule's own update, in the same pass. */
export interface Preparation {
  /**
   * Whether gradients are summed over several calls: "add" only adds to the sum, "apply" makes the
   * step with the mean of the sum and clears it.
   */
  readonly accumulate: "none" | "add" | "apply";
  /** Whether the gradient is limited: each element, or by a factor that its norm gives. */
  readonly limit: "none" | "value" | "norm";
  /** Whether an average of the parameter is kept. */
  readonly average: boolean;
}

/** The state in which gradients are summed. */
export const ACCUMULATOR = "accumulator";

/** The state in which the parameter's average is kept. */
export const AVERAGE = "average";

/** The factor that brings a gradient's norm under its limit: engines compute it, see `NormLimit`. */
export const GRADIENT_SCALE = "gradientScale";

/** Names of the scalars that a preparation adds. */
type PreparedScalar =
  | "accumulatorShare"
  | "clipValue"
  | typeof GRADIENT_SCALE
  | "averageKept"
  | "averageTaken";

/** Numbers that a preparation needs. */
export interface PreparationHyper {
  /** How many gradients a step is made of. */
  readonly accumulated: number;
  /** Largest absolute value of a gradient's element. */
  readonly clipValue: number;
  /** Share of the average that a step keeps, in [0, 1). */
  readonly averageMomentum: number;
}

/** The scalars of a preparation at a step, counted from 1. The first average is the parameter. */
export function preparationScalars(
  { accumulated, clipValue, averageMomentum }: PreparationHyper,
  step: number,
): Scalars<PreparedScalar> {
  const kept = step === 1 ? 0 : averageMomentum;
  return {
    accumulatorShare: 1 / accumulated,
    clipValue,
    gradientScale: 1,
    averageKept: kept,
    averageTaken: 1 - kept,
  };
}

const preparedRules = /* @__PURE__ */ derivedRules(prepare);

/** A rule with a preparation, the same one at every call; the rule itself where there is none. */
export function prepared(rule: AnyRule, preparation: Preparation): AnyRule {
  const { accumulate, limit, average } = preparation;
  if (accumulate === "none" && limit === "none" && !average) return rule;
  return preparedRules(rule, preparation);
}

function prepare(rule: AnyRule, { accumulate, limit, average }: Preparation): AnyRule {
  const slots = [
    ...rule.slots,
    ...accumulate === "none" ? [] : [ACCUMULATOR],
    ...average ? [AVERAGE] : [],
  ];
  const scalarNames = [
    ...rule.scalarNames,
    ...accumulate === "apply" ? ["accumulatorShare"] : [],
    ...limit === "value" ? ["clipValue"] : limit === "norm" ? [GRADIENT_SCALE] : [],
    ...average ? ["averageKept", "averageTaken"] : [],
  ];
  if (accumulate === "add") {
    return {
      name: `${rule.name}_add`,
      slots,
      scalarNames: [],
      update: (o, x) => ({
        ...Object.fromEntries(["param", ...slots].map((name) => [name, x[name]!])),
        [ACCUMULATOR]: o.add(x[ACCUMULATOR]!, x.grad!),
      }),
    };
  }
  return {
    name: rule.name,
    slots,
    scalarNames,
    update: (o, x) => {
      const summed = accumulate === "none"
        ? x.grad!
        : o.mul(o.add(x[ACCUMULATOR]!, x.grad!), x["accumulatorShare"]!);
      const next = rule.update(o, {
        ...x,
        grad: limited(o, limit, summed, x),
      });
      if (accumulate === "apply") next[ACCUMULATOR] = o.constant(0);
      if (average) {
        next[AVERAGE] = ema(o, x[AVERAGE]!, next.param!, x["averageKept"]!, x["averageTaken"]!);
      }
      return next;
    },
  };
}

function limited<Num, Cond>(
  o: Algebra<Num, Cond>,
  limit: Preparation["limit"],
  grad: Num,
  x: Readonly<Record<string, Num>>,
): Num {
  switch (limit) {
    case "none":
      return grad;
    case "value":
      return o.max(o.min(grad, x["clipValue"]!), o.sub(o.constant(0), x["clipValue"]!));
    case "norm":
      return o.mul(grad, x[GRADIENT_SCALE]!);
  }
}
