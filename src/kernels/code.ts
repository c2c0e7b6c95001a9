import type { Instruction, Local, WasmModule, WasmType } from "../expr/wasm_instructions.ts";

/** Instructions, in order, nested as they were put together. */
export type Code = Instruction | readonly Code[];

/** Bytes of a number. */
export const BYTES = 4;
/** Numbers in a vector. */
export const LANES = 4;

/** The value of a local or a parameter. */
export const get = (name: string): Code => ["local.get", name];
/** Gives a local the value that the code computes. */
export const set = (name: string, value: Code): Code => [value, ["local.set", name]];
/** A constant. */
export const int = (value: number): Code => ["i32.const", value];
/** A sum. */
export const add = (a: Code, b: Code): Code => [a, b, ["i32.add"]];
/** A difference. */
export const sub = (a: Code, b: Code): Code => [a, b, ["i32.sub"]];
/** A product. */
export const mul = (a: Code, b: Code): Code => [a, b, ["i32.mul"]];
/** Bytes of so many numbers. */
export const bytes = (count: Code): Code => [count, int(2), ["i32.shl"]];
/** Moves a local on. */
export const advance = (name: string, by: Code): Code => set(name, add(get(name), by));
/** Whether a is less than b; both are signed. */
export const less = (a: Code, b: Code): Code => [a, b, ["i32.lt_s"]];
/** Whether 0 <= a < b. */
export const within = (a: Code, b: Code): Code => [a, b, ["i32.lt_u"]];
/** The smaller one of two, of which the first is put into the local. */
export const atMost = (name: string, value: Code, limit: Code): Code => [
  set(name, value),
  [get(name), limit, less(get(name), limit), ["select"]],
  ["local.set", name],
];

/** One of two pieces of code. */
export const when = (condition: Code, then: Code, otherwise?: Code): Code => [
  condition,
  ["if"],
  then,
  otherwise === undefined ? [] : [["else"], otherwise],
  ["end"],
];

/** Runs the body while the local counts from zero to below the limit. */
export const count = (name: string, limit: Code, body: Code, step = 1): Code => [
  set(name, int(0)),
  from(name, limit, body, step),
];

/** Runs the body while the local, from what it is, counts to below the limit. */
export const from = (name: string, limit: Code, body: Code, step = 1): Code => [
  ["block"],
  [get(name), limit, ["i32.ge_s"], ["br_if", 0]],
  ["loop"],
  body,
  advance(name, int(step)),
  [less(get(name), limit), ["br_if", 0]],
  ["end"],
  ["end"],
];

/** Runs the body once for each vector, then for each number, of the length that is counted down. */
export const elements = (
  length: string,
  pointers: readonly string[],
  body: (lanes: number) => Code,
): Code => {
  const while_ = (lanes: number): Code => [
    ["block"],
    [less(get(length), int(lanes)), ["br_if", 0]],
    ["loop"],
    body(lanes),
    pointers.map((pointer) => advance(pointer, int(lanes * BYTES))),
    set(length, sub(get(length), int(lanes))),
    [get(length), int(lanes), ["i32.ge_s"], ["br_if", 0]],
    ["end"],
    ["end"],
  ];
  return [while_(LANES), while_(1)];
};

/** Loads a vector, or a number into its first place. */
export const load = (lanes: number, pointer: Code, offset = 0): Code => [
  pointer,
  [lanes === LANES ? "v128.load" : "v128.load32_zero", offset],
];
/** Stores a vector, or the number in its first place. */
export const store = (lanes: number, pointer: Code, value: Code, offset = 0): Code => [
  pointer,
  value,
  lanes === LANES ? ["v128.store", offset] : ["v128.store32_lane", offset, 0],
];
/** All numbers of a vector the same: the one at the pointer. */
export const splat = (pointer: Code, offset = 0): Code => [pointer, [
  "v128.load32_splat",
  offset,
]];
/** Four zeros. */
export const zeros: Code = [["f32.const", 0], ["f32x4.splat"]];

/**
 * `product * factor + sum`, rounded once where the engine has the instruction for it, else twice.
 */
export const multiplyAdd = (fused: boolean, a: Code, b: Code, sum: Code): Code =>
  fused ? [a, b, sum, ["f32x4.relaxed_madd"]] : [[a, b, ["f32x4.mul"]], sum, ["f32x4.add"]];

/** A module of one function whose parameters are integers; other locals are found in its body. */
export function functionOf(
  name: string,
  parameters: readonly string[],
  body: Code,
  vectors: readonly string[] = [],
): WasmModule {
  const instructions = flat(body);
  const named = new Set<string>();
  for (const [operation, local] of instructions) {
    if (operation === "local.set" || operation === "local.tee") named.add(String(local));
  }
  for (const parameter of parameters) named.delete(parameter);
  const vector = new Set(vectors);
  const typed = (type: WasmType) => (name: string): Local => ({ name, type });
  return {
    name,
    parameters: parameters.map(typed("i32")),
    locals: [
      ...[...named].filter((local) => !vector.has(local)).map(typed("i32")),
      ...vectors.map(typed("v128")),
    ],
    body: instructions,
  };
}

function flat(code: Code): Instruction[] {
  return isInstruction(code) ? [code] : code.flatMap(flat);
}

function isInstruction(code: Code): code is Instruction {
  return typeof code[0] === "string";
}
