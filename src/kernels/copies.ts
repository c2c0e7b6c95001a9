import {
  backend_util,
  type KernelFunc,
  slice_util,
  type TensorInfo,
  util,
} from "@tensorflow/tfjs-core";
import type { WasmModule } from "../expr/wasm_instructions.ts";
import {
  advance,
  BYTES,
  count,
  elements,
  functionOf,
  get,
  load,
  set,
  splat,
  store,
  when,
} from "./code.ts";
import { Heap, sizeOf } from "./heap.ts";

/** A part of a tensor. tfjs copies the whole tensor first, each time. */
export const slice = (plain: KernelFunc): KernelFunc => (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { x } = inputs as Record<"x", TensorInfo>;
  if (!isOfWords(x)) return plain(parameters);
  const { begin, size } = attrs as { begin: number[]; size: number[] };
  const parsed = slice_util.parseSliceParams(x as never, begin, size);
  const [from, lengths] = parsed as [number[], number[]];
  slice_util.assertParamsValid(x as never, from, lengths);
  return part(Heap.of(backend), x, from, lengths);
};

/** Parts of a tensor along an axis. */
export const splitV = (plain: KernelFunc): KernelFunc => (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { x } = inputs as Record<"x", TensorInfo>;
  if (!isOfWords(x)) return plain(parameters);
  const { numOrSizeSplits, axis } = attrs as { numOrSizeSplits: number[] | number; axis: number };
  const at = util.parseAxisParam(axis, x.shape)[0]!;
  const sizes = backend_util.prepareSplitSize(x as never, numOrSizeSplits, at);
  return partsOf(Heap.of(backend), x, at, sizes);
};

/** The slices of a tensor along an axis, which they lose. */
export const unpack = (plain: KernelFunc): KernelFunc => (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { value } = inputs as Record<"value", TensorInfo>;
  if (!isOfWords(value)) return plain(parameters);
  const at = util.parseAxisParam((attrs as { axis: number }).axis, value.shape)[0]!;
  const sizes = new Array<number>(value.shape[at]!).fill(1);
  const shape = value.shape.filter((_, axis) => axis !== at);
  return partsOf(Heap.of(backend), value, at, sizes).map((part) => ({ ...part, shape }));
};

/** Tensors one after the other along an axis. */
export const concat = (plain: KernelFunc): KernelFunc => (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const tensors = Object.values(inputs) as TensorInfo[];
  const filled = tensors.filter(({ shape }) => sizeOf(shape) > 0);
  const [first] = filled;
  if (filled.length < 2 || filled.some((x) => !isOfWords(x) || x.dtype !== first!.dtype)) {
    return plain(parameters);
  }
  const at = util.parseAxisParam((attrs as { axis: number }).axis, tensors[0]!.shape)[0]!;
  const shapes = tensors.map(({ shape }) => shape);
  backend_util.assertParamsConsistent(shapes, at);
  const heap = Heap.of(backend);
  const from = filled.map((x) => heap.pointer(x));
  const outShape = backend_util.computeOutShape(shapes, at);
  const out = heap.allocate(outShape, first!.dtype);
  const rows = sizeOf(outShape.slice(0, at)), width = sizeOf(outShape.slice(at));
  let to = heap.pointer(out);
  filled.forEach(({ shape }, index) => {
    const length = sizeOf(shape.slice(at));
    copyRows(heap, rows, length, [from[index]!, length], [to, width]);
    to += BYTES * length;
  });
  return out;
};

/** A tensor repeated along its axes. */
export const tile = (plain: KernelFunc): KernelFunc => (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { x } = inputs as Record<"x", TensorInfo>;
  if (!isOfWords(x)) return plain(parameters);
  const { reps } = attrs as { reps: number[] };
  const heap = Heap.of(backend);
  let made: TensorInfo | undefined;
  try {
    // the last axis first: what is repeated then is whole rows
    for (let at = x.shape.length - 1; at >= 0; at--) {
      const many = reps[at]!;
      if (many === 1) continue;
      const from = made ?? x;
      const shape = from.shape.with(at, from.shape[at]! * many);
      const next = heap.allocate(shape, x.dtype);
      repeatRows(
        heap,
        sizeOf(from.shape.slice(0, at)),
        sizeOf(from.shape.slice(at)),
        many,
        heap.pointer(from),
        heap.pointer(next),
      );
      if (made !== undefined) heap.free(made);
      made = next;
    }
  } catch (error) {
    if (made !== undefined) heap.free(made);
    throw error;
  }
  return made ?? plain(parameters);
};

