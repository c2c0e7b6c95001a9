import {
  backend_util,
  engine,
  type GradConfig,
  mul,
  type NamedAttrMap,
  reshape,
  sum,
  type Tensor,
  tensor,
} from "@tensorflow/tfjs-core";
import { sizeOf } from "./heap.ts";

/**
 * The gradient of tiling: the sum of the copies. tfjs cuts them out and adds them one after the other,
 * thousands of operations where a mean is spread over a row, as in layer normalization.
 */
export const tileGradient: GradConfig = {
  kernelName: "Tile",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attrs) => {
    const { reps } = attrs as unknown as { reps: number[] };
    return {
      x: () => {
        let gradient = dy as Tensor;
        const { shape } = x!;
        shape.forEach((_, axis) => {
          if (reps[axis] === 1) return;
          // the axes before it are back to their length
          const outer = sizeOf(shape.slice(0, axis));
          const inner = sizeOf(gradient.shape.slice(axis)) / reps[axis]!;
          const copies = reshape(gradient, [outer, reps[axis]!, inner]);
          const rest = shape.slice(axis + 1).map((length, at) => length * reps[axis + 1 + at]!);
          gradient = reshape(sum(copies, 1), [...shape.slice(0, axis + 1), ...rest]);
        });
        return gradient;
      },
    };
  },
};

interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/**
 * The gradient of means over windows. tfjs divides by all places of a window, also by those beside the
 * image, which its mean leaves out.
 */
export const avgPoolGradient: GradConfig = {
  kernelName: "AvgPool",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attrs) => ({
    x: () => {
      const { filterSize, strides, pad } = attrs as unknown as PoolAttributes;
      const info = backend_util.computePool2DInfo(
        x!.shape as [number, number, number, number],
        filterSize,
        strides,
        1,
        pad,
        (attrs as unknown as PoolAttributes).dimRoundingMode,
      );
      const { outHeight, outWidth, filterHeight, filterWidth } = info;
      const rows = places(
        outHeight,
        info.strideHeight,
        filterHeight,
        info.padInfo.top,
        info.inHeight,
      );
      const columns = places(
        outWidth,
        info.strideWidth,
        filterWidth,
        info.padInfo.left,
        info.inWidth,
      );
      const factors = rows.flatMap((row) =>
        columns.map((column) => filterHeight * filterWidth / (row * column))
      );
      const isWhole = factors.every((factor) => factor === 1);
      const shares = isWhole
        ? dy as Tensor
        : mul(dy as Tensor, tensor(factors, [1, outHeight, outWidth, 1], "float32"));
      return engine().runKernel("AvgPoolGrad", { dy: shares, input: x! }, {
        filterSize,
        strides,
        pad,
      } as unknown as NamedAttrMap) as Tensor;
    },
  }),
};

/** How many places of each window are in an image of so many. */
function places(
  windows: number,
  stride: number,
  length: number,
  before: number,
  size: number,
): number[] {
  return Array.from({ length: windows }, (_, window) => {
    const first = window * stride - before;
    return Math.max(1, Math.min(size, first + length) - Math.max(0, first));
  });
}
