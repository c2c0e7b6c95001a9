import assert from "node:assert/strict";
import fc from "fast-check";
import { simdSource } from "../../src/engines/simd.ts";
import { programOf } from "../../src/engines/rule_program.ts";
import { float32 } from "../../src/expr/numbers.ts";
import type { LoopSignature } from "../../src/expr/print_javascript.ts";
import { printWasm } from "../../src/expr/print_wasm.ts";
import { evaluate, inputsOf, record } from "../../src/expr/program.ts";
import type { Instruction, Local, WasmModule } from "../../src/expr/wasm_instructions.ts";
import { encodeModule } from "../../src/expr/wasm_module.ts";
import { moduleText } from "../../src/expr/wasm_text.ts";
import type { AnyRule } from "../../src/rules/rule.ts";
import { RULES } from "../support/rule_table.ts";
import { snapshotTests } from "../support/snapshot.ts";
import { ARRAYS, awkward, compute, SCALARS, steps } from "./random_program.ts";
import { instantiate, runWasm } from "./wasm_program.ts";

/** One rule of each kind: modules are long, and the others differ in a few lines. */
const SHOWN = [
  "sgdf",
  "sgdf, sign",
  "sgdf, gamma 0.7",
  "adamf, amsgrad",
  "adamw",
  "nesterov, decoupled decay",
  "nadam, filter",
  "rmsprop, centered, momentum, coupled decay",
];

snapshotTests(
  { directory: "wasm", extension: ".wat" },
  RULES.filter(({ name }) => SHOWN.includes(name))
    .map(({ name, rule }) => ({ name, print: () => simdSource(rule) })),
);

/** A browser's main thread may compile so many bytes at once without waiting. */
const MAX_BYTES = 4096;

function moduleOf(rule: AnyRule): WasmModule {
  const program = programOf(rule, "single");
  const used = new Set(inputsOf(program));
  return printWasm(program, {
    name: rule.name,
    arrays: ["param", "grad", ...rule.slots],
    writes: { ...Object.fromEntries(rule.slots.map((slot) => [slot, slot])), param: "out" },
    scalars: rule.scalarNames.filter((name) => used.has(name)),
  });
}

for (const { name, rule } of RULES) {
  Deno.test(`wasm: ${name} is a valid, small module`, () => {
    const module = moduleOf(rule);
    for (const shared of [false, true]) {
      const bytes = encodeModule(module, shared);
      assert.ok(WebAssembly.validate(bytes));
      assert.ok(bytes.length < MAX_BYTES, `${bytes.length} bytes`);
    }
    instantiate(module, new WebAssembly.Memory({ initial: 1 }));
    instantiate(module, new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }));
  });
}

/** Output a goes to an array of its own, b and c back to arrays that are read. */
const SIGNATURE: LoopSignature = {
  name: "random",
  arrays: ARRAYS,
  writes: { b: "x", a: "out", c: "y" },
  scalars: SCALARS,
};

Deno.test("wasm: a random program gives what float32 gives, bit for bit", () => {
  const exact = steps.map((steps) => steps.filter((step) => !("op" in step && step.op === "pow")));
  const rows = fc.array(fc.tuple(awkward, awkward, awkward), { minLength: 1, maxLength: 11 });
  const scalars = fc.tuple(awkward, fc.double());
  fc.assert(
    fc.property(exact, rows, scalars, (steps, rows, scalars) => {
      const program = record("single", (o, input) => compute(steps, o, input));
      const inputs = Object.fromEntries(
        ARRAYS.map((name, k) => [name, Float32Array.from(rows, (row) => row[k]!)]),
      );
      const { x, y, out } = runWasm(program, SIGNATURE, inputs, scalars);
      rows.forEach((_, i) => {
        const direct = evaluate(program, float32, (name) => {
          const array = inputs[name];
          return array === undefined
            ? Math.fround(scalars[SCALARS.indexOf(name as "p" | "q")]!)
            : array[i]!;
        });
        assert.deepEqual({ a: out![i], b: x![i], c: y![i] }, direct); // as Object.is has it
      });
    }),
    { seed: 4, numRuns: 1000 },
  );
});

Deno.test("wasm: no element before, between or behind is touched, whatever the length", () => {
  const program = record("single", (o, input) => ({
    a: o.sub(input("x"), o.mul(input("p"), input("y"))),
    b: o.add(input("x"), input("y")),
    c: o.sub(input("y"), input("z")),
  }));
  for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 1000]) {
    const numbers = (step: number) => Float32Array.from({ length: n }, (_, i) => i * step + 1);
    const inputs = { x: numbers(1), y: numbers(2), z: numbers(3) };
    const { x, y, out } = runWasm(program, SIGNATURE, inputs, [0.5, 0]);
    assert.deepEqual(out, inputs.x.map((x, i) => x - 0.5 * inputs.y[i]!));
    assert.deepEqual(x, inputs.x.map((x, i) => x + inputs.y[i]!));
    assert.deepEqual(y, inputs.y.map((y, i) => y - inputs.z[i]!));
  }
});

