import { backend_util, type KernelFunc, type TensorInfo } from "@tensorflow/tfjs-core";
import type { WasmModule } from "../expr/wasm_instructions.ts";
import {
  add,
  advance,
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
  splat,
  store,
  sub,
  when,
  within,
} from "./code.ts";
import { assertShape } from "./convolution.ts";
import { Heap } from "./heap.ts";

interface Attributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Where dy goes that came from the greatest number of a window: to the first one, if there are more. */
export const maxPoolGrad: KernelFunc = ({ inputs, attrs, backend }) => {
  const { dy, input } = inputs as Record<"dy" | "input", TensorInfo>;
  return walk(Heap.of(backend), printMax, dy, input, attrs as unknown as Attributes);
};

/** Where dy goes that came from the mean of a window: in equal parts to all of its places. */
export const avgPoolGrad: KernelFunc = ({ inputs, attrs, backend }) => {
  const { dy, input } = inputs as Record<"dy" | "input", TensorInfo>;
  return walk(Heap.of(backend), printMean, dy, input, attrs as unknown as Attributes);
};

function walk(
  heap: Heap,
  print: () => WasmModule,
  dy: TensorInfo,
  x: TensorInfo,
  { filterSize, strides, pad, dimRoundingMode }: Attributes,
): TensorInfo {
  const info = backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  assertShape("The gradient of a pool", dy, info.outShape);
  const from = [heap.pointer(x), heap.pointer(dy)];
  const out = heap.allocateZeros(x.shape);
  try {
    heap.borrow(1, (share) => {
      heap.floats(share, 1)[0] = 1 / (info.filterHeight * info.filterWidth);
      heap.run(
        print,
        ...[...from, heap.pointer(out), share, info.batchSize, info.inHeight, info.inWidth],
        ...[info.inChannels, info.filterHeight, info.filterWidth, info.strideHeight],
        ...[info.strideWidth, info.padInfo.top, info.padInfo.left, info.outHeight, info.outWidth],
      );
    });
  } catch (error) {
    heap.free(out);
    throw error;
  }
  return out;
}

const printMax = (): WasmModule => printWalk(true);
const printMean = (): WasmModule => printWalk(false);

function printWalk(isMax: boolean): WasmModule {
  /** Runs the code at each place of the window that is in the image, "offset" bytes from its start. */
  const eachPlace = (code: Code): Code => [
    set("place", int(0)),
    set("row", get("top0")),
    count("i", get("rows"), [
      when(within(get("row"), get("height")), [
        set("column", get("left0")),
        count("j", get("columns"), [
          when(within(get("column"), get("width")), [
            set("offset", mul(add(mul(get("row"), get("width")), get("column")), get("pixel"))),
            advance("offset", bytes(get("c"))),
            code,
          ]),
          advance("place", int(1)),
          advance("column", int(1)),
        ]),
      ], advance("place", get("columns"))),
      advance("row", int(1)),
    ]),
  ];
  const at = (image: string): Code => add(get(image), get("offset"));
  const places: Code = [get("place"), ["i32x4.splat"]];
  const block = (lanes: number): Code =>
    from("c", sub(get("channels"), int(lanes - 1)), [
      set("d", load(lanes, add(get("dy"), bytes(get("c"))))),
      isMax
        ? [
          set("greatest", [["f32.const", -Infinity], ["f32x4.splat"]]),
          set("where", [int(-1), ["i32x4.splat"]]),
          eachPlace([
            set("value", load(lanes, at("x"))),
            set("isGreater", [get("greatest"), get("value"), ["f32x4.lt"]]),
            set("greatest", [get("value"), get("greatest"), get("isGreater"), ["v128.bitselect"]]),
            set("where", [places, get("where"), get("isGreater"), ["v128.bitselect"]]),
          ]),
        ]
        : set("d", [get("d"), splat(get("share")), ["f32x4.mul"]]),
      eachPlace(store(lanes, at("to"), [
        load(lanes, at("to")),
        isMax ? [get("d"), [places, get("where"), ["i32x4.eq"]], ["v128.and"]] : get("d"),
        ["f32x4.add"],
      ])),
    ], lanes);
  return functionOf(
    isMax ? "max_pool" : "mean_pool",
    [
      ...["x", "dy", "to", "share", "batch", "height", "width", "channels"],
      ...["rows", "columns", "strideRows", "strideColumns", "top", "left", "outRows", "outColumns"],
    ],
    [
      set("pixel", bytes(get("channels"))),
      count("b", get("batch"), [
        count("outRow", get("outRows"), [
          set("top0", sub(mul(get("outRow"), get("strideRows")), get("top"))),
          count("outColumn", get("outColumns"), [
            set("left0", sub(mul(get("outColumn"), get("strideColumns")), get("left"))),
            set("c", int(0)),
            block(LANES),
            block(1),
            advance("dy", get("pixel")),
          ]),
        ]),
        set("size", mul(mul(get("height"), get("width")), get("pixel"))),
        advance("x", get("size")),
        advance("to", get("size")),
      ]),
    ],
    isMax ? ["d", "greatest", "where", "value", "isGreater"] : ["d"],
  );
}
