import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import type { CpuBackend } from "./cpu.ts";
import { Heap, sizeOf } from "./heap.ts";

interface Attributes {
  readonly alignCorners: boolean;
}

/** The gradient of enlarging images by repeating pixels, on wasm. */
export const resizeNearestNeighborGrad: KernelFunc = ({ inputs, attrs, backend }) => {
  const { images, dy } = inputs as Record<"images" | "dy", TensorInfo>;
  const heap = Heap.of(backend);
  heap.pointer(images); // brings them here
  heap.pointer(dy);
  const out = heap.allocateZeros(images.shape);
  const { alignCorners } = attrs as unknown as Attributes;
  gather(heap.numbers(dy), dy.shape, heap.numbers(out), images.shape, alignCorners);
  return out;
};

/** The same on cpu, where tfjs takes dy from the wrong image for all but the first one. */
export const resizeNearestNeighborGradOnCpu: KernelFunc = ({ inputs, attrs, backend }) => {
  const { images, dy } = inputs as Record<"images" | "dy", TensorInfo>;
  const cpu = backend as CpuBackend;
  const out = new Float32Array(sizeOf(images.shape));
  const { alignCorners } = attrs as unknown as Attributes;
  gather(cpu.data.get(dy.dataId).values, dy.shape, out, images.shape, alignCorners);
  return cpu.makeTensorInfo(images.shape, "float32", out);
};

/** Adds each pixel of dy to the one that it was a copy of. */
function gather(
  dy: ArrayLike<number>,
  [batch = 0, height = 0, width = 0, channels = 0]: readonly number[],
  to: Float32Array | Int32Array,
  [, rows = 0, columns = 0]: readonly number[],
  alignCorners: boolean,
): void {
  const row = sources(height, rows, alignCorners), column = sources(width, columns, alignCorners);
  let from = 0;
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < height; y++) {
      const line = (image * rows + row[y]!) * columns;
      for (let x = 0; x < width; x++) {
        const pixel = (line + column[x]!) * channels;
        for (let channel = 0; channel < channels; channel++) to[pixel + channel]! += dy[from++]!;
      }
    }
  }
}

/** Where each of so many pixels comes from, as tfjs enlarges images. */
function sources(many: number, own: number, alignCorners: boolean): Int32Array {
  const isAligned = alignCorners && many > 1;
  const scale = isAligned ? (own - 1) / (many - 1) : own / many;
  const round = alignCorners ? Math.round : Math.floor;
  return Int32Array.from({ length: many }, (_, at) => Math.min(own - 1, round(at * scale)));
}

/** The gradient of enlarging images smoothly on cpu, where tfjs takes their height for their width. */
export const resizeBilinearGradOnCpu = (theirs: KernelFunc): KernelFunc => (parameters) => ({
  ...theirs(parameters) as TensorInfo,
  shape: (parameters.inputs as Record<"images", TensorInfo>).images.shape,
});
