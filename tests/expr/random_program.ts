import fc from "fast-check";
import type { Algebra } from "../../src/expr/algebra.ts";
import type { ConditionOp, NumberOp } from "../../src/expr/program.ts";

/** Every operation there is. */
export const OPS = [
  "add",
  "sub",
  "mul",
  "div",
  "min",
  "max",
  "pow",
  "sqrt",
  "sign",
  "select",
  "less",
  "equal",
] as const satisfies readonly (NumberOp | ConditionOp)[];

/** Inputs that differ from element to element. */
export const ARRAYS = ["x", "y", "z"] as const;
/** Inputs that are the same for all elements. */
export const SCALARS = ["p", "q"] as const;
/** Names of all inputs. */
export const INPUTS = [...ARRAYS, ...SCALARS];

/** One step of a random program: an operation on earlier results, or a literal. */
export type Step =
  | { readonly op: typeof OPS[number]; readonly back: readonly [number, number, number] }
  | { readonly literal: number };

/** Numbers with the awkward ones among them, so that comparisons meet ties and NaN. */
export const awkward = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.5, 2, 3, NaN, Infinity, -Infinity),
  fc.float(), // any float32: NaN, infinities, denormals
);

const back = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 30 }));

/** Comparisons and choices come often, so that conditions stand on conditions. */
const op = fc.constantFrom(...OPS, ...OPS.slice(-3), ...OPS.slice(-3));

/** Programs of up to 25 steps in which every result may be used many times or not at all. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ op, back: fc.tuple(back, back, back) }),
    },
    { weight: 1, arbitrary: fc.record({ literal: fc.oneof(awkward, fc.double()) }) },
  ),
  { minLength: 1, maxLength: 25, size: "max" },
);

/** Computes a random program over any carrier; the outputs are its last three numbers. */
export function compute<Num, Cond>(
  program: readonly Step[],
  o: Algebra<Num, Cond>,
  input: (name: string) => Num,
): Record<"a" | "b" | "c", Num> {
  const numbers = INPUTS.map(input);
  const conditions = [o.less(numbers[0]!, numbers[1]!)];
  const pick = <T>(from: readonly T[], back: number) => from[from.length - 1 - back % from.length]!;
  for (const step of program) {
    if ("literal" in step) {
      numbers.push(o.constant(step.literal));
      continue;
    }
    const [i, j, k] = step.back;
    const [a, b] = [pick(numbers, i), pick(numbers, j)];
    switch (step.op) {
      case "less":
      case "equal":
        conditions.push(o[step.op](a, b));
        break;
      case "select":
        numbers.push(o.select(pick(conditions, k), a, b));
        break;
      case "sqrt":
      case "sign":
        numbers.push(o[step.op](a));
        break;
      default:
        numbers.push(o[step.op](a, b));
    }
  }
  return { a: pick(numbers, 0), b: pick(numbers, 1), c: pick(numbers, 2) };
}
