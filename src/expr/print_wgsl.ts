import { printLines, type Syntax } from "./print_lines.ts";
import type { Program } from "./program.ts";

/**
 * Prints a program as WGSL statements over the type alias `V` (f32 or vec4<f32>), ready for the body
 * of a compute shader.
 *
 * @param program recorded for the range "single"
 * @param input the text of an input, of type V
 */
export function printWgsl(
  program: Program,
  input: (name: string) => string,
): { lines: string[]; outputs: Record<string, string> } {
  return printLines(program, {
    ...wgsl,
    input: (name) => ({ text: input(name), local: true }),
  });
}

const wgsl: Omit<Syntax, "input"> = {
  constant: (value) => `V(${literal(value)})`,
  repeating: ["min", "max", "pow", "sign"],
  declare: (local, expression) => `let ${local} = ${expression};`,
  operation(op, [a, b, c]) {
    switch (op) {
      case "add":
        return `${a} + ${b}`;
      case "sub":
        return `${a} - ${b}`;
      case "mul":
        return `${a} * ${b}`;
      case "div":
        return `${a} / ${b}`;
      // WGSL's min, max and sign may do anything with a NaN; select does not.
      case "min":
        return `select(${a}, ${b}, ${b} < ${a})`;
      case "max":
        return `select(${a}, ${b}, ${a} < ${b})`;
      case "sign":
        return `select(select(${a}, V(-1f), ${a} < V(0f)), V(1f), V(0f) < ${a})`;
      case "pow":
        return `select(pow(${a}, ${b}), V(0f), ${a} == V(0f))`;
      case "sqrt":
        return `sqrt(${a})`;
      case "less":
        return `${a} < ${b}`;
      case "equal":
        return `${a} == ${b}`;
      case "select":
        return `select(${c}, ${b}, ${a})`;
    }
  },
};

/** A float32 literal. */
function literal(value: number): string {
  return Object.is(value, -0) ? "-0f" : `${Math.fround(value)}f`;
}
