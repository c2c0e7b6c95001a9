import type { Algebra } from "../expr/algebra.ts";
import { type Epsilon, safeDiv, type Scalars } from "./rule.ts";

/** Names of the scalars that {@link adaptiveStep} reads. */
export const ADAPTIVE_SCALARS = ["rootStep", "rootEpsilon"] as const;

/**
 * The scalars that {@link adaptiveStep} reads: the correction of the second moment's root for its
 * start from zero is divided out of the fraction, which saves a product for each element.
 */
export function adaptiveScalars(
  { learningRate, beta2, epsilon }: { learningRate: number; beta2: number; epsilon: number },
  step: number,
): Scalars<typeof ADAPTIVE_SCALARS[number]> {
  const correction = Math.sqrt(1 - Math.pow(beta2, step));
  return { rootStep: learningRate * correction, rootEpsilon: epsilon * correction };
}

/**
 * Adam's step: `learningRate * direction / (sqrt(vhat) + epsilon)`, `vhat = v / (1 - beta2^t)`, and 0
 * where the divisor is 0. The root is taken of v as it is: vhat could leave the range of float32.
 */
export function adaptiveStep<Num, Cond>(
  o: Algebra<Num, Cond>,
  direction: Num,
  v: Num,
  x: Readonly<Record<typeof ADAPTIVE_SCALARS[number], Num>>,
  kind: Epsilon = "any",
): Num {
  return o.mul(x.rootStep, safeDiv(o, direction, o.add(o.sqrt(v), x.rootEpsilon), kind));
}
