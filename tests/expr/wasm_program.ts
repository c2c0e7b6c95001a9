import assert from "node:assert/strict";
import type { LoopSignature } from "../../src/expr/print_javascript.ts";
import { printWasm } from "../../src/expr/print_wasm.ts";
import type { Program } from "../../src/expr/program.ts";
import type { WasmModule } from "../../src/expr/wasm_instructions.ts";
import { encodeModule } from "../../src/expr/wasm_module.ts";

/** A function of a module: how many elements, where the arrays begin in bytes, then scalars. */
export type WasmFunction = (n: number, ...rest: number[]) => void;

/** Compiles a module and ties it to a memory. */
export function instantiate(module: WasmModule, memory: WebAssembly.Memory): WasmFunction {
  const shared = memory.buffer instanceof SharedArrayBuffer;
  const compiled = new WebAssembly.Module(encodeModule(module, shared));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return exports[module.name] as WasmFunction;
}

/** The names of the arrays of a signature, in the order of the function's parameters. */
export function arraysOf({ arrays, writes }: LoopSignature): string[] {
  return [...new Set([...arrays, ...Object.values(writes)])];
}

/** What lies around the arrays: a number that no program computes. */
const CANARY = Math.fround(-1.2345678e-30);
const FENCE = 5;

/**
 * Runs a program in a memory that holds nothing but its arrays, at addresses that are no multiples
 * of a vector, with fences before and between them; the last array ends where the memory ends.
 * Returns all arrays, and throws if a fence was touched.
 */
export function runWasm(
  program: Program,
  signature: LoopSignature,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
  scalars: readonly number[],
): Record<string, Float32Array> {
  const names = arraysOf(signature);
  const n = Object.values(inputs)[0]!.length;
  const total = names.length * (n + FENCE);
  const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(total * 4 / 65536)) });
  const run = instantiate(printWasm(program, signature), memory);
  const results = [names, names.toReversed()].map((order) => {
    const floats = new Float32Array(memory.buffer).fill(CANARY);
    const start = floats.length - total;
    const begin = (name: string) => start + FENCE + order.indexOf(name) * (n + FENCE);
    for (const name of names) floats.set(inputs[name] ?? new Float32Array(n), begin(name));
    run(n, ...names.map((name) => begin(name) * 4), ...scalars);
    const arrays = Object.fromEntries(
      names.map((name) => [name, floats.slice(begin(name), begin(name) + n)]),
    );
    for (const name of names) floats.fill(CANARY, begin(name), begin(name) + n);
    const touched = floats.findIndex((value) => value !== CANARY);
    if (touched >= 0) throw new Error(`number ${touched} was touched; the arrays are at ${start}`);
    return arrays;
  });
  // First an array that is written has the end of the memory behind it, then one that is read.
  assert.deepEqual(results[0], results[1]);
  return results[0]!;
}
