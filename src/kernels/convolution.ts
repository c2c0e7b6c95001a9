import { backend_util, type KernelFunc, type TensorInfo } from "@tensorflow/tfjs-core";
import { gatherColumns, scatterColumns, type Window, windowSize } from "./columns.ts";
import { BYTES } from "./code.ts";
import { Heap, sizeOf } from "./heap.ts";
import { matrix, multiply, multiplyPacked, pack, packedSize, transposed } from "./product.ts";

/** Numbers of what windows see that are held at once: they stay in the second cache. */
const ROOM = 64 * 1024;
/** Places that are taken at once at least: that many terms of a sum, or rows of a product. */
const PLACES = 192;

/** What tfjs tells about a convolution. */
export interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | backend_util.ExplicitPadding;
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly dilations?: number | [number, number];
}

type Shape4D = [number, number, number, number];

/** A convolution's sizes. */
export interface Convolution {
  readonly info: backend_util.Conv2DInfo;
  readonly window: Window;
  /** Places of the window, in all images. */
  readonly places: number;
}

/**
 * The sizes of a convolution.
 *
 * @throws {Error} if channels come first: the wasm backend cannot convolve such images
 */
export function convolutionOf(
  kernel: string,
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, dilations = 1, pad, dimRoundingMode, dataFormat }: ConvolutionAttributes,
  isDepthwise = false,
): Convolution {
  const format = backend_util.convertConv2DDataFormat(dataFormat ?? "NHWC");
  if (format !== "channelsLast") {
    throw new Error(
      `wasm backend ${kernel} does not support dataFormat:'${format}'. ` +
        "Please use 'channelsLast'.",
    );
  }
  const info = backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    isDepthwise,
    format,
  );
  return {
    info,
    window: {
      height: info.inHeight,
      width: info.inWidth,
      channels: info.inChannels,
      rows: info.filterHeight,
      columns: info.filterWidth,
      strideRows: info.strideHeight,
      strideColumns: info.strideWidth,
      dilationRows: info.dilationHeight,
      dilationColumns: info.dilationWidth,
      top: info.padInfo.top,
      left: info.padInfo.left,
      outRows: info.outHeight,
      outColumns: info.outWidth,
    },
    places: info.batchSize * info.outHeight * info.outWidth,
  };
}

/**
 * Checks that a gradient has the shape of the result that it belongs to.
 *
 * @throws {Error} if it has not: it would be read beside its end
 */
export function assertShape(kernel: string, dy: TensorInfo, shape: readonly number[]): void {
  if (`${dy.shape}` === `${shape}`) return;
  throw new Error(`${kernel}: dy must have the shape [${shape}], got [${dy.shape}]`);
}

/** The gradient of a convolution with respect to its filter: what windows see, times dy. */
export const conv2DBackpropFilter: KernelFunc = ({ inputs, attrs, backend }) => {
  const heap = Heap.of(backend);
  const { x, dy } = inputs as Record<"x" | "dy", TensorInfo>;
  const { filterShape, ...rest } = attrs as unknown as ConvolutionAttributes & {
    filterShape: number[];
  };
  // tfjs has no gradient of a dilated convolution
  const convolution = convolutionOf("Conv2DBackpropFilter", x.shape, filterShape, {
    ...rest,
    dilations: 1,
  });
  assertShape("Conv2DBackpropFilter", dy, convolution.info.outShape);
  const pointers = { x: heap.pointer(x), dy: heap.pointer(dy) };
  const out = heap.allocateZeros(filterShape);
  try {
    addFilterGradient(heap, convolution, pointers.x, pointers.dy, heap.pointer(out));
    if (hasPadding(convolution.window) && !isFinite(heap, out)) {
      filterGradientByTaps(heap, convolution, pointers.x, pointers.dy, out);
    }
  } catch (error) {
    heap.free(out);
    throw error;
  }
  return out;
};

/** The gradient of a convolution with respect to its input: dy times the filter, put where it was seen. */
export const conv2DBackpropInput: KernelFunc = ({ inputs, attrs, backend }) => {
  const heap = Heap.of(backend);
  const { dy, filter } = inputs as Record<"dy" | "filter", TensorInfo>;
  const { inputShape, ...rest } = attrs as unknown as ConvolutionAttributes & {
    inputShape: number[];
  };
  const attributes = { ...rest, dilations: 1 };
  const convolution = convolutionOf("Conv2DBackpropInput", inputShape, filter.shape, attributes);
  assertShape("Conv2DBackpropInput", dy, convolution.info.outShape);
  const from = { dy: heap.pointer(dy), filter: heap.pointer(filter) };
  const out = heap.allocateZeros(inputShape);
  try {
    addInputGradient(heap, convolution, from.dy, from.filter, heap.pointer(out));
  } catch (error) {
    heap.free(out);
    throw error;
  }
  return out;
};

