import {
  backend_util,
  broadcastTo,
  einsum as einsumOf,
  type GradConfig,
  type KernelFunc,
  reshape,
  type Tensor,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { call, Heap, sizeOf } from "./heap.ts";

/** An equation's subscripts: "ab,bc->ac" has the inputs ab and bc. */
function subscriptsOf(equation: string): { inputs: string[]; output: string } {
  const [inputs, output] = equation.replace(/\s/g, "").split("->") as [string, string];
  return { inputs: inputs.split(","), output };
}

/** A tensor with a letter for each of its axes. */
interface Term {
  readonly tensor: TensorInfo;
  readonly letters: string;
}

/** Sums of products over named axes: one matrix product where there is something to sum. */
export const einsum: KernelFunc = ({ inputs, attrs, backend }) => {
  const { equation } = attrs as { equation: string };
  const tensors = Object.values(inputs) as TensorInfo[];
  const { allDims, idDims } = backend_util.decodeEinsumEquation(equation, tensors.length);
  backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as Tensor[]);
  const subscripts = subscriptsOf(equation);
  const { output } = subscripts;
  const length = new Map<string, number>();
  const terms = tensors.map((tensor, index): Term => {
    const letters = subscripts.inputs[index]!;
    [...letters].forEach((letter, axis) => length.set(letter, tensor.shape[axis]!));
    return { tensor, letters };
  });
  const shapeOf = (letters: string) => [...letters].map((letter) => length.get(letter)!);
  const size = (letters: string) => sizeOf(shapeOf(letters));

  const made: TensorInfo[] = [];
  const make = (name: string, inputs: Record<string, TensorInfo>, attrs = {}): TensorInfo => {
    made.push(call(backend, name, inputs, attrs));
    return made.at(-1)!;
  };
  /** With its axes in another order. */
  const ordered = ({ tensor, letters }: Term, order: string): Term => {
    if (order === letters) return { tensor, letters };
    const perm = [...order].map((letter) => letters.indexOf(letter));
    return { tensor: make("Transpose", { x: tensor }, { perm }), letters: order };
  };
  /** Summed over the axes that are not to be kept. */
  const kept = ({ tensor, letters }: Term, keep: string): Term => {
    const left = [...letters].filter((letter) => keep.includes(letter)).join("");
    if (left === letters) return { tensor, letters };
    const axis = [...letters].flatMap((letter, at) => keep.includes(letter) ? [] : [at]);
    return { tensor: make("Sum", { x: tensor }, { axis, keepDims: false }), letters: left };
  };
  const both = (a: string, b: string) => [...a].filter((letter) => b.includes(letter)).join("");
  const alone = (a: string, b: string) => [...a].filter((letter) => !b.includes(letter)).join("");
  const result = (): Term => {
    if (terms.length === 1) return kept(terms[0]!, output);
    const [a, b] = [
      kept(terms[0]!, output + terms[1]!.letters),
      kept(terms[1]!, output + terms[0]!.letters),
    ] as const;
    const shared = both(a.letters, b.letters);
    const [batch, summed] = [both(shared, output), alone(shared, output)];
    const [rows, columns] = [alone(a.letters, shared), alone(b.letters, shared)];
    const isProduct = summed !== "" && size(rows) * size(columns) > 1 &&
      a.tensor.dtype === "float32" && b.tensor.dtype === "float32";
    if (!isProduct) {
      const order = batch + rows + columns + summed;
      const spread = (term: Term) => {
        const { tensor, letters } = ordered(term, both(order, term.letters));
        const shape = [...order].map((letter) =>
          letters.includes(letter) ? length.get(letter)! : 1
        );
        return { ...tensor, shape };
      };
      const tensor = make("Multiply", { a: spread(a), b: spread(b) });
      return kept({ tensor, letters: order }, output);
    }
    // [batch, rows, summed] times [batch, summed, columns]; either may stand the other way round
    const transposeA = a.letters === batch + summed + rows;
    const transposeB = b.letters === batch + columns + summed;
    const left = transposeA ? a.tensor : ordered(a, batch + rows + summed).tensor;
    const right = transposeB ? b.tensor : ordered(b, batch + summed + columns).tensor;
    const [n, m, k, p] = [size(batch), size(rows), size(summed), size(columns)];
    const product = make("BatchMatMul", {
      a: { ...left, shape: transposeA ? [n, k, m] : [n, m, k] },
      b: { ...right, shape: transposeB ? [n, p, k] : [n, k, p] },
    }, { transposeA, transposeB });
    const letters = batch + rows + columns;
    return { tensor: { ...product, shape: shapeOf(letters) }, letters };
  };
  try {
    let { tensor } = ordered(result(), output);
    if (!made.some(({ dataId }) => dataId === tensor.dataId)) {
      tensor = make("Identity", { x: tensor }); // nothing was to be done
    }
    made.splice(made.findIndex(({ dataId }) => dataId === tensor.dataId), 1);
    return tensor;
  } finally {
    Heap.of(backend).free(...made);
  }
};

/** The gradient that tfjs does not have: each operand's is an einsum of dy and the other one. */
export const einsumGradient: GradConfig = {
  kernelName: "Einsum",
  saveAllInputs: true,
  gradFunc: (dy, saved, attrs) => {
    const { inputs, output } = subscriptsOf((attrs as unknown as { equation: string }).equation);
    const gradient = (index: number) => (): Tensor => {
      const own = inputs[index]!;
      const others = inputs.filter((_, at) => at !== index);
      const { shape } = saved[index]!;
      const known = [output, ...others].join("");
      const reached = [...own].filter((letter) => known.includes(letter)).join("");
      const operands = [dy as Tensor, ...saved.filter((_, at) => at !== index)];
      const sum = einsumOf(`${[output, ...others]}->${reached}`, ...operands);
      if (reached === own) return sum;
      // axes that were only summed over: every number of them has the same gradient
      const spread = shape.map((length, axis) => reached.includes(own[axis]!) ? length : 1);
      return broadcastTo(reshape(sum, spread), shape);
    };
    return Object.fromEntries(saved.map((_, index) => [index, gradient(index)]));
  },
};
