import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { programOf } from "../../src/engines/rule_program.ts";
import { float32, float64 } from "../../src/expr/numbers.ts";
import { evaluate, inputsOf, type Program, record } from "../../src/expr/program.ts";
import { RULES } from "../support/rule_table.ts";
import { awkward, compute, INPUTS, OPS, steps } from "./random_program.ts";

const CARRIERS = { double: float64, single: float32 } as const;

Deno.test("record: equal operations on equal arguments are one node", () => {
  const { nodes, outputs } = record("double", (o, input) => {
    const sum = () => o.add(input("x"), o.mul(input("y"), o.constant(2)));
    return { product: o.mul(sum(), sum()), root: o.sqrt(sum()) };
  });
  assert.deepEqual(nodes, [
    { op: "input", name: "x" },
    { op: "input", name: "y" },
    { op: "constant", value: 2 },
    { op: "mul", args: [1, 2] },
    { op: "add", args: [0, 3] },
    { op: "mul", args: [4, 4] },
    { op: "sqrt", args: [4] },
  ]);
  assert.deepEqual(outputs, { product: 5, root: 6 });
});

Deno.test("record: what differs in operation, order, name or value stays apart", () => {
  const { nodes } = record("double", (o, input) => {
    const [x, y] = [input("x"), input("y")];
    const terms = [
      o.sub(x, y),
      o.sub(y, x),
      o.less(x, y),
      o.equal(x, y),
      o.min(x, y),
      o.max(x, y),
      o.select(o.less(x, y), x, y),
      o.select(o.less(x, y), y, x),
      o.constant(1),
      o.constant(1 + 2 ** -52),
    ];
    return Object.fromEntries(terms.map((term, i) => [`${i}`, term]));
  });
  assert.equal(nodes.length, 2 + 10);
});

Deno.test("record: a constant and an input of the same spelling are two nodes", () => {
  const program = record("double", (o, input) => ({ sum: o.add(o.constant(1), input("1")) }));
  assert.equal(program.nodes.length, 3);
  assert.deepEqual(evaluate(program, float64, () => 5), { sum: 6 });
});

Deno.test("record: a negative zero is not merged with zero", () => {
  const program = record("double", (o) => ({ plus: o.constant(0), minus: o.constant(-0) }));
  assert.deepEqual(evaluate(program, float64, () => NaN), { plus: 0, minus: -0 });
});

Deno.test("record: nodes that no output needs are left out, and the rest is renumbered", () => {
  const program = record("double", (o, input) => {
    const unused = o.sqrt(input("unused"));
    o.add(unused, o.constant(3));
    const kept = o.add(input("x"), input("y"));
    o.mul(kept, unused);
    return { kept };
  });
  assert.deepEqual(program, {
    nodes: [
      { op: "input", name: "x" },
      { op: "input", name: "y" },
      { op: "add", args: [0, 1] },
    ],
    outputs: { kept: 2 },
  });
  assert.deepEqual(inputsOf(program), ["x", "y"]);
});

Deno.test("record: the body sees the range of the machine", () => {
  for (const range of ["double", "single"] as const) {
    record(range, (o, input) => {
      assert.equal(o.range, range);
      return { x: input("x") };
    });
  }
});

/** Asserts that nodes are distinct, needed, and come after their arguments. */
function assertTidy({ nodes, outputs }: Program): void {
  const text = nodes.map((node) => inspect(node)); // tells -0 from 0
  assert.equal(new Set(text).size, nodes.length, "two nodes compute the same");
  const used = new Set(Object.values(outputs));
  nodes.forEach((node, id) => {
    if (!("args" in node)) return;
    for (const arg of node.args) {
      assert.ok(arg < id, `node ${id} comes before its argument ${arg}`);
      used.add(arg);
    }
  });
  assert.equal(used.size, nodes.length, "a node is not used");
}

for (const { name, rule, hyper } of RULES) {
  Deno.test(`evaluate: ${name} gives what its text gives, bit for bit`, () => {
    for (const range of ["double", "single"] as const) {
      const algebra = CARRIERS[range];
      const program = programOf(rule, range);
      assertTidy(program);
      assert.deepEqual(Object.keys(program.outputs), ["param", ...rule.slots]);
      const names = ["param", "grad", ...rule.slots];
      const values = fc.record(Object.fromEntries(names.map((name) => [name, awkward])));
      fc.assert(
        fc.property(values, fc.integer({ min: 1, max: 5000 }), (values, step) => {
          const scalars = Object.entries(rule.scalars(hyper, step))
            .map(([name, value]) => [name, algebra.constant(value)]);
          const x: Record<string, number> = { ...values, ...Object.fromEntries(scalars) };
          const direct: Record<string, number> = rule.update(algebra, x);
          const evaluated = evaluate(program, algebra, (name) => x[name]!);
          for (const name of ["param", ...rule.slots]) {
            assert.equal(evaluated[name], direct[name], name); // as Object.is has it
          }
        }),
        { seed: 1, numRuns: 100 },
      );
    }
  });
}

Deno.test("evaluate: a random program gives what computing it directly gives", () => {
  const values = fc.record(Object.fromEntries(INPUTS.map((name) => [name, awkward])));
  fc.assert(
    fc.property(steps, values, (steps, values) => {
      for (const range of ["double", "single"] as const) {
        const algebra = CARRIERS[range];
        const input = (name: string) => values[name]!;
        const program = record(range, (o, input) => compute(steps, o, input));
        assertTidy(program);
        assert.deepEqual(evaluate(program, algebra, input), compute(steps, algebra, input));
      }
    }),
    { seed: 2, numRuns: 2000 },
  );
});

Deno.test("random programs use every operation, also conditions on conditions", () => {
  const seen = new Set<string>();
  for (const sample of fc.sample(steps, { seed: 2, numRuns: 500 })) {
    const { nodes } = record("double", (o, input) => compute(sample, o, input));
    const depth: number[] = []; // of conditions
    nodes.forEach((node, id) => {
      seen.add(node.op);
      const inside = "args" in node ? Math.max(...node.args.map((arg) => depth[arg]!)) : 0;
      depth[id] = inside + (node.op === "less" || node.op === "equal" ? 1 : 0);
      if (depth[id] >= 3) seen.add("nested conditions");
    });
  }
  assert.deepEqual(seen, new Set([...OPS, "input", "constant", "nested conditions"]));
});
