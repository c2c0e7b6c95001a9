import { printLines, type Syntax } from "./print_lines.ts";
import type { Program } from "./program.ts";

/** How the arguments of a printed loop are called: arrays that are read or written, then scalars. */
export interface LoopSignature {
  /** Name of the function, for stack traces and snapshots. */
  readonly name: string;
  /** Inputs read element by element. */
  readonly arrays: readonly string[];
  /** Outputs and the array each is written to; an array may be read and written. */
  readonly writes: Readonly<Record<string, string>>;
  /** Inputs that are the same for all elements. */
  readonly scalars: readonly string[];
}

/**
 * Prints a program as the source of one JavaScript loop, the body of
 * `(n, ...arrays, ...other written arrays, ...scalars) => void`, to be compiled with `new Function`.
 */
export function printLoop(program: Program, signature: LoopSignature): string {
  const scalars = new Set(signature.scalars);
  const { lines, outputs } = printLines(program, {
    ...javascript,
    input: (name) =>
      scalars.has(name) ? { text: name, local: false } : { text: `${name}[i]`, local: true },
  });
  const targets = Object.entries(signature.writes);
  const parameters = new Set([
    "n",
    ...signature.arrays,
    ...targets.map(([, array]) => array),
    ...signature.scalars,
  ]);
  return [
    `"use strict";`,
    `return function ${signature.name}(${[...parameters].join(", ")}) {`,
    `  for (let i = 0; i < n; i++) {`,
    ...lines.map((line) => `    ${line}`),
    ...targets.map(([output, array]) => `    ${array}[i] = ${outputs[output]};`),
    `  }`,
    `};`,
  ].join("\n");
}

const javascript: Omit<Syntax, "input"> = {
  constant: (value) => Object.is(value, -0) ? "-0" : String(value),
  repeating: ["min", "max"],
  declare: (local, expression) => `const ${local} = ${expression};`,
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
      case "min":
        return `${b} < ${a} ? ${b} : ${a}`;
      case "max":
        return `${a} < ${b} ? ${b} : ${a}`;
      case "pow":
        return `Math.pow(${a}, ${b})`;
      case "sqrt":
        return `Math.sqrt(${a})`;
      case "sign":
        return `Math.sign(${a})`;
      case "less":
        return `${a} < ${b}`;
      case "equal":
        return `${a} === ${b}`;
      case "select":
        return `${a} ? ${b} : ${c}`;
    }
  },
};
