import type { Algebra } from "../expr/algebra.ts";
import { safeDiv } from "./rule.ts";

/** `1 / sqrt(1 - beta2^step)`, what the root of a second moment is corrected by. */
export function rootCorrection(beta2: number, step: number): number {
  return 1 / Math.sqrt(1 - Math.pow(beta2, step));
}

/**
 * `direction / (sqrt(vhat) + epsilon)`, and 0 where the divisor is 0. The root is taken before the
 * correction: the corrected square could leave the range of float32, its root cannot.
 */
export function adaptiveStep<Num, Cond>(
  o: Algebra<Num, Cond>,
  direction: Num,
  v: Num,
  correction: Num,
  epsilon: Num,
): Num {
  return safeDiv(o, direction, o.add(o.mul(o.sqrt(v), correction), epsilon));
}
