import type { Contestant } from "./contestants.ts";
import type { FormulaState } from "./formulas.ts";
import type { Trial } from "./trials.ts";
import type { Inputs } from "./inputs.ts";

/** Steps that are made and compared before anything is timed. */
export const STEPS = 3;

/** What a validation found. */
export interface Verdict {
  /** What is wrong, or undefined. */
  readonly problem?: string;
  /** Milliseconds of each step. */
  readonly times: readonly number[];
}

/**
 * Makes {@link STEPS} steps of a fresh trial and compares the parameters with the float64 formula:
 * up to 384 elements of each tensor, among them the first and the last 64. An element may be off by
 * 16 roundings of the largest value it had and by the contestant's roundings of the largest step,
 * at each step.
 */
export async function validate(
  { formula, roundings = 32 }: Pick<Contestant, "formula" | "roundings">,
  trial: Trial,
  { params, gradients }: Inputs,
): Promise<Verdict> {
  const samples = params.map((init, tensor) => {
    const positions = samplePositions(init.length);
    const state = formula.start(positions.map((i) => init[i]!));
    return { tensor, positions, state, sizes: positions.map(() => ({ value: 0, step: 1 })) };
  });
  const times: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    times.push((await trial.run(1)).wall);
    const { values } = gradients[step % gradients.length]!;
    for (const { tensor, positions, state, sizes } of samples) {
      const gradient = positions.map((i) => values[tensor]![i]!);
      note(sizes, state, gradient);
      state.update(gradient);
      note(sizes, state, gradient);
    }
  }
  const actual = await trial.read();
  for (const { tensor, positions, state, sizes } of samples) {
    const array = actual[tensor];
    if (array?.length !== params[tensor]!.length) {
      return { problem: `tensor ${tensor} has ${array?.length} elements`, times };
    }
    for (const [at, i] of positions.entries()) {
      const expected = state.param[at]!;
      const { value, step } = sizes[at]!;
      const allowed = STEPS * 2 ** -24 * (16 * value + roundings * formula.learningRate * step);
      if (Math.abs(array[i]! - expected) <= allowed) continue; // false for NaN
      return {
        problem: `element ${i} of tensor ${tensor} is ${array[i]} after ${STEPS} steps, ` +
          `must be ${expected} within ${allowed.toExponential(1)}`,
        times,
      };
    }
  }
  return { times };
}

/** Keeps the largest magnitudes of each element: of its values, and of its steps over the learning rate. */
function note(
  sizes: { value: number; step: number }[],
  { param }: FormulaState,
  gradient: readonly number[],
): void {
  sizes.forEach((size, at) => {
    size.value = Math.max(size.value, Math.abs(param[at]!));
    size.step = Math.max(size.step, 2 * Math.abs(gradient[at]!)); // momentum adds up
  });
}

/** The first and the last 64 positions, and 256 spread between. */
function samplePositions(size: number): number[] {
  const edge = 64;
  const positions = new Set<number>();
  for (let i = 0; i < Math.min(edge, size); i++) positions.add(i).add(size - 1 - i);
  for (let k = 0; k < 256; k++) positions.add(Math.floor(size * (k + 0.5) / 256));
  return [...positions].toSorted((a, b) => a - b);
}