/** A convolution. Few channels are left to tfjs, which is faster there. */
export const conv2D = (plain: KernelFunc): KernelFunc => (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { x, filter } = inputs as Record<"x" | "filter", TensorInfo>;
  const attributes = attrs as unknown as ConvolutionAttributes;
  if (!hasChannels(filter, attributes)) return plain(parameters);
  return convolve(Heap.of(backend), "Conv2D", { x, filter }, attributes);
};

/** A convolution, a row added, without an activation: as in training. */
export const fusedConv2D = (plain: KernelFunc): KernelFunc => (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { x, filter, bias } = inputs as Record<"x" | "filter", TensorInfo> & { bias?: TensorInfo };
  const attributes = attrs as unknown as ConvolutionAttributes & { activation?: string };
  const isOurs = attributes.activation === "linear" && hasChannels(filter, attributes) &&
    (bias === undefined || bias === null ||
      bias.dtype === "float32" && `${bias.shape}` === `${filter.shape[3]}`);
  if (!isOurs) return plain(parameters);
  const operands = { x, filter, ...bias ? { bias } : {} };
  return convolve(Heap.of(backend), "FusedConv2D", operands, attributes);
};

function hasChannels({ shape }: TensorInfo, { dataFormat }: ConvolutionAttributes): boolean {
  const [, , inputs = 0, outputs = 0] = shape;
  return dataFormat !== "NCHW" && inputs >= 4 && outputs >= 8;
}

/** What windows see, times the filter, and a row that is added. */
function convolve(
  heap: Heap,
  kernel: string,
  { x, filter, bias }: { x: TensorInfo; filter: TensorInfo; bias?: TensorInfo },
  attributes: ConvolutionAttributes,
): TensorInfo {
  const { info, window, places } = convolutionOf(kernel, x.shape, filter.shape, attributes);
  const { outShape, outChannels } = info;
  const seen = windowSize(window);
  const from = { x: heap.pointer(x), filter: heap.pointer(filter) };
  const options = bias === undefined ? {} : { bias: heap.pointer(bias) };
  const out = heap.allocate(outShape);
  try {
    const to = heap.pointer(out);
    const right = matrix(from.filter, outChannels);
    if (isPlain(window)) {
      const size = [places, seen, outChannels] as const;
      multiply(heap, size, matrix(from.x, seen), right, matrix(to, outChannels), options);
    } else {
      heap.borrow(packedSize(seen, outChannels), (room) => {
        const packed = pack(heap, right, seen, outChannels, room);
        inChunks(heap, places, seen, (first, count, columns) => {
          gatherColumns(heap, window, from.x, [first, count], columns);
          const pixels = matrix(to + BYTES * first * outChannels, outChannels);
          multiplyPacked(heap, count, matrix(columns, seen), packed, pixels, options);
        });
      });
    }
  } catch (error) {
    heap.free(out);
    throw error;
  }
  return out;
}

/** Adds the gradient of a filter to what is there. */
export function addFilterGradient(
  heap: Heap,
  { window, places, info: { outChannels } }: Convolution,
  x: number,
  dy: number,
  to: number,
): void {
  const seen = windowSize(window);
  const add = (count: number, columns: number, from: number) => {
    const size = [seen, count, outChannels] as const;
    const right = matrix(from, outChannels);
    const options = { accumulate: true };
    multiply(
      heap,
      size,
      transposed(matrix(columns, seen)),
      right,
      matrix(to, outChannels),
      options,
    );
  };
  if (isPlain(window)) return add(places, x, dy);
  inChunks(heap, places, seen, (first, count, columns) => {
    gatherColumns(heap, window, x, [first, count], columns);
    add(count, columns, dy + BYTES * first * outChannels);
  });
}

