import { backend_util, type KernelFunc, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { WasmModule } from "../expr/wasm_instructions.ts";
import {
  add,
  advance,
  atMost,
  BYTES,
  bytes,
  type Code,
  count,
  from,
  functionOf,
  get,
  int,
  LANES,
  load,
  mul,
  set,
  store,
  sub,
  zeros,
} from "./code.ts";
import { Heap, sizeOf } from "./heap.ts";

/** Rows whose sum is added to the sum of those before: errors grow with both, not with the product. */
const ROWS = 64;

interface Attributes {
  readonly axis: number | number[];
  readonly keepDims: boolean;
}

/** Sums over axes that are not the last ones: whole rows are added. tfjs transposes first. */
export const sum = (plain: KernelFunc): KernelFunc => (parameters) =>
  sumRows(parameters) ?? plain(parameters);

/** The same, divided by how many. */
export const mean = (plain: KernelFunc): KernelFunc => (parameters) => {
  const { x } = parameters.inputs as Record<"x", TensorInfo>;
  const out = sumRows(parameters);
  if (out === undefined) return plain(parameters);
  const many = sizeOf(x.shape) / sizeOf(out.shape);
  const numbers = Heap.of(parameters.backend).numbers(out);
  for (let index = 0; index < numbers.length; index++) numbers[index]! /= many;
  return out;
};

/** A sum over neighbouring axes that are followed by others; undefined for other sums. */
function sumRows({ inputs, attrs, backend }: Parameters<KernelFunc>[0]): TensorInfo | undefined {
  const { x } = inputs as Record<"x", TensorInfo>;
  const { axis, keepDims } = attrs as unknown as Attributes;
  const axes = util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  const [first = 0, last = 0] = [axes[0], axes.at(-1)];
  const outer = sizeOf(x.shape.slice(0, first));
  const rows = sizeOf(x.shape.slice(first, last + 1));
  const columns = sizeOf(x.shape.slice(last + 1));
  const isOurs = x.dtype === "float32" && axes.length === last - first + 1 && columns > 1 &&
    outer > 0 && rows > 0;
  if (!isOurs) return undefined;
  const heap = Heap.of(backend);
  const pointer = heap.pointer(x);
  const [shape] = backend_util.computeOutAndReduceShapes(x.shape, axes);
  const out = heap.allocate(keepDims ? backend_util.expandShapeToKeepDim(shape, axes) : shape);
  heap.run(printSums, pointer, outer, rows, columns, heap.pointer(out));
  return out;
}

function printSums(): WasmModule {
  const block = (vectors: number, lanes: number): Code => {
    const each = (code: (name: string, offset: number) => Code): Code =>
      Array.from({ length: vectors }, (_, index) => code(`${index}`, index * LANES * BYTES));
    const total = (name: string) => `total${name}`, part = (name: string) => `part${name}`;
    const plus = (a: Code, b: Code): Code => [a, b, ["f32x4.add"]];
    const size = vectors * lanes;
    return from("column", sub(get("columns"), int(size - 1)), [
      set("p", add(get("x"), bytes(get("column")))),
      each((name) => set(total(name), zeros)),
      count("row", get("rows"), [
        atMost("end", add(get("row"), int(ROWS)), get("rows")),
        each((name) => set(part(name), zeros)),
        set("i", get("row")),
        from("i", get("end"), [
          each((name, offset) =>
            set(part(name), plus(get(part(name)), load(lanes, get("p"), offset)))
          ),
          advance("p", get("width")),
        ]),
        each((name) => set(total(name), plus(get(total(name)), get(part(name))))),
      ], ROWS),
      each((name, offset) =>
        store(lanes, add(get("to"), bytes(get("column"))), get(total(name)), offset)
      ),
    ], size);
  };
  return functionOf("sums", ["x", "outer", "rows", "columns", "to"], [
    set("width", bytes(get("columns"))),
    count("done", get("outer"), [
      set("column", int(0)),
      block(4, LANES),
      block(1, LANES),
      block(1, 1),
      advance("x", mul(get("rows"), get("width"))),
      advance("to", get("width")),
    ]),
  ], [0, 1, 2, 3].flatMap((index) => [`total${index}`, `part${index}`]));
}
