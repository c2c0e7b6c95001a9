import { backend_util, type KernelFunc, type TensorInfo } from "@tensorflow/tfjs-core";
import type { Operation, WasmModule } from "../expr/wasm_instructions.ts";
import {
  advance,
  BYTES,
  type Code,
  elements,
  functionOf,
  get,
  LANES,
  load,
  set,
  splat,
  store,
} from "./code.ts";
import { call, Heap, type Printer, sizeOf } from "./heap.ts";

/** Of two numbers the greater one, NaN if either is. */
export const maximum = /* @__PURE__ */ ofPairs("f32x4.max");
/** Of two numbers the smaller one, NaN if either is. */
export const minimum = /* @__PURE__ */ ofPairs("f32x4.min");
export const greater = /* @__PURE__ */ ofPairs("f32x4.gt", true);
export const greaterEqual = /* @__PURE__ */ ofPairs("f32x4.ge", true);
export const less = /* @__PURE__ */ ofPairs("f32x4.lt", true);
export const lessEqual = /* @__PURE__ */ ofPairs("f32x4.le", true);
export const equal = /* @__PURE__ */ ofPairs("f32x4.eq", true);
export const notEqual = /* @__PURE__ */ ofPairs("f32x4.ne", true);

/** Pairs of float32 numbers. */
function ofPairs(operation: Operation, isQuestion = false): (plain: KernelFunc) => KernelFunc {
  // a single number is loaded into all places of a vector, once
  const printers = [[false, false], [true, false], [false, true]].map(
    ([isOneA, isOneB]): Printer => () => printPairs(operation, isQuestion, isOneA!, isOneB!),
  );
  return (plain) => (parameters) => {
    const { inputs, backend } = parameters;
    const { a, b } = inputs as Record<"a" | "b", TensorInfo>;
    if (a.dtype !== "float32" || b.dtype !== "float32") return plain(parameters);
    const heap = Heap.of(backend);
    const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const isSame = `${a.shape}` === `${b.shape}`;
    const made: TensorInfo[] = [];
    /** One number, or as many as the result has. */
    const spread = (x: TensorInfo): number => {
      if (sizeOf(x.shape) === 1 || sizeOf(x.shape) === sizeOf(shape)) return heap.pointer(x);
      const own = [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
      const reps = shape.map((length, axis) => length / own[axis]!);
      made.push(call(backend, "Tile", { x: { ...x, shape: own } }, { reps }));
      return heap.pointer(made.at(-1)!);
    };
    try {
      if (sizeOf(shape) === 0) return heap.allocate(shape, isQuestion ? "bool" : "float32");
      const pointers = [spread(a), spread(b)];
      const out = heap.allocate(shape, isQuestion ? "bool" : "float32");
      const isOne = (x: TensorInfo) => !isSame && sizeOf(x.shape) === 1;
      heap.run(
        printers[isOne(a) ? 1 : isOne(b) ? 2 : 0]!,
        sizeOf(shape),
        ...pointers,
        heap.pointer(out),
      );
      return out;
    } finally {
      heap.free(...made);
    }
  };
}

function printPairs(
  operation: Operation,
  isQuestion: boolean,
  isOneA: boolean,
  isOneB: boolean,
): WasmModule {
  const operands = [["a", isOneA], ["b", isOneB]] as const;
  const moved = operands.flatMap(([name, isOne]) => isOne ? [] : [name]);
  const value = (lanes: number): Code => [
    operands.map(([name, isOne]) => isOne ? get(`${name}1`) : load(lanes, get(name))),
    [operation as "f32x4.max"],
  ];
  return functionOf("pairs", ["n", "a", "b", "to"], [
    operands.map(([name, isOne]) => isOne ? set(`${name}1`, splat(get(name))) : []),
    isQuestion
      ? elements("n", moved, (lanes) => [
        set("value", [value(lanes), [["i32.const", 1], ["i32x4.splat"]], ["v128.and"]]),
        lanes === LANES
          ? [get("to"), [get("value"), get("value"), NARROW], ["v128.store32_lane", 0, 0]]
          : [get("to"), get("value"), ["v128.store8_lane", 0, 0]],
        advance("to", ["i32.const", lanes]),
      ])
      : elements("n", [...moved, "to"], (lanes) => store(lanes, get("to"), value(lanes))),
  ], ["a1", "b1", "value"]);
}

/** The lowest byte of each number of a vector, next to each other. */
const NARROW = ["i8x16.shuffle", 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12] as const;

/** Whether both are true: bytes of 0 and 1, taken four at a time. */
export const logicalAnd = (plain: KernelFunc): KernelFunc => (parameters) => {
  const { inputs, backend } = parameters;
  const { a, b } = inputs as Record<"a" | "b", TensorInfo>;
  const size = sizeOf(a.shape);
  const isOurs = a.dtype === "bool" && b.dtype === "bool" && `${a.shape}` === `${b.shape}` &&
    size % BYTES === 0;
  if (!isOurs) return plain(parameters);
  const heap = Heap.of(backend);
  const pointers = [heap.pointer(a), heap.pointer(b)];
  const out = heap.allocate(a.shape, "bool");
  heap.run(printAnd, size / BYTES, ...pointers, heap.pointer(out));
  return out;
};

const printAnd = (): WasmModule => printPairs("v128.and", false, false, false);

/** What is beyond the limits is set to them; what is no number stays. */
export const clipByValue = /* @__PURE__ */ ofSingle(
  ({ clipValueMin, clipValueMax }) => [clipValueMin as number, clipValueMax as number],
  (x) => [[x, get("first"), ["f32x4.pmax"]], get("second"), ["f32x4.pmin"]],
);
/** Up to six; what is no number stays. */
export const relu6 = /* @__PURE__ */ ofSingle(
  () => [0, 6],
  (x) => [[x, get("first"), ["f32x4.pmax"]], get("second"), ["f32x4.pmin"]],
);
/** 1 above zero, -1 below. */
export const sign = /* @__PURE__ */ ofSingle(
  () => [0, 1],
  (x) => [
    [[x, get("first"), ["f32x4.gt"]], get("second"), ["v128.and"]],
    [[x, get("first"), ["f32x4.lt"]], get("second"), ["v128.and"]],
    ["f32x4.sub"],
  ],
);
/** Below zero so many times the number. */
export const leakyRelu = /* @__PURE__ */ ofSingle(
  ({ alpha }) => [0, alpha as number],
  (x) => [
    [x, get("second"), ["f32x4.mul"]],
    x,
    [x, get("first"), ["f32x4.lt"]],
    ["v128.bitselect"],
  ],
);

/** Single float32 numbers, and two constants. */
function ofSingle(
  constants: (attrs: Readonly<Record<string, unknown>>) => [number, number],
  value: (x: Code) => Code,
): (plain: KernelFunc) => KernelFunc {
  const printer = () =>
    functionOf("single", ["n", "x", "constants", "to"], [
      set("first", splat(get("constants"))),
      set("second", splat(get("constants"), BYTES)),
      elements("n", ["x", "to"], (lanes) => [
        set("value", load(lanes, get("x"))),
        store(lanes, get("to"), value(get("value"))),
      ]),
    ], ["first", "second", "value"]);
  return (plain) => (parameters) => {
    const { inputs, attrs, backend } = parameters;
    const { x } = inputs as Record<"x", TensorInfo>;
    if (x.dtype !== "float32") return plain(parameters);
    const heap = Heap.of(backend);
    const pointer = heap.pointer(x);
    const out = heap.allocate(x.shape);
    heap.borrow(2, (room) => {
      heap.floats(room, 2).set(constants(attrs ?? {}));
      heap.run(printer, sizeOf(x.shape), pointer, room, heap.pointer(out));
    });
    return out;
  };
}
