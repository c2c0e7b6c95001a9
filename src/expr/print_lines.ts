import type { Node, NumberOp, Program } from "./program.ts";

/** How a language writes what programs are made of. */
export interface Syntax {
  /** The text of an input; `local` if it must be read once into a local, like an array's element. */
  input(name: string): { text: string; local: boolean };
  /** The text of a literal. */
  constant(value: number): string;
  /** The text of an operation on already printed operands, without parentheses around it. */
  operation(op: Exclude<Node["op"], "input" | "constant">, operands: string[]): string;
  /** The operations that write an operand twice, so that it must be a local. */
  readonly repeating: readonly NumberOp[];
  /** The text of a statement that names a value. */
  declare(local: string, expression: string): string;
}

/**
 * Prints a program as statements and the text of each output. Every value used more than once gets
 * a local; the rest is written where it is used, which is what a person would write.
 */
export function printLines(
  { nodes, outputs }: Program,
  syntax: Syntax,
): { lines: string[]; outputs: Record<string, string> } {
  const uses = nodes.map(() => 0);
  for (const node of nodes) {
    if (!("args" in node)) continue;
    const mentions = (syntax.repeating as readonly string[]).includes(node.op) ? 2 : 1;
    node.args.forEach((arg) => uses[arg]! += mentions);
  }
  for (const id of Object.values(outputs)) uses[id]!++;

  const lines: string[] = [];
  const text: string[] = [];
  const named = (local: string, expression: string) => {
    lines.push(syntax.declare(local, expression));
    return local;
  };
  nodes.forEach((node, id) => {
    text.push(printed(node, id));
  });
  return {
    lines,
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, id]) => [name, unwrap(text[id]!)]),
    ),
  };

  function printed(node: Node, id: number): string {
    if (node.op === "constant") return syntax.constant(node.value);
    if (node.op === "input") {
      const { text, local } = syntax.input(node.name);
      return local ? named(`${node.name}_i`, text) : text;
    }
    const expression = syntax.operation(node.op, node.args.map((arg) => text[arg]!));
    return uses[id] === 1 ? `(${expression})` : named(`t${id}`, expression);
  }
}

/** Drops one pair of outer parentheses if they belong together. */
function unwrap(text: string): string {
  if (!text.startsWith("(") || !text.endsWith(")")) return text;
  let depth = 0;
  for (const character of text.slice(1, -1)) {
    if (character === "(") depth++;
    if (character === ")" && --depth < 0) return text;
  }
  return text.slice(1, -1);
}
