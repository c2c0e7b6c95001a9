import type { Algebra } from "../expr/algebra.ts";
import { FLOAT32_MAX } from "../expr/algebra.ts";

/**
 * The numbers of one step: hyper-parameters and what follows from them and the step count.
 *
 * @internal
 */
export type Scalars<Name extends string = string> = Readonly<Record<Name, number>>;

/**
 * An update rule: what one optimizer step does to one element of one parameter, and to the state
 * kept beside it. Written once over an {@link Algebra}; engines decide how it runs.
 *
 * A rule is the structure; the numbers come from `scalars` anew at every step, so changing a
 * learning rate needs no new rule.
 */
export interface Rule<
  Hyper = never,
  Slot extends string = string,
  Scalar extends string = string,
> {
  /** Short name, such as "sgdf"; a JavaScript identifier. */
  readonly name: string;
  /** State kept for each element, all zero at first. */
  readonly slots: readonly Slot[];
  /** Names of the per-step numbers that `update` reads. */
  readonly scalarNames: readonly Scalar[];
  /**
   * The numbers of a step, in float64 on the host.
   *
   * @param hyper the hyper-parameters in force
   * @param step the number of this step for this variable, counted from 1
   */
  scalars(hyper: Hyper, step: number): Scalars<Scalar>;
  /** The new parameter and state of one element. */
  update<Num, Cond>(
    o: Algebra<Num, Cond>,
    x: Readonly<Record<"param" | "grad" | Slot | Scalar, Num>>,
  ): Record<"param" | Slot, Num>;
}

/**
 * A rule as an engine sees it: everything but the hyper-parameters.
 *
 * @internal
 */
export type AnyRule = Omit<Rule, "scalars">;

/** How weight decay enters a rule: not at all, into the gradient (L2), or beside it (AdamW). */
export type Decay = "none" | "coupled" | "decoupled";

/**
 * Applies weight decay: coupled adds `weightDecay * param` to the gradient; decoupled shrinks the
 * parameter by `1 - learningRate * weightDecay` before anything else.
 */
export function decayed<Num, Cond>(
  o: Algebra<Num, Cond>,
  decay: Decay,
  x: Readonly<Record<"param" | "grad" | "weightDecay" | "shrink", Num>>,
): { param: Num; grad: Num } {
  return {
    param: decay === "decoupled" ? o.mul(x.param, x.shrink) : x.param,
    grad: decay === "coupled" ? o.add(x.grad, o.mul(x.weightDecay, x.param)) : x.grad,
  };
}

/** Names of the scalars that {@link decayed} reads. */
export const DECAY_SCALARS = ["learningRate", "weightDecay", "shrink"] as const;

/** The scalars that {@link decayed} reads. */
export function decayScalars(
  { learningRate, weightDecay }: { learningRate: number; weightDecay: number },
): Scalars<typeof DECAY_SCALARS[number]> {
  return { learningRate, weightDecay, shrink: 1 - learningRate * weightDecay };
}

/** Exponential moving average: `beta * average + (1 - beta) * value`. */
export function ema<Num, Cond>(
  o: Algebra<Num, Cond>,
  average: Num,
  value: Num,
  beta: Num,
  oneMinusBeta: Num,
): Num {
  return o.add(o.mul(beta, average), o.mul(oneMinusBeta, value));
}

/**
 * Exponential moving average of a square. The product is formed from the left, and the result
 * saturates at the largest float32, so that a huge gradient leaves a finite state to recover from.
 */
export function emaOfSquare<Num, Cond>(
  o: Algebra<Num, Cond>,
  average: Num,
  value: Num,
  beta: Num,
  oneMinusBeta: Num,
): Num {
  const square = o.mul(o.mul(oneMinusBeta, value), value);
  return o.min(o.add(o.mul(beta, average), square), o.constant(FLOAT32_MAX));
}

/** Whether the epsilon of a divisor is known to be above 0, so that the divisor cannot vanish. */
export type Epsilon = "positive" | "any";

/** The kind of an epsilon; one that float32 may take for 0, once it is scaled, is no help. */
export function epsilonOf(epsilon: number): Epsilon {
  return epsilon >= 2 ** -100 ? "positive" : "any";
}

/** `a / b`, and 0 where b is 0, which need not be looked at where b contains a positive epsilon. */
export function safeDiv<Num, Cond>(
  o: Algebra<Num, Cond>,
  a: Num,
  b: Num,
  epsilon: Epsilon = "any",
): Num {
  if (epsilon === "positive") return o.div(a, b);
  const zero = o.constant(0);
  return o.select(o.equal(b, zero), zero, o.div(a, b));
}

/**
 * In single precision, the nearest finite number: a difference or a corrected mean of gradients near
 * the largest float32 may overflow by a rounding.
 */
export function clamped<Num, Cond>(o: Algebra<Num, Cond>, value: Num): Num {
  if (o.range === "double") return value;
  return o.max(o.min(value, o.constant(FLOAT32_MAX)), o.constant(-FLOAT32_MAX));
}
