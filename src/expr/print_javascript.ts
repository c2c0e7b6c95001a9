import type { Node, Program } from "./program.ts";

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
 *
 * Every value used more than once gets a local; the rest is written where it is used, which is what
 * a person would write and what the just-in-time compiler likes best.
 */
export function printLoop(program: Program, signature: LoopSignature): string {
  const { nodes, outputs } = program;
  const uses = nodes.map(() => 0);
  for (const node of nodes) {
    if (!("args" in node)) continue;
    const mentions = node.op === "min" || node.op === "max" ? 2 : 1; // as printed below
    node.args.forEach((arg) => uses[arg]! += mentions);
  }
  for (const id of Object.values(outputs)) uses[id]!++;

  const scalars = new Set(signature.scalars);
  const lines: string[] = [];
  const text: string[] = [];
  nodes.forEach((node, id) => {
    const expression = print(node, (arg) => text[arg]!);
    const trivial = node.op === "constant" || (node.op === "input" && scalars.has(node.name));
    const isCondition = node.op === "less" || node.op === "equal";
    if (trivial || isCondition || (uses[id] === 1 && node.op !== "input")) {
      text.push(trivial ? expression : `(${expression})`);
    } else {
      const local = node.op === "input" ? `${node.name}_i` : `t${id}`;
      lines.push(`const ${local} = ${expression};`);
      text.push(local);
    }
  });
  for (const [name, array] of Object.entries(signature.writes)) {
    lines.push(`${array}[i] = ${text[outputs[name]!]!.replace(/^\((.*)\)$/s, unwrap)};`);
  }
  const targets = Object.values(signature.writes);
  const parameters = [...new Set(["n", ...signature.arrays, ...targets, ...signature.scalars])];
  return [
    `"use strict";`,
    `return function ${signature.name}(${parameters.join(", ")}) {`,
    `  for (let i = 0; i < n; i++) {`,
    ...lines.map((line) => `    ${line}`),
    `  }`,
    `};`,
  ].join("\n");

  function print(node: Node, arg: (id: number) => string): string {
    switch (node.op) {
      case "input":
        return scalars.has(node.name) ? node.name : `${node.name}[i]`;
      case "constant":
        return String(node.value);
      default: {
        const [a, b, c] = node.args.map(arg) as [string, string, string];
        switch (node.op) {
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
      }
    }
  }
}

/** Drops one pair of outer parentheses if they belong together. */
function unwrap(whole: string, inside: string): string {
  let depth = 0;
  for (const character of inside) {
    if (character === "(") depth++;
    if (character === ")" && --depth < 0) return whole;
  }
  return inside;
}
