import assert from "node:assert/strict";
import fc from "fast-check";
import type { Algebra } from "../../src/expr/algebra.ts";
import { float32, float64 } from "../../src/expr/numbers.ts";
import { type LoopSignature, printLoop } from "../../src/expr/print_javascript.ts";
import { evaluate, record } from "../../src/expr/program.ts";
import { ARRAYS, awkward, compute, SCALARS, type Step, steps } from "./random_program.ts";

type Loop = (n: number, ...rest: (Float32Array | number)[]) => void;

/** Output a goes to an array of its own, b and c back to arrays that are read. */
const SIGNATURE: LoopSignature = {
  name: "random",
  arrays: ARRAYS,
  writes: { a: "out", b: "x", c: "y" },
  scalars: SCALARS,
};

/** Runs a random program as a printed loop. */
function runPrinted(
  steps: readonly Step[],
  rows: readonly (readonly number[])[],
  scalars: readonly number[],
): Record<"a" | "b" | "c", Float32Array> {
  const program = record("double", (o, input) => compute(steps, o, input));
  const loop = new Function(printLoop(program, SIGNATURE))() as Loop;
  const [x, y, z] = ARRAYS.map((_, k) => Float32Array.from(rows, (row) => row[k]!));
  const out = new Float32Array(rows.length);
  loop(rows.length, x!, y!, z!, out, ...scalars);
  return { a: out, b: x!, c: y! };
}

Deno.test("printLoop: a random program gives what computing it directly gives, rounded once", () => {
  const rows = fc.array(fc.tuple(awkward, awkward, awkward), { minLength: 1, maxLength: 8 });
  const scalars = fc.tuple(awkward, fc.double());
  fc.assert(
    fc.property(steps, rows, scalars, (steps, rows, scalars) => {
      const printed = runPrinted(steps, rows, scalars);
      rows.forEach((row, i) => {
        const inputs: Record<string, number> = {
          x: row[0],
          y: row[1],
          z: row[2],
          p: scalars[0],
          q: scalars[1],
        };
        const direct = compute(steps, float64, (name) => inputs[name]!);
        for (const output of ["a", "b", "c"] as const) {
          assert.equal(printed[output][i], Math.fround(direct[output])); // as Object.is has it
        }
      });
    }),
    { seed: 3, numRuns: 2000 },
  );
});

/** Computes f(x, y, z) in each of the ways there are: float64, float32, evaluated, printed. */
function everyWay(
  f: <Num, Cond>(o: Algebra<Num, Cond>, x: Num, y: Num, z: Num) => Num,
  x: number,
  y: number,
  z = 0,
): number[] {
  const inputs: Record<string, number> = { x, y, z };
  const program = record(
    "double",
    (o, input) => ({ a: f(o, input("x"), input("y"), input("z")) }),
  );
  const source = printLoop(program, { ...SIGNATURE, writes: { a: "out" } });
  const out = new Float32Array(1);
  const array = (value: number) => Float32Array.of(value);
  (new Function(source)() as Loop)(1, array(x), array(y), array(z), out);
  return [
    f(float64, x, y, z),
    f(float32, x, y, z),
    evaluate(program, float64, (name) => inputs[name]!).a!,
    out[0]!,
  ];
}

const all = (value: number) => [value, value, value, value];

Deno.test("min and max keep a NaN on the left and drop one on the right", () => {
  for (const op of ["min", "max"] as const) {
    assert.deepEqual(everyWay((o, x, y) => o[op](x, y), NaN, 1), all(NaN));
    assert.deepEqual(everyWay((o, x, y) => o[op](x, y), 1, NaN), all(1));
    assert.deepEqual(everyWay((o, x, y) => o[op](x, y), -0, 0), all(-0)); // a tie keeps the left
    assert.deepEqual(everyWay((o, x, y) => o[op](x, y), 0, -0), all(0));
  }
  assert.deepEqual(everyWay((o, x, y) => o.min(x, y), 2, -Infinity), all(-Infinity));
  assert.deepEqual(everyWay((o, x, y) => o.max(x, y), 2, -Infinity), all(2));
});

