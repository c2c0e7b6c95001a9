import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import type { WasmModule } from "../expr/wasm_instructions.ts";
import {
  add,
  advance,
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
  multiplyAdd,
  set,
  store,
  sub,
  when,
  within,
  zeros,
} from "./code.ts";
import {
  assertShape,
  type Convolution,
  type ConvolutionAttributes,
  convolutionOf,
  valid,
} from "./convolution.ts";
import { call, Heap, sizeOf } from "./heap.ts";

/** The gradient of a depthwise convolution with respect to its filter. */
export const depthwiseConv2dNativeBackpropFilter: KernelFunc = ({ inputs, attrs, backend }) => {
  const heap = Heap.of(backend);
  const { x, dy } = inputs as Record<"x" | "dy", TensorInfo>;
  const { filterShape, ...rest } = attrs as unknown as ConvolutionAttributes & {
    filterShape: number[];
  };
  const name = "DepthwiseConv2dNativeBackpropFilter";
  const convolution = convolutionOf(name, x.shape, filterShape, rest, true);
  const { inChannels, outChannels, outShape } = convolution.info;
  assertShape(name, dy, outShape);
  const out = heap.allocateZeros(filterShape);
  try {
    const many = outChannels / inChannels;
    if (many === 1) {
      walk(heap, printFilter, convolution, heap.pointer(x), heap.pointer(dy), heap.pointer(out));
    } else {
      const flat = { ...x, shape: [sizeOf(x.shape), 1] };
      const wide = call(backend, "Tile", { x: flat }, { reps: [1, many] });
      try {
        walk(
          heap,
          printFilter,
          convolution,
          heap.pointer(wide),
          heap.pointer(dy),
          heap.pointer(out),
        );
      } finally {
        heap.free(wide);
      }
    }
  } catch (error) {
    heap.free(out);
    throw error;
  }
  return out;
};

/** The gradient of a depthwise convolution with respect to its input. */
export const depthwiseConv2dNativeBackpropInput: KernelFunc = ({ inputs, attrs, backend }) => {
  const heap = Heap.of(backend);
  const { dy, filter } = inputs as Record<"dy" | "filter", TensorInfo>;
  const { inputShape, ...rest } = attrs as unknown as ConvolutionAttributes & {
    inputShape: number[];
  };
  const name = "DepthwiseConv2dNativeBackpropInput";
  const convolution = convolutionOf(name, inputShape, filter.shape, rest, true);
  const { inChannels, outChannels, outShape } = convolution.info;
  assertShape(name, dy, outShape);
  const many = outChannels / inChannels;
  const wide = heap.allocateZeros([sizeOf(inputShape), many]);
  try {
    walk(heap, printInput, convolution, heap.pointer(wide), heap.pointer(dy), heap.pointer(filter));
    if (many === 1) return { ...wide, shape: inputShape };
    const out = call(backend, "Sum", { x: wide }, { axis: [1], keepDims: false });
    heap.free(wide);
    return { ...out, shape: inputShape };
  } catch (error) {
    heap.free(wide);
    throw error;
  }
};

/** Walks over all places at which a pixel of the image meets one of dy. */
function walk(
  heap: Heap,
  print: (fused: boolean) => WasmModule,
  { info, window }: Convolution,
  images: number,
  dy: number,
  filter: number,
): void {
  const { rows, columns, outColumns, width, strideColumns } = window;
  heap.borrow(2 * columns, (ranges) => {
    // where the window's columns are in the image
    const table = Array.from({ length: columns }, (_, column) => {
      const offset = column * window.dilationColumns - window.left;
      const { first, count } = valid(offset, strideColumns, width, outColumns);
      return [first, count];
    });
    heap.integers(ranges, 2 * columns).set(table.flat());
    heap.run(
      print,
      ...[images, dy, filter, ranges, info.batchSize, window.height, width, info.outChannels],
      ...[rows, columns, window.strideRows, strideColumns, window.dilationRows],
      ...[window.dilationColumns, window.top, window.left, window.outRows, outColumns],
    );
  });
}

const printFilter = (fused: boolean): WasmModule => printWalk(fused, true);
const printInput = (fused: boolean): WasmModule => printWalk(fused, false);

function printWalk(fused: boolean, isFilter: boolean): WasmModule {
  const name = (index: number) => `v${index}`;
  /** Channels from "c" on, so many vectors (or one number) at a time. */
  const block = (vectors: number, lanes: number): Code => {
    const each = (code: (name: string, offset: number) => Code): Code =>
      Array.from(
        { length: vectors },
        (_, index) => code(`v${index}`, index * LANES * BYTES),
      );
    const size = vectors * lanes;
    const weights = add(get("w"), bytes(get("c")));
    const [p, q] = [get("p"), get("q")];
    return from("c", sub(get("channels"), int(size - 1)), [
      set("p", add(get("x"), bytes(get("c")))),
      set("q", add(get("y"), bytes(get("c")))),
      each((v, offset) => set(v, isFilter ? zeros : load(lanes, weights, offset))),
      count("o", get("count"), [
        each((v, offset) => {
          const [image, pixel] = [load(lanes, p, offset), load(lanes, q, offset)];
          return isFilter
            ? set(v, multiplyAdd(fused, image, pixel, get(v)))
            : store(lanes, p, multiplyAdd(fused, pixel, get(v), image), offset);
        }),
        advance("p", get("step")),
        advance("q", get("pixel")),
      ]),
      isFilter
        ? each((v, offset) =>
          store(lanes, weights, [load(lanes, weights, offset), get(v), ["f32x4.add"]], offset)
        )
        : [],
    ], size);
  };
  const tap: Code = [
    set("column", [add(get("ranges"), mul(get("j"), int(2 * BYTES))), ["i32.load", 0]]),
    set("count", [add(get("ranges"), mul(get("j"), int(2 * BYTES))), ["i32.load", BYTES]]),
    set("y", add(get("dyLine"), mul(get("column"), get("pixel")))),
    set("column", mul(get("column"), get("strideColumns"))),
    advance("column", mul(get("j"), get("dilationColumns"))),
    set("column", sub(get("column"), get("left"))),
    set("x", add(get("line"), mul(get("column"), get("pixel")))),
    set("w", mul(add(mul(get("i"), get("columns")), get("j")), get("pixel"))),
    advance("w", get("filter")),
    set("c", int(0)),
    block(4, LANES),
    block(1, LANES),
    block(1, 1),
  ];
  return functionOf(
    isFilter ? "depthwise_filter" : "depthwise_input",
    [
      ...["images", "dy", "filter", "ranges", "batch", "height", "width", "channels"],
      ...["rows", "columns", "strideRows", "strideColumns", "dilationRows"],
      ...["dilationColumns", "top", "left", "outRows", "outColumns"],
    ],
    [
      set("pixel", bytes(get("channels"))),
      set("step", mul(get("pixel"), get("strideColumns"))),
      set("dyLine", get("dy")),
      count("b", get("batch"), [
        count("outRow", get("outRows"), [
          set("row", sub(mul(get("outRow"), get("strideRows")), get("top"))),
          count("i", get("rows"), [
            when(within(get("row"), get("height")), [
              set("line", mul(mul(get("row"), get("width")), get("pixel"))),
              advance("line", get("images")),
              count("j", get("columns"), tap),
            ]),
            advance("row", get("dilationRows")),
          ]),
          advance("dyLine", mul(get("outColumns"), get("pixel"))),
        ]),
        advance("images", mul(mul(get("height"), get("width")), get("pixel"))),
      ]),
    ],
    [0, 1, 2, 3].map(name),
  );
}
