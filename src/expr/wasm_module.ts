import {
  ENCODINGS,
  type Immediate,
  type Instruction,
  type Local,
  type WasmModule,
  type WasmType,
} from "./wasm_instructions.ts";

/** The import that gives a module its memory: `{ env: { memory } }`. */
export const MEMORY_IMPORT = { module: "env", name: "memory" } as const;

/** The pages that a memory of 32-bit addresses can have at most. */
export const MAX_PAGES = 65536;

const TYPES: Record<WasmType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };
const FUNCTION_TYPE = 0x60;
const FUNCTION_EXPORT = 0x00;
const MEMORY_IMPORT_KIND = 0x02;
/** Rows of numbers are aligned to 4 bytes; the power of two is what the format asks for. */
const ALIGNMENT = 2;

/**
 * The bytes of a module. It imports its memory; a shared one must be declared as such, with at least
 * the maximum that it has.
 */
export function encodeModule(module: WasmModule, shared: boolean): Uint8Array<ArrayBuffer> {
  const { name, parameters, locals, body } = module;
  const limits = shared ? [0x03, 0x00, ...unsigned(MAX_PAGES)] : [0x00, 0x00];
  const code = [...vector(runs(locals)), ...encodeBody(body, [...parameters, ...locals])];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
    ...section(1, [[
      FUNCTION_TYPE,
      ...vector(parameters.map(({ type }) => [TYPES[type]])),
      ...vector([]),
    ]]),
    ...section(2, [[
      ...text(MEMORY_IMPORT.module),
      ...text(MEMORY_IMPORT.name),
      MEMORY_IMPORT_KIND,
      ...limits,
    ]]),
    ...section(3, [[0]]),
    ...section(7, [[...text(name), FUNCTION_EXPORT, 0]]),
    ...section(10, [[...unsigned(code.length), ...code]]),
  ]);
}

function encodeBody(body: readonly Instruction[], locals: readonly Local[]): number[] {
  const index = new Map(locals.map(({ name }, at) => [name, at]));
  const bytes: number[] = [];
  for (const [operation, ...values] of body) {
    const { opcode, immediates } = ENCODINGS[operation];
    if (values.length !== immediates.length) {
      throw new Error(`Cannot encode ${operation} with ${values.length} immediates`);
    }
    bytes.push(...opcode);
    immediates.forEach((kind, at) => bytes.push(...immediate(kind, values[at]!, index)));
  }
  return [...bytes, ...ENCODINGS.end.opcode];
}

function immediate(
  kind: Immediate,
  value: string | number | bigint,
  locals: ReadonlyMap<string, number>,
): number[] {
  switch (kind) {
    case "local": {
      const index = locals.get(String(value));
      if (index === undefined) throw new Error(`Cannot encode: there is no local "${value}"`);
      return unsigned(index);
    }
    case "label":
      return unsigned(Number(value));
    case "lane":
      return [Number(value)];
    case "byteOffset":
      return [0, ...unsigned(Number(value))];
    case "offset":
      return [ALIGNMENT, ...unsigned(Number(value))];
    case "i32":
    case "i64":
      return signed(BigInt(value));
    case "f32":
      return [...new Uint8Array(new Float32Array([Number(value)]).buffer)];
    case "f64":
      return [...new Uint8Array(new Float64Array([Number(value)]).buffer)];
  }
}

/** Locals as the format wants them: neighbours of one type together. */
function runs(locals: readonly Local[]): number[][] {
  const groups: { count: number; type: WasmType }[] = [];
  for (const { type } of locals) {
    const last = groups.at(-1);
    if (last?.type === type) last.count++;
    else groups.push({ count: 1, type });
  }
  return groups.map(({ count, type }) => [...unsigned(count), TYPES[type]]);
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = vector(items);
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
}

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [low] : [low | 0x80, ...unsigned(Math.floor(value / 128))];
}

/** Signed LEB128. */
function signed(value: bigint): number[] {
  const low = Number(BigInt.asUintN(7, value));
  const rest = value >> 7n;
  const done = rest === (low & 0x40 ? -1n : 0n);
  return done ? [low] : [low | 0x80, ...signed(rest)];
}