Deno.test("wasm: an output that is written before its array's old number is asked for", () => {
  const program = record("single", (o, input) => ({
    b: input("y"),
    a: o.add(input("x"), input("z")),
    c: input("x"),
  }));
  const inputs = { x: [1, 2, 3, 4, 5], y: [6, 7, 8, 9, 10], z: [20, 20, 20, 20, 20] };
  const { x, y, out } = runWasm(program, SIGNATURE, inputs, [0, 0]);
  assert.deepEqual([...x!], inputs.y);
  assert.deepEqual([...y!], inputs.x);
  assert.deepEqual([...out!], [21, 22, 23, 24, 25]);
});

Deno.test("wasm: a guard is looked at for each element, rare or not", () => {
  const program = record("single", (o, input) => ({
    a: o.mul(
      input("x"),
      o.select(o.less(input("y"), input("z")), o.constant(2), o.constant(1)),
    ),
  }));
  const signature = { ...SIGNATURE, writes: { a: "out" } };
  assert.match(moduleText(printWasm(program, signature), false), /v128.any_true/);
  const x = Array.from({ length: 11 }, (_, i) => i + 1);
  for (const on of [[], [0], [3], [6], [10], [4, 5, 6, 7], x.map((_, i) => i)]) {
    const z = x.map((_, i) => on.includes(i) ? 1 : 0);
    const { out } = runWasm(program, signature, { x, y: x.map(() => 0.5), z }, [0, 0]);
    assert.deepEqual([...out!], x.map((value, i) => on.includes(i) ? 2 * value : value));
  }
});

/** Runs instructions that leave a vector on the stack; returns its bytes. */
function bytesOf(code: readonly Instruction[], locals: readonly Local[] = []): ArrayBuffer {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const body: Instruction[] = [["local.get", "at"], ...code, ["v128.store", 304]];
  instantiate({ name: "run", parameters: [{ name: "at", type: "i32" }], locals, body }, memory)(16);
  return (memory.buffer as ArrayBuffer).slice(320, 336);
}

Deno.test("encodeModule: numbers of every length arrive as they were written", () => {
  const powers = Array.from({ length: 63 }, (_, k) => 1n << BigInt(k));
  const integers = powers.flatMap((power) => [power - 1n, power, -power, -power - 1n]);
  for (const value of [...integers, 0n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    const [low, high] = new BigInt64Array(bytesOf([["i64.const", value], ["i64x2.splat"]]));
    assert.deepEqual([low, high], [value, value]);
  }
  for (const value of [0, -0, 1, -1.5, 1e-45, 3.4028234663852886e38, Infinity, -Infinity, NaN]) {
    const single = new Float32Array(bytesOf([["f32.const", value], ["f32x4.splat"]]));
    assert.deepEqual([...single], Array(4).fill(Math.fround(value)));
    const double = new Float64Array(bytesOf([["f64.const", value], ["f64x2.splat"]]));
    assert.deepEqual([...double], Array(2).fill(value));
  }
  for (const value of [-2147483648, -129, -128, -65, -64, -1, 0, 63, 64, 127, 128, 2147483647]) {
    const shifted = bytesOf([
      ["i64.const", 1n],
      ["i64x2.splat"],
      ["i32.const", value],
      ["i64x2.shl"],
    ]);
    assert.equal(new BigUint64Array(shifted)[0], 1n << BigInt((value % 64 + 64) % 64));
  }
});

Deno.test("encodeModule: more locals than a byte can count", () => {
  const locals = Array.from({ length: 300 }, (_, k): Local => ({ name: `t${k}`, type: "v128" }));
  const code: Instruction[] = [
    ["f32.const", 7],
    ["f32x4.splat"],
    ["local.set", "t299"],
    ["local.get", "t299"],
  ];
  assert.deepEqual([...new Float32Array(bytesOf(code, locals))], [7, 7, 7, 7]);
});

Deno.test("encodeModule: what cannot be encoded is an error", () => {
  assert.throws(() => bytesOf([["local.get", "nobody"]]), /no local "nobody"/);
  assert.throws(() => bytesOf([["f32.const"]]), /f32.const with 0 immediates/);
});
