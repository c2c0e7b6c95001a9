import type { WasmModule } from "../expr/wasm_instructions.ts";
import {
  add,
  advance,
  atMost,
  BYTES,
  type Code,
  count,
  from,
  functionOf,
  get,
  int,
  LANES,
  less,
  load,
  mul,
  multiplyAdd,
  set,
  splat,
  store,
  sub,
  when,
  zeros,
} from "./code.ts";
import type { Heap } from "./heap.ts";

/** Columns of a strip of the packed matrix: two vectors. */
const STRIP = 2 * LANES;
/** Products summed at once: a strip of so many rows stays in the first cache. */
const DEPTH = 384;
/** Rows times depth of the left matrix that are taken at once: they stay in the second cache. */
const AREA = 96 * 1024;
/** Rows that are computed at once; their sums fill the registers. */
const rowsAtOnce = (fused: boolean): number => fused ? 6 : 4;
/** A number of rows that both divide. */
const ROWS = 12;

/** Where a matrix's numbers are: its first one, and the way to the next row and column, in bytes. */
export interface Matrix {
  readonly pointer: number;
  readonly row: number;
  readonly column: number;
}

/** A matrix of so many columns whose rows follow each other in memory. */
export function matrix(pointer: number, columns: number): Matrix {
  return { pointer, row: BYTES * columns, column: BYTES };
}

/** The same numbers with rows and columns exchanged. */
export function transposed({ pointer, row, column }: Matrix): Matrix {
  return { pointer, row: column, column: row };
}

/** A right-hand matrix [depth, columns], in the order in which products read it. */
export interface Packed {
  readonly pointer: number;
  /** Where there is room for a tile, and for a bias of whole vectors. */
  readonly room: number;
  readonly depth: number;
  readonly columns: number;
}

/** How many numbers {@link pack} needs room for. */
export function packedSize(depth: number, columns: number): number {
  return (depth + 1) * padded(columns) + ROWS * STRIP;
}

function padded(columns: number): number {
  return Math.ceil(columns / STRIP) * STRIP;
}

/** Copies a right-hand matrix [depth, columns] into the order in which products read it. */
export function pack(
  heap: Heap,
  { pointer, row, column }: Matrix,
  depth: number,
  columns: number,
  room: number,
): Packed {
  const width = padded(columns);
  for (let start = 0; start < depth; start += DEPTH) {
    const rows = Math.min(DEPTH, depth - start);
    const to = room + BYTES * start * width;
    heap.run(printPack, pointer + start * row, row, column, rows, columns, to);
  }
  return { pointer: room, room: room + BYTES * depth * width, depth, columns };
}

/** What a product may also do. */
export interface ProductOptions {
  /** Where a row begins that is added to every row. */
  readonly bias?: number;
  /** Whether the product is added to what is there. */
  readonly accumulate?: boolean;
}

/** The product of a matrix of so many rows and a packed one. */
export function multiplyPacked(
  heap: Heap,
  rows: number,
  left: Matrix,
  right: Packed,
  to: Matrix,
  { bias = 0, accumulate = false }: ProductOptions = {},
): void {
  const { depth, columns, room } = right;
  if (columns === 0) return;
  const width = padded(columns);
  let row = bias;
  if (bias !== 0 && width !== columns) { // whole vectors of it are read
    row = room + BYTES * ROWS * STRIP;
    heap.floats(row, columns).set(heap.floats(bias, columns));
  }
  for (let start = 0; start === 0 || start < depth; start += DEPTH) {
    const terms = Math.min(DEPTH, depth - start);
    const step = Math.max(1, Math.floor(AREA / Math.max(terms, 1) / ROWS)) * ROWS;
    for (let first = 0; first < rows; first += step) {
      heap.run(
        printTiles,
        Math.min(step, rows - first),
        columns,
        terms,
        left.pointer + first * left.row + start * left.column,
        left.row,
        left.column,
        right.pointer + BYTES * start * width,
        to.pointer + first * to.row,
        to.row,
        start + terms < depth ? 0 : row,
        start > 0 || accumulate ? 1 : 0,
        room,
      );
    }
  }
}

/** The product of two matrices, [rows, depth] and [depth, columns]. */
export function multiply(
  heap: Heap,
  [rows, depth, columns]: readonly [rows: number, depth: number, columns: number],
  left: Matrix,
  right: Matrix,
  to: Matrix,
  options: ProductOptions = {},
): void {
  heap.borrow(packedSize(depth, columns), (room) => {
    multiplyPacked(heap, rows, left, pack(heap, right, depth, columns, room), to, options);
  });
}

