import { backend_util, type KernelFunc, type TensorInfo } from "@tensorflow/tfjs-core";
import { BYTES } from "./code.ts";
import {
  addFilterGradient,
  addInputGradient,
  assertShape,
  type Convolution,
  convolutionOf,
} from "./convolution.ts";
import { Heap, sizeOf } from "./heap.ts";

type Shape5D = [number, number, number, number, number];

interface Attributes {
  readonly strides: number | [number, number, number];
  readonly pad: "valid" | "same";
}

/** The gradient of a convolution of volumes with respect to its filter. */
export const conv3DBackpropFilterV2: KernelFunc = ({ inputs, attrs, backend }) => {
  const { x, dy } = inputs as Record<"x" | "dy", TensorInfo>;
  const { filterShape, ...rest } = attrs as unknown as Attributes & { filterShape: number[] };
  const heap = Heap.of(backend);
  const from = { x: heap.pointer(x), dy: heap.pointer(dy) };
  return slices(heap, x.shape, filterShape, dy, rest, filterShape, (convolution, at, to) => {
    addFilterGradient(heap, convolution, from.x + at.x, from.dy + at.dy, to + at.filter);
  });
};

/** The gradient of a convolution of volumes with respect to its input: tfjs's is wrong on wasm. */
export const conv3DBackpropInputV2: KernelFunc = ({ inputs, attrs, backend }) => {
  const { dy, filter } = inputs as Record<"dy" | "filter", TensorInfo>;
  const { inputShape, ...rest } = attrs as unknown as Attributes & { inputShape: number[] };
  const heap = Heap.of(backend);
  const from = { dy: heap.pointer(dy), filter: heap.pointer(filter) };
  return slices(heap, inputShape, filter.shape, dy, rest, inputShape, (convolution, at, to) => {
    addInputGradient(heap, convolution, from.dy + at.dy, from.filter + at.filter, to + at.x);
  });
};

/** A convolution of volumes is a sum of convolutions of their slices: goes through all pairs of them. */
function slices(
  heap: Heap,
  inputShape: readonly number[],
  filterShape: readonly number[],
  dy: TensorInfo,
  { strides, pad }: Attributes,
  outShape: readonly number[],
  take: (
    convolution: Convolution,
    at: Readonly<Record<"x" | "dy" | "filter", number>>,
    to: number,
  ) => void,
): TensorInfo {
  const info = backend_util.computeConv3DInfo(
    inputShape as Shape5D,
    filterShape as Shape5D,
    strides,
    1,
    pad,
  );
  assertShape("Conv3D", dy, info.outShape);
  const { padInfo, strideDepth, strideHeight, strideWidth } = info;
  const convolution = convolutionOf(
    "Conv3D",
    [1, ...inputShape.slice(2)],
    filterShape.slice(1),
    {
      strides: [strideHeight, strideWidth],
      pad: [[0, 0], [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right], [0, 0]],
    },
  );
  const size = {
    x: BYTES * sizeOf(inputShape.slice(2)),
    filter: BYTES * sizeOf(filterShape.slice(1)),
    dy: BYTES * sizeOf(info.outShape.slice(2)),
  };
  const out = heap.allocateZeros(outShape);
  try {
    const to = heap.pointer(out);
    for (let image = 0; image < info.batchSize; image++) {
      for (let slice = 0; slice < info.outDepth; slice++) {
        for (let place = 0; place < info.filterDepth; place++) {
          const depth = slice * strideDepth + place - padInfo.front;
          if (depth < 0 || depth >= info.inDepth) continue;
          take(convolution, {
            x: size.x * (image * info.inDepth + depth),
            filter: size.filter * place,
            dy: size.dy * (image * info.outDepth + slice),
          }, to);
        }
      }
    }
  } catch (error) {
    heap.free(out);
    throw error;
  }
  return out;
}
