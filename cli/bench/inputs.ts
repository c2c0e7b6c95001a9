import * as tf from "@tensorflow/tfjs-core";
import { randomStream } from "@signalfit/tfjs/parts";
import type { Workload } from "./workloads.ts";

/** The numbers that all contestants start from; they are shared and must not be written to. */
export interface Inputs {
  readonly workload: Workload;
  readonly params: readonly Float32Array[];
  /** Gradients of two steps, which take turns: with one only, the filter's innovation would vanish. */
  readonly gradients: readonly Gradients[];
  dispose(): void;
}

/** The gradients of a step, tensor by tensor. */
export interface Gradients {
  readonly values: readonly Float32Array[];
  readonly tensors: readonly tf.Tensor[];
}

/** Standard normal numbers for a workload, the same in every run. Tensors are of the current backend. */
export function createInputs(workload: Workload): Inputs {
  const gradients = [2, 3].map((seed) => {
    const values = numbers(workload, seed);
    const tensors = values.map((array, index) =>
      tf.tensor(array, [...workload.shapes[index]!], "float32")
    );
    return { values, tensors };
  });
  return {
    workload,
    params: numbers(workload, 1),
    gradients,
    dispose: () => gradients.forEach(({ tensors }) => tf.dispose([...tensors])),
  };
}

/** Length of the noise that is repeated; a prime, so that no tensor ends with it. */
const PERIOD = 65537;

function numbers({ shapes }: Workload, seed: number): Float32Array[] {
  const noise = randomStream(seed, 0, 0).normals(PERIOD);
  let at = 0;
  return shapes.map((shape) => {
    const array = new Float32Array(shape.reduce((size, length) => size * length, 1));
    for (let i = 0; i < array.length; i++) array[i] = noise[at++ % PERIOD]!;
    return array;
  });
}