/** Strips of eight columns, row after row; columns that are not there are zero. */
function printPack(): WasmModule {
  const strip = Array.from({ length: STRIP }, (_, column) => `at${column}`);
  const whole: Code = [
    set("from", get("start")),
    count("k", get("depth"), [
      [0, LANES].map((lane) =>
        store(LANES, get("to"), load(LANES, get("from"), lane * BYTES), lane * BYTES)
      ),
      advance("from", get("row")),
      advance("to", int(STRIP * BYTES)),
    ]),
  ];
  const scattered: Code = [
    strip.map((at, column) => set(at, add(get("start"), mul(get("column"), int(column))))),
    count("k", get("depth"), [
      strip.map((at, column) => [
        store(1, get("to"), load(1, get(at)), column * BYTES),
        advance(at, get("row")),
      ]),
      advance("to", int(STRIP * BYTES)),
    ]),
  ];
  const partial: Code = count("k", get("depth"), [
    [0, LANES].map((lane) => store(LANES, get("to"), zeros, lane * BYTES)),
    set("from", add(get("start"), mul(get("k"), get("row")))),
    set("p", get("to")),
    count("at", get("left"), [
      store(1, get("p"), load(1, get("from"))),
      advance("from", get("column")),
      advance("p", int(BYTES)),
    ]),
    advance("to", int(STRIP * BYTES)),
  ]);
  return functionOf("pack", ["start", "row", "column", "depth", "columns", "to"], [
    set("left", get("columns")),
    from("done", get("columns"), [
      when(
        less(get("left"), int(STRIP)),
        partial,
        when([get("column"), int(BYTES), ["i32.ne"]], scattered, whole),
      ),
      advance("start", mul(get("column"), int(STRIP))),
      set("left", sub(get("left"), int(STRIP))),
    ], STRIP),
  ]);
}

/**
 * Products of rows with packed strips. Rows that are missing in the last group are the last row again:
 * it is then written several times, with the same numbers.
 */
function printTiles(fused: boolean): WasmModule {
  const rows = Array.from({ length: rowsAtOnce(fused) }, (_, row) => row);
  const vectors = [0, 1];
  const sum = (row: number, vector: number) => `sum${row}_${vector}`;
  const each = (code: (name: string, row: number, offset: number) => Code): Code =>
    rows.map((row) => vectors.map((vector) => code(sum(row, vector), row, vector * LANES * BYTES)));
  const term = (index: number): Code => [
    vectors.map((vector) =>
      set(`b${vector}`, load(LANES, get("b"), (index * STRIP + vector * LANES) * BYTES))
    ),
    rows.map((row) => [
      set("x", splat(get(`a${row}`))),
      advance(`a${row}`, get("aColumn")),
      vectors.map((vector) =>
        set(
          sum(row, vector),
          multiplyAdd(fused, get("x"), get(`b${vector}`), get(sum(row, vector))),
        )
      ),
    ]),
  ];
  const terms = (many: number): Code => [
    Array.from({ length: many }, (_, index) => term(index)),
    advance("b", int(many * STRIP * BYTES)),
  ];
  const numbersOf = (body: Code): Code => [
    rows.map((row) => [
      set("p", get(`c${row}`)),
      set("q", add(get("room"), int(row * STRIP * BYTES))),
      count("at", get("left"), [body, advance("p", int(BYTES)), advance("q", int(BYTES))]),
    ]),
  ];
  const wholeStrip: Code = [
    when(
      get("accumulate"),
      each((name, row, offset) =>
        set(name, [load(LANES, get(`c${row}`), offset), get(name), ["f32x4.add"]])
      ),
    ),
    each((name, row, offset) => store(LANES, get(`c${row}`), get(name), offset)),
  ];
  const partOfStrip: Code = [
    each((name, row, offset) => store(LANES, get("room"), get(name), row * STRIP * BYTES + offset)),
    when(
      get("accumulate"),
      numbersOf(store(1, get("q"), [load(1, get("p")), load(1, get("q")), ["f32x4.add"]])),
    ),
    numbersOf(store(1, get("p"), load(1, get("q")))),
  ];
  const tile: Code = [
    rows.map((row) => [
      atMost("index", add(get("i"), int(row)), sub(get("rows"), int(1))),
      set(`a${row}`, add(get("a"), mul(get("index"), get("aRow")))),
      set(`c${row}`, add(get("to"), mul(get("index"), get("cRow")))),
    ]),
    each((name) => set(name, zeros)),
    set("b", get("strip")),
    set("k", sub(get("depth"), int(1))),
    from("done", get("k"), terms(2), 2),
    when([get("depth"), int(1), ["i32.and"]], terms(1)),
    when(
      get("bias"),
      each((name, _, offset) =>
        set(name, [get(name), load(LANES, get("bias"), offset), ["f32x4.add"]])
      ),
    ),
    when(less(get("left"), int(STRIP)), partOfStrip, wholeStrip),
  ];
  return functionOf(
    "tiles",
    [
      ...["rows", "columns", "depth", "a", "aRow", "aColumn", "strip"],
      ...["to", "cRow", "bias", "accumulate", "room"],
    ],
    [
      set("left", get("columns")),
      count("j", get("columns"), [
        count("i", get("rows"), [set("done", int(0)), tile], rows.length),
        set("strip", get("b")),
        advance("to", int(STRIP * BYTES)),
        when(get("bias"), advance("bias", int(STRIP * BYTES))),
        set("left", sub(get("left"), int(STRIP))),
      ], STRIP),
    ],
    [...rows.flatMap((row) => vectors.map((vector) => sum(row, vector))), "b0", "b1", "x"],
  );
}
