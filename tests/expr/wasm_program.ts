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
const CANARY = -1.2345678e-30;
const FENCE = 5;

/**
 * Runs a program in a memory that holds nothing but its arrays, at addresses that are no multiples
 * of a vector, with fences before, between and behind them; the last array, written in each turn,
 * ends where the memory ends. Returns all arrays, and throws if a fence was touched.
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
  const pages = Math.max(1, Math.ceil(total * 4 / 65536));
  const memory = new WebAssembly.Memory({ initial: pages });
  const floats = new Float32Array(memory.buffer).fill(CANARY);
  const begin = floats.length - total;
  const at = (index: number) => begin + FENCE + index * (n + FENCE);
  names.forEach((name, index) => floats.set(inputs[name] ?? new Float32Array(n), at(index)));
  const run = instantiate(printWasm(program, signature), memory);
  run(n, ...names.map((_, index) => at(index) * 4), ...scalars);
  const arrays = Object.fromEntries(
    names.map((name, index) => [name, floats.slice(at(index), at(index) + n)]),
  );
  const canary = Math.fround(CANARY);
  names.forEach((_, index) => floats.fill(canary, at(index), at(index) + n));
  const touched = floats.findIndex((value) => value !== canary);
  if (touched >= 0) throw new Error(`number ${touched} was touched; the arrays begin at ${begin}`);
  return arrays;
}