/** Adds the gradient of images to what is there. */
export function addInputGradient(
  heap: Heap,
  { info: { outChannels }, window, places }: Convolution,
  dy: number,
  filter: number,
  to: number,
): void {
  const seen = windowSize(window);
  const upright = transposed(matrix(filter, outChannels));
  if (isPlain(window)) {
    const size = [places, outChannels, seen] as const;
    const options = { accumulate: true };
    return multiply(heap, size, matrix(dy, outChannels), upright, matrix(to, seen), options);
  }
  heap.borrow(packedSize(outChannels, seen), (room) => {
    const packed = pack(heap, upright, outChannels, seen, room);
    inChunks(heap, places, seen, (first, count, columns) => {
      const left = matrix(dy + BYTES * first * outChannels, outChannels);
      multiplyPacked(heap, count, left, packed, matrix(columns, seen));
      scatterColumns(heap, window, to, [first, count], columns);
    });
  });
}

/**
 * The filter's gradient, one place of the filter after the other, of those pixels alone whose window
 * is in the image there: beside the image, nothing is multiplied, so that what is not finite in dy
 * does not come in through a product with zero.
 */
function filterGradientByTaps(
  heap: Heap,
  { info, window }: Convolution,
  x: number,
  dy: number,
  out: TensorInfo,
): void {
  const { batchSize, inChannels, outChannels, outHeight, outWidth } = info;
  const tapSize = BYTES * inChannels * outChannels;
  heap.numbers(out).fill(0);
  const to = heap.pointer(out);
  for (let row = 0; row < window.rows; row++) {
    const rows = valid(row - window.top, window.strideRows, window.height, outHeight);
    for (let column = 0; column < window.columns; column++) {
      const columns = valid(column - window.left, window.strideColumns, window.width, outWidth);
      const places = batchSize * rows.count * columns.count;
      if (places === 0) continue;
      const tap = { rows: 1, columns: 1, outRows: rows.count, outColumns: columns.count };
      const seen: Window = {
        ...window,
        ...tap,
        top: -(row - window.top + rows.first * window.strideRows),
        left: -(column - window.left + columns.first * window.strideColumns),
      };
      const pixels: Window = {
        ...window,
        ...tap,
        height: outHeight,
        width: outWidth,
        channels: outChannels,
        strideRows: 1,
        strideColumns: 1,
        top: -rows.first,
        left: -columns.first,
      };
      heap.borrow(places * (inChannels + outChannels), (left) => {
        const right = left + BYTES * places * inChannels;
        gatherColumns(heap, seen, x, [0, places], left);
        gatherColumns(heap, pixels, dy, [0, places], right);
        multiply(
          heap,
          [inChannels, places, outChannels],
          transposed(matrix(left, inChannels)),
          matrix(right, outChannels),
          matrix(to + (row * window.columns + column) * tapSize, outChannels),
        );
      });
    }
  }
}

/** The places at which `offset + place * stride` is in [0, length). */
export function valid(offset: number, stride: number, length: number, places: number) {
  const first = Math.max(0, Math.ceil(-offset / stride));
  const end = Math.min(places, Math.ceil((length - offset) / stride));
  return { first, count: Math.max(0, end - first) };
}

/** Takes the places some at a time, with room for what the windows see there. */
function inChunks(
  heap: Heap,
  places: number,
  seen: number,
  take: (first: number, count: number, columns: number) => void,
): void {
  const chunk = Math.min(places, Math.max(PLACES, Math.floor(ROOM / Math.max(1, seen) / 12) * 12));
  heap.borrow(chunk * seen, (columns) => {
    for (let first = 0; first < places; first += chunk) {
      take(first, Math.min(chunk, places - first), columns);
    }
  });
}

/** Whether the window sees each pixel once, and it alone. */
function isPlain(window: Window): boolean {
  return window.rows === 1 && window.columns === 1 && window.strideRows === 1 &&
    window.strideColumns === 1 && !hasPadding(window);
}

function hasPadding({ top, left, height, width, outRows, outColumns, ...window }: Window): boolean {
  const bottom = (outRows - 1) * window.strideRows + (window.rows - 1) * window.dilationRows - top;
  const right = (outColumns - 1) * window.strideColumns +
    (window.columns - 1) * window.dilationColumns - left;
  return top > 0 || left > 0 || bottom >= height || right >= width;
}

function isFinite(heap: Heap, tensor: TensorInfo): boolean {
  return sizeOf(tensor.shape) === 0 || heap.numbers(tensor).every(Number.isFinite);
}
