import * as tf from "@tensorflow/tfjs-core";
import { normal } from "../../support/random.ts";

/** Variables and gradients shaped like a network's: matrices of falling size, each with a bias. */
export interface Network {
  readonly variables: tf.Variable[];
  readonly gradients: Record<string, tf.Tensor>;
  readonly elements: number;
  dispose(): void;
}

/** A network of `layers` matrices and biases, all smaller than what is bound directly. */
export function network(layers: number, width = 16): Network {
  const next = normal(5);
  const shapes = Array.from({ length: layers }, (_, i) => [[width + i, width], [width + i]]).flat();
  const random = (shape: number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return tf.tensor(Float32Array.from({ length: size }, next), shape);
  };
  const variables = shapes.map((shape, i) =>
    tf.tidy(() => tf.variable(random(shape), true, `net/${i}`))
  );
  const gradients = Object.fromEntries(variables.map(({ name, shape }) => [name, random(shape)]));
  return {
    variables,
    gradients,
    elements: variables.reduce((sum, { size }) => sum + size, 0),
    dispose: () => tf.dispose([variables, gradients]),
  };
}

/** All values of tensors. */
export function numbers(tensors: readonly tf.Tensor[]): Promise<number[][]> {
  return Promise.all(tensors.map(async (tensor) => [...await tensor.data()]));
}
