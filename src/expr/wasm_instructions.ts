import { pure } from "../pure.ts";

/** What follows an opcode: how it is encoded, and how it is written. */
export type Immediate =
  | "local"
  | "label"
  | "lane"
  | "offset"
  | "byteOffset"
  | "i32"
  | "i64"
  | "f32"
  | "f64";

/** How one instruction is encoded. */
export interface Encoding {
  readonly opcode: readonly number[];
  readonly immediates: readonly Immediate[];
}

const core = (opcode: number, ...immediates: Immediate[]): Encoding => ({
  opcode: [opcode],
  immediates,
});

const vector = (opcode: number, ...immediates: Immediate[]): Encoding => ({
  // The second part of a vector opcode is a LEB128 number, here below 2^14.
  opcode: opcode < 0x80 ? [0xfd, opcode] : [0xfd, opcode & 0x7f | 0x80, opcode >> 7],
  immediates,
});

/** Type of a block that takes and leaves nothing. */
const VOID = 0x40;
const SIXTEEN_LANES = /* @__PURE__ */ Array.from({ length: 16 }, () => "lane" as const);

/** The instructions that rules are encoded in, by their name in the text format. */
export const ENCODINGS = /* @__PURE__ */ pure(() => ({
  "block": { opcode: [0x02, VOID], immediates: [] },
  "loop": { opcode: [0x03, VOID], immediates: [] },
  "if": { opcode: [0x04, VOID], immediates: [] },
  "else": core(0x05),
  "end": core(0x0b),
  "br": core(0x0c, "label"),
  "br_if": core(0x0d, "label"),
  "select": core(0x1b),
  "local.get": core(0x20, "local"),
  "local.set": core(0x21, "local"),
  "local.tee": core(0x22, "local"),
  "i32.load": core(0x28, "offset"),
  "i32.const": core(0x41, "i32"),
  "i64.const": core(0x42, "i64"),
  "f32.const": core(0x43, "f32"),
  "f64.const": core(0x44, "f64"),
  "i32.eqz": core(0x45),
  "i32.ne": core(0x47),
  "i32.lt_s": core(0x48),
  "i32.lt_u": core(0x49),
  "i32.ge_s": core(0x4e),
  "i32.ge_u": core(0x4f),
  "i32.add": core(0x6a),
  "i32.sub": core(0x6b),
  "i32.mul": core(0x6c),
  "i32.div_u": core(0x6e),
  "i32.and": core(0x71),
  "i32.shl": core(0x74),

  "v128.load": vector(0x00, "offset"),
  "v128.load32_splat": vector(0x09, "offset"),
  "v128.load32_zero": vector(0x5c, "offset"),
  "v128.store": vector(0x0b, "offset"),
  "v128.store32_lane": vector(0x5a, "offset", "lane"),
  "v128.store8_lane": vector(0x58, "byteOffset", "lane"),
  "i8x16.shuffle": vector(0x0d, ...SIXTEEN_LANES),
  "v128.and": vector(0x4e),
  "v128.andnot": vector(0x4f),
  "v128.or": vector(0x50),
  "v128.xor": vector(0x51),
  "v128.bitselect": vector(0x52),
  "v128.any_true": vector(0x53),

  "i32x4.splat": vector(0x11),
  "i32x4.eq": vector(0x37),

  "f32x4.splat": vector(0x13),
  "f32x4.eq": vector(0x41),
  "f32x4.ne": vector(0x42),
  "f32x4.lt": vector(0x43),
  "f32x4.gt": vector(0x44),
  "f32x4.le": vector(0x45),
  "f32x4.ge": vector(0x46),
  "f32x4.sqrt": vector(0xe3),
  "f32x4.add": vector(0xe4),
  "f32x4.sub": vector(0xe5),
  "f32x4.mul": vector(0xe6),
  "f32x4.div": vector(0xe7),
  "f32x4.relaxed_madd": vector(0x105),
  "f32x4.min": vector(0xe8),
  "f32x4.max": vector(0xe9),
  "f32x4.pmin": vector(0xea),
  "f32x4.pmax": vector(0xeb),

  "f64x2.splat": vector(0x14),
  "f64x2.add": vector(0xf0),
  "f64x2.sub": vector(0xf1),
  "f64x2.mul": vector(0xf2),
  "f64x2.div": vector(0xf3),
  "f64x2.pmin": vector(0xf6),
  "f64x2.pmax": vector(0xf7),
  "f64x2.promote_low_f32x4": vector(0x5f),
  "f32x4.demote_f64x2_zero": vector(0x5e),

  "i64x2.splat": vector(0x12),
  "i64x2.shl": vector(0xcb),
  "i64x2.shr_u": vector(0xcd),
  "i64x2.add": vector(0xce),
  "i64x2.sub": vector(0xd1),
} as const satisfies Record<string, Encoding>));

/** Name of an instruction. */
export type Operation = keyof typeof ENCODINGS;

/** An instruction with its immediates; a local is called by its name. */
export type Instruction = readonly [
  operation: Operation,
  ...immediates: (string | number | bigint)[],
];

/** Type of a parameter or a local. */
export type WasmType = "i32" | "f32" | "v128";

/** A named parameter or local. */
export interface Local {
  readonly name: string;
  readonly type: WasmType;
}

/** A module of one function over an imported memory. */
export interface WasmModule {
  /** The function's name, also that of its export. */
  readonly name: string;
  readonly parameters: readonly Local[];
  readonly locals: readonly Local[];
  readonly body: readonly Instruction[];
}