Deno.test("select takes one branch and is not touched by NaN in the other", () => {
  const quotient = <Num, Cond>(o: Algebra<Num, Cond>, x: Num, y: Num) =>
    o.select(o.equal(y, o.constant(0)), o.constant(0), o.div(x, y));
  assert.deepEqual(everyWay(quotient, 0, 0), all(0)); // 0 / 0 is not looked at
  assert.deepEqual(everyWay(quotient, 1, 0), all(0));
  assert.deepEqual(everyWay(quotient, 3, 2), all(1.5));
  assert.deepEqual(everyWay(quotient, NaN, 2), all(NaN));
});

Deno.test("comparisons with NaN do not hold", () => {
  for (const op of ["less", "equal"] as const) {
    for (const [x, y] of [[NaN, 1], [1, NaN], [NaN, NaN]] as const) {
      const chosen = everyWay((o, x, y, z) => o.select(o[op](x, y), o.constant(7), z), x, y, 9);
      assert.deepEqual(chosen, all(9));
    }
  }
  const zeros = everyWay((o, x, y, z) => o.select(o.equal(x, y), o.constant(7), z), 0, -0, 9);
  assert.deepEqual(zeros, all(7));
});

Deno.test("sign keeps NaN and the signs of zeros", () => {
  for (const [x, sign] of [[NaN, NaN], [-0, -0], [0, 0], [-1e-40, -1], [Infinity, 1]] as const) {
    assert.deepEqual(everyWay((o, x) => o.sign(x), x, 0), all(sign));
  }
});

Deno.test("conditions on conditions: the middle of three numbers", () => {
  // less(select(...), select(...)) inside select, each condition used twice
  const middle = <Num, Cond>(o: Algebra<Num, Cond>, x: Num, y: Num, z: Num) => {
    const swap = o.less(y, x);
    const low = o.select(swap, y, x);
    const high = o.select(swap, x, y);
    const outer = o.select(o.less(z, low), low, o.select(o.less(high, z), high, z));
    return o.select(o.less(o.select(o.less(z, outer), low, outer), outer), outer, outer);
  };
  const permutations = [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] as const;
  for (const [x, y, z] of permutations) assert.deepEqual(everyWay(middle, x, y, z), all(2));
});

Deno.test("literals are printed so that they read back", () => {
  const literals = [0, 0.1, -0.1, 1e-8, 1e300, 5e-324, 2 ** -66, -Infinity, Infinity, NaN];
  for (const literal of literals) {
    const [, , evaluated, printed] = everyWay((o, x) => o.mul(o.constant(literal), x), 1, 0);
    assert.equal(evaluated, literal);
    assert.equal(printed, Math.fround(literal));
    const [difference] = everyWay((o, x) => o.sub(x, o.constant(literal)), 1, 0).slice(3);
    assert.equal(difference, Math.fround(1 - literal));
  }
});

Deno.test("a literal negative zero is printed as one", () => {
  assert.deepEqual(everyWay((o, x) => o.mul(o.constant(-0), x), 1, 0), all(-0));
});

Deno.test("what is read is read before it is written", () => {
  const program = record("double", (_, input) => ({ a: input("y"), b: input("x") }));
  const source = printLoop(program, {
    name: "swap",
    arrays: ["x", "y"],
    writes: { a: "x", b: "y" },
    scalars: [],
  });
  const [x, y] = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
  (new Function(source)() as Loop)(2, x, y);
  assert.deepEqual([[...x], [...y]], [[3, 4], [1, 2]]);
});

Deno.test("the printed loop leaves elements beyond n alone, and does nothing for n = 0", () => {
  const program = record("double", (o, input) => ({ a: o.add(input("x"), o.constant(1)) }));
  const source = printLoop(program, { name: "f", arrays: ["x"], writes: { a: "x" }, scalars: [] });
  const loop = new Function(source)() as Loop;
  const x = Float32Array.of(1, 2, 3);
  loop(0, x);
  assert.deepEqual([...x], [1, 2, 3]);
  loop(2, x);
  assert.deepEqual([...x], [2, 3, 3]);
  assert.equal(loop.name, "f");
});
