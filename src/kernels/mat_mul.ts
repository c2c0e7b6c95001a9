import { backend_util, type KernelFunc, type TensorInfo } from "@tensorflow/tfjs-core";
import { BYTES } from "./code.ts";
import { call, Heap, sizeOf } from "./heap.ts";
import { matrix, multiplyPacked, pack, packedSize, transposed } from "./product.ts";

/** Fewer rows are left to the backend, whose product does not copy the right matrix first. */
const FEW = 6;

interface Attributes {
  readonly transposeA?: boolean | undefined;
  readonly transposeB?: boolean | undefined;
}

/** Products of matrices, with transposed operands too, batches broadcast. */
export const batchMatMul = (plain: KernelFunc): KernelFunc => (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { a, b } = inputs as Record<"a" | "b", TensorInfo>;
  const attributes = attrs as Attributes;
  if (isTheirs(a, b, attributes)) return plain(parameters);
  return product(Heap.of(backend), a, b, attributes);
};

/** The same with a row added, and an activation. */
export const fusedMatMul = (plain: KernelFunc): KernelFunc => (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { a, b, bias } = inputs as Record<"a" | "b", TensorInfo> & { bias?: TensorInfo };
  const { transposeA, transposeB, activation } = attrs as Attributes & { activation?: string };
  const isOne = bias === undefined || bias === null ||
    bias.shape.length === 1 && bias.dtype === "float32";
  if (!isOne || isTheirs(a, b, { transposeA, transposeB })) return plain(parameters);
  if (activation === "linear") {
    return product(Heap.of(backend), a, b, { transposeA, transposeB }, bias ?? undefined);
  }
  if (!transposeA && !transposeB) return plain(parameters);
  // an activation after a product with a transposed operand: the backend's, transposed before
  const made: TensorInfo[] = [];
  const upright = (x: TensorInfo, isTransposed?: boolean): TensorInfo => {
    if (!isTransposed) return x;
    const axes = x.shape.map((_, axis) => axis);
    const perm = [...axes.slice(0, -2), axes.length - 1, axes.length - 2];
    made.push(call(backend, "Transpose", { x }, { perm }));
    return made.at(-1)!;
  };
  try {
    return plain({
      ...parameters,
      inputs: { ...inputs, a: upright(a, transposeA), b: upright(b, transposeB) },
      attrs: { ...attrs, transposeA: false, transposeB: false },
    });
  } finally {
    Heap.of(backend).free(...made);
  }
};

/** What the backend refuses, or does as fast. */
function isTheirs(a: TensorInfo, b: TensorInfo, { transposeA, transposeB }: Attributes): boolean {
  if (a.dtype !== "float32" || b.dtype !== "float32") return true;
  if (a.shape.length < 2 || b.shape.length < 2) return true;
  return !transposeA && !transposeB && a.shape.at(-2)! < FEW &&
    `${a.shape.slice(0, -2)}` === `${b.shape.slice(0, -2)}`;
}

function product(
  heap: Heap,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: Attributes,
  bias?: TensorInfo,
): TensorInfo {
  const [aBatch, bBatch] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const [rows, depth] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [terms, columns] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (depth !== terms) {
    throw new Error(
      `Error in matMul: inner shapes (${depth}) and (${terms}) of Tensors with shapes ${a.shape} ` +
        `and ${b.shape} and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
    );
  }
  const batch = backend_util.assertAndGetBroadcastShape(aBatch, bBatch);
  const from = { a: heap.pointer(a), b: heap.pointer(b) };
  const options = bias === undefined ? {} : { bias: heap.pointer(bias) };
  const out = heap.allocate([...batch, rows, columns]);
  try {
    const to = heap.pointer(out);
    // one right matrix for all: the left ones are one matrix of many rows
    const isOne = sizeOf(bBatch) === 1 && !transposeA;
    const height = isOne ? sizeOf(batch) * rows : rows;
    const many = isOne ? 1 : sizeOf(batch);
    const place = { a: placeOf(batch, aBatch), b: placeOf(batch, bBatch) };
    heap.borrow(packedSize(depth, columns), (room) => {
      for (let index = 0; index < many; index++) {
        const left = matrix(from.a + BYTES * place.a(index) * aRows * aColumns, aColumns);
        const right = matrix(from.b + BYTES * place.b(index) * bRows * bColumns, bColumns);
        const upright = transposeB ? transposed(right) : right;
        multiplyPacked(
          heap,
          height,
          transposeA ? transposed(left) : left,
          pack(heap, upright, depth, columns, room),
          matrix(to + BYTES * index * rows * columns, columns),
          options,
        );
      }
    });
  } catch (error) {
    heap.free(out);
    throw error;
  }
  return out;
}

/** Where the matrix of a batch stands among those of an operand, whose lengths of one are repeated. */
function placeOf(batch: readonly number[], own: readonly number[]): (index: number) => number {
  if (`${batch}` === `${own}`) return (index) => index;
  return (index) => {
    let [place, stride, rest] = [0, 1, index];
    for (let back = 1; back <= batch.length; back++) {
      const length = batch.at(-back)!;
      const ownLength = own.at(-back) ?? 1;
      if (ownLength > 1) place += stride * (rest % length);
      stride *= ownLength;
      rest = Math.floor(rest / length);
    }
    return place;
  };
}
