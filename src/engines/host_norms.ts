import { GRADIENT_SCALE } from "../rules/prepared.ts";
import type { Scalars } from "../rules/rule.ts";
import type { NormLimit } from "./engine.ts";

/** A gradient that JavaScript can reach, and the sum of those before it. */
export interface HostGradient {
  readonly gradient: Float32Array;
  /** Gradients summed before; the mean of the sum and the gradient counts. */
  readonly sum: Float32Array | undefined;
  readonly scalars: Scalars;
}

/** The scalars of each variable, with the factor that brings its gradient under the limit. */
export function limitNorms(
  gradients: readonly HostGradient[],
  { kind, limit }: NormLimit,
): Scalars[] {
  const squares = gradients.map(squareOfNorm);
  const all = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
  return gradients.map(({ scalars }, index) => {
    const norm = kind === "global" ? all : Math.sqrt(squares[index]!);
    return { ...scalars, [GRADIENT_SCALE]: norm <= limit ? 1 : limit / norm };
  });
}

/** In float64, where the square of no float32 leaves the range. */
function squareOfNorm({ gradient, sum, scalars }: HostGradient): number {
  // Four sums: an addition need not wait for the one before it.
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = gradient.length - gradient.length % 4;
  if (sum === undefined) {
    for (let i = 0; i < whole; i += 4) {
      a += gradient[i]! * gradient[i]!;
      b += gradient[i + 1]! * gradient[i + 1]!;
      c += gradient[i + 2]! * gradient[i + 2]!;
      d += gradient[i + 3]! * gradient[i + 3]!;
    }
    for (let i = whole; i < gradient.length; i++) a += gradient[i]! * gradient[i]!;
    return a + b + c + d;
  }
  for (let i = 0; i < gradient.length; i++) a += (sum[i]! + gradient[i]!) ** 2;
  return a * scalars["accumulatorShare"]! ** 2;
}
