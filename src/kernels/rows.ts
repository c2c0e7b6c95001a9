import { backend_util, type KernelFunc, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { WasmModule } from "../expr/wasm_instructions.ts";
import {
  add,
  advance,
  BYTES,
  bytes,
  count,
  elements,
  functionOf,
  get,
  int,
  load,
  mul,
  set,
  store,
  when,
  within,
} from "./code.ts";
import type { CpuBackend } from "./cpu.ts";
import { call, Heap, sizeOf } from "./heap.ts";

/** Slices of a tensor by their index along an axis; whole slices are copied. */
export const gatherV2 = (plain: KernelFunc): KernelFunc => (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { x, indices } = inputs as Record<"x" | "indices", TensorInfo>;
  if (x.dtype !== "float32" && x.dtype !== "int32" || indices.dtype !== "int32") {
    return plain(parameters);
  }
  const { axis, batchDims = 0 } = attrs as { axis: number; batchDims?: number };
  const at = util.parseAxisParam(axis, x.shape)[0]!;
  const shapes = backend_util.segment_util.collectGatherOpShapeInfo(
    x as never,
    indices as never,
    at,
    batchDims ?? 0,
  );
  const heap = Heap.of(backend);
  const { batchSize, outerSize, sliceSize } = shapes;
  const length = x.shape[at]!;
  for (const index of heap.numbers(indices)) {
    if (index >= 0 && index < length) continue;
    throw new Error(`GatherV2: the index value ${index} is not in [0, ${length - 1}]`);
  }
  const [from, by] = [heap.pointer(x), heap.pointer(indices)];
  const out = heap.allocate(shapes.outputShape, x.dtype);
  const many = sizeOf(indices.shape) / Math.max(1, batchSize);
  for (let batch = 0; batch < batchSize; batch++) {
    for (let outer = 0; outer < outerSize; outer++) {
      const part = batch * outerSize + outer;
      heap.run(
        printRows,
        from + BYTES * part * length * sliceSize,
        by + BYTES * batch * many,
        many,
        length,
        sliceSize,
        heap.pointer(out) + BYTES * part * many * sliceSize,
      );
    }
  }
  return out;
};

/**
 * The sum of the slices that have the same id; ids that are no segment's are left out. A number that
 * is not finite stays in its segment: on tfjs's cpu backend, which multiplies all slices with masks of
 * zeros and ones, it spoils all of them.
 */
export const unsortedSegmentSum: KernelFunc = ({ inputs, attrs, backend }) => {
  const heap = Heap.of(backend);
  const { x, segmentIds } = inputs as Record<"x" | "segmentIds", TensorInfo>;
  const { numSegments } = attrs as { numSegments: number };
  checkIds(x, segmentIds);
  const [many = 0, ...slice] = x.shape;
  const numbers = x.dtype === "float32" ? x : call(backend, "Cast", { x }, { dtype: "float32" });
  try {
    const from = [heap.pointer(numbers), heap.pointer(segmentIds)];
    const out = heap.allocateZeros([numSegments, ...slice]);
    heap.run(printSums, ...from, many, numSegments, sizeOf(slice), heap.pointer(out));
    return out;
  } finally {
    if (numbers !== x) heap.free(numbers);
  }
};

/** The same on cpu, where tfjs walks over all slices once for each segment. */
export const unsortedSegmentSumOnCpu: KernelFunc = ({ inputs, attrs, backend }) => {
  const cpu = backend as CpuBackend;
  const { x, segmentIds } = inputs as Record<"x" | "segmentIds", TensorInfo>;
  const { numSegments } = attrs as { numSegments: number };
  checkIds(x, segmentIds);
  const slice = sizeOf(x.shape.slice(1));
  const sums = new Float32Array(numSegments * slice);
  const { values } = cpu.data.get(x.dataId);
  cpu.data.get(segmentIds.dataId).values.forEach((id, index) => {
    if (id < 0 || id >= numSegments) return;
    const [from, to] = [index * slice, id * slice];
    for (let at = 0; at < slice; at++) sums[to + at]! += values[from + at]!;
  });
  return cpu.makeTensorInfo([numSegments, ...x.shape.slice(1)], "float32", sums);
};

function checkIds(x: TensorInfo, segmentIds: TensorInfo): void {
  if (segmentIds.shape.length === 1 && segmentIds.shape[0] === x.shape[0]) return;
  throw new Error(
    `Cannot sum segments: segmentIds must have one id for each slice of x, of shape ` +
      `[${x.shape}], got shape [${segmentIds.shape}]`,
  );
}

const PARAMETERS = ["x", "indices", "many", "length", "slice", "to"];

/** Copies slices. */
function printRows(): WasmModule {
  return functionOf("rows", PARAMETERS, [
    count("i", get("many"), [
      set("p", add(get("x"), bytes(mul([get("indices"), ["i32.load", 0]], get("slice"))))),
      advance("indices", int(BYTES)),
      set("n", get("slice")),
      elements("n", ["p", "to"], (lanes) => store(lanes, get("to"), load(lanes, get("p")))),
    ]),
  ]);
}

/** Adds each slice to the one of its index, if there is one. */
function printSums(): WasmModule {
  return functionOf("sums", PARAMETERS, [
    count("i", get("many"), [
      set("index", [get("indices"), ["i32.load", 0]]),
      when(within(get("index"), get("length")), [
        set("p", get("x")),
        set("q", add(get("to"), bytes(mul(get("index"), get("slice"))))),
        set("n", get("slice")),
        elements(
          "n",
          ["p", "q"],
          (lanes) =>
            store(lanes, get("q"), [load(lanes, get("q")), load(lanes, get("p")), ["f32x4.add"]]),
        ),
      ]),
      advance("indices", int(BYTES)),
      advance("x", bytes(get("slice"))),
    ]),
  ]);
}
