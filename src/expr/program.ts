import type { Algebra, Range } from "./algebra.ts";

/** Operations that yield a number. */
export type NumberOp =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "min"
  | "max"
  | "pow"
  | "sqrt"
  | "sign"
  | "select";
/** Operations that yield a condition. */
export type ConditionOp = "less" | "equal";

/** One step of a program; `args` are the positions of earlier nodes. */
export type Node =
  | { readonly op: "input"; readonly name: string }
  | { readonly op: "constant"; readonly value: number }
  | { readonly op: NumberOp | ConditionOp; readonly args: readonly number[] };

/**
 * A straight line of operations over named inputs: what a rule looks like once it is recorded.
 * Every node is computed once, however often the rule mentions it.
 */
export interface Program {
  /** Nodes in an order in which arguments come before their users. */
  readonly nodes: readonly Node[];
  /** The node that gives each output. */
  readonly outputs: Readonly<Record<string, number>>;
}

/** Opaque handle of a node while a program is being recorded. */
type Handle = { readonly id: number };

/**
 * Writes down what `body` computes. Equal operations on equal arguments become one node (common
 * subexpressions are shared), nodes that no output needs are left out.
 *
 * @param range the range of the machine that will run the program
 * @param body receives the recording algebra and a function that names an input
 */
export function record(
  range: Range,
  body: (
    algebra: Algebra<Handle, Handle>,
    input: (name: string) => Handle,
  ) => Record<string, Handle>,
): Program {
  const nodes: Node[] = [];
  const known = new Map<string, Handle>();
  const intern = (key: string, node: Node): Handle => {
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    const handle = { id: nodes.push(node) - 1 };
    known.set(key, handle);
    return handle;
  };
  const operation = (op: NumberOp | ConditionOp) => (...operands: Handle[]): Handle => {
    const args = operands.map((operand) => operand.id);
    return intern(`${op}(${args})`, { op, args });
  };
  const outputs = body({
    range,
    constant: (value) => {
      const key = Object.is(value, -0) ? "-0" : `${value}`; // the sign of zero counts
      return intern(`constant ${key}`, { op: "constant", value });
    },
    add: operation("add"),
    sub: operation("sub"),
    mul: operation("mul"),
    div: operation("div"),
    min: operation("min"),
    max: operation("max"),
    pow: operation("pow"),
    sqrt: operation("sqrt"),
    sign: operation("sign"),
    less: operation("less"),
    equal: operation("equal"),
    select: operation("select"),
  }, (name) => intern(`input ${name}`, { op: "input", name }));
  return prune({
    nodes,
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { id }]) => [name, id])),
  });
}

/** The same program without the nodes that no output needs. */
function prune({ nodes, outputs }: Program): Program {
  const needed = new Set<number>(Object.values(outputs));
  for (let id = nodes.length - 1; id >= 0; id--) {
    const node = nodes[id]!;
    if (needed.has(id) && "args" in node) node.args.forEach((arg) => needed.add(arg));
  }
  const kept = nodes.map((_, id) => id).filter((id) => needed.has(id));
  const position = new Map(kept.map((id, at) => [id, at]));
  return {
    nodes: kept.map((id) => {
      const node = nodes[id]!;
      return "args" in node
        ? { op: node.op, args: node.args.map((arg) => position.get(arg)!) }
        : node;
    }),
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, id]) => [name, position.get(id)!]),
    ),
  };
}

/** The names of the inputs that a program reads. */
export function inputsOf(program: Program): string[] {
  return program.nodes.flatMap((node) => node.op === "input" ? [node.name] : []);
}

/**
 * Runs a program over any carrier, each node once.
 *
 * @param program what to compute
 * @param algebra what the operations mean; its range should be the one the program was recorded for
 * @param input gives the value of a named input
 */
export function evaluate<Num, Cond>(
  program: Program,
  algebra: Algebra<Num, Cond>,
  input: (name: string) => Num,
): Record<string, Num> {
  const values: (Num | Cond)[] = [];
  const num = (id: number) => values[id] as Num;
  for (const node of program.nodes) {
    values.push(value(node));
  }
  return Object.fromEntries(
    Object.entries(program.outputs).map(([name, id]) => [name, num(id)]),
  );

  function value(node: Node): Num | Cond {
    switch (node.op) {
      case "input":
        return input(node.name);
      case "constant":
        return algebra.constant(node.value);
      case "sqrt":
      case "sign":
        return algebra[node.op](num(node.args[0]!));
      case "select":
        return algebra.select(
          values[node.args[0]!] as Cond,
          num(node.args[1]!),
          num(node.args[2]!),
        );
      default:
        return algebra[node.op](num(node.args[0]!), num(node.args[1]!));
    }
  }
}