function isOfWords({ dtype }: TensorInfo): boolean {
  return dtype === "float32" || dtype === "int32";
}

function partsOf(heap: Heap, x: TensorInfo, axis: number, sizes: readonly number[]): TensorInfo[] {
  let begin = 0;
  return sizes.map((size) => {
    const from = x.shape.map((_, at) => at === axis ? begin : 0);
    begin += size;
    return part(heap, x, from, x.shape.with(axis, size));
  });
}

function part(
  heap: Heap,
  x: TensorInfo,
  begin: readonly number[],
  size: readonly number[],
): TensorInfo {
  const from = heap.pointer(x);
  const out = heap.allocate(size, x.dtype);
  if (sizeOf(size) === 0) return out;
  // up to the last axis that is cut, everything is rows of so many numbers
  const cut = Math.max(0, size.findLastIndex((length, axis) => length !== x.shape[axis]));
  const inner = sizeOf(x.shape.slice(cut + 1));
  const [length, width] = [size[cut]! * inner, x.shape[cut]! * inner];
  // the axis before it is walked through in one go, the axes before that one after the other
  const many = cut > 0 ? size[cut - 1]! : 1;
  const outer = Math.max(0, cut - 1);
  const strides = util.computeStrides([...x.shape, 1]);
  let to = heap.pointer(out);
  const walk = (axis: number, offset: number): void => {
    if (axis < outer) {
      for (let index = 0; index < size[axis]!; index++) {
        walk(axis + 1, offset + (begin[axis]! + index) * strides[axis]!);
      }
      return;
    }
    for (let at = axis; at <= cut; at++) offset += begin[at]! * strides[at]!;
    copyRows(heap, many, length, [from + BYTES * offset, width], [to, length]);
    to += BYTES * many * length;
  };
  walk(0, 0);
  return out;
}

/** Copies rows of so many numbers, which lie so many numbers apart. */
function copyRows(
  heap: Heap,
  rows: number,
  length: number,
  [from, apart]: readonly [pointer: number, apart: number],
  [to, toApart]: readonly [pointer: number, apart: number],
): void {
  if (apart === length && toApart === length) [rows, length] = [1, rows * length];
  heap.run(printCopy, rows, length, from, BYTES * (apart - length), to, BYTES * (toApart - length));
}

/** Writes each row so many times, one after the other. */
function repeatRows(
  heap: Heap,
  rows: number,
  length: number,
  many: number,
  from: number,
  to: number,
): void {
  heap.run(printRepeat, rows, length, many, from, to);
}

function printCopy(): WasmModule {
  return functionOf("copy", ["rows", "length", "from", "skip", "to", "toSkip"], [
    count("row", get("rows"), [
      set("n", get("length")),
      elements("n", ["from", "to"], (lanes) => store(lanes, get("to"), load(lanes, get("from")))),
      advance("from", get("skip")),
      advance("to", get("toSkip")),
    ]),
  ]);
}

function printRepeat(): WasmModule {
  const isOne = [get("length"), ["i32.const", 1], ["i32.sub"], ["i32.eqz"]] as const;
  return functionOf("repeat", ["rows", "length", "many", "from", "to"], [
    count("row", get("rows"), [
      when(isOne as never, [
        set("x", splat(get("from"))),
        set("n", get("many")),
        elements("n", ["to"], (lanes) => store(lanes, get("to"), get("x"))),
        advance("from", ["i32.const", BYTES]),
      ], [
        count("i", get("many"), [
          set("p", get("from")),
          set("n", get("length")),
          elements("n", ["p", "to"], (lanes) => store(lanes, get("to"), load(lanes, get("p")))),
        ]),
        set("from", get("p")),
      ]),
    ]),
  ], ["x"]);
}
