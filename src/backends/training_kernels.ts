import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-layers";

/**
 * The tfjs kernels that training a model calls: one forward and backward pass over a batch of two
 * zeros is run on the current backend, and its kernels are written down.
 */
export async function trainingKernels(model: LayersModel): Promise<string[]> {
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { kernelNames, result } = await tf.profile(() => {
    tf.tidy(() => {
      const inputs = model.inputs.map(zeros);
      const loss = () => {
        const outputs = model.apply(inputs, { training: true }) as tf.Tensor | tf.Tensor[];
        return tf.addN([outputs].flat().map((output) => tf.mean(tf.square(output)))) as tf.Scalar;
      };
      if (variables.length > 0) tf.variableGrads(loss, variables);
      else loss();
    });
    return tf.scalar(0); // profile wants a tensor
  });
  tf.dispose(result);
  // Operations made of others have a name too, such as "fusedMatMul__op": they are no kernels.
  return [...new Set(kernelNames)].filter((name) => !name.endsWith("__op")).sort();
}

function zeros({ shape, dtype }: SymbolicTensor): tf.Tensor {
  return tf.zeros(shape.map((length) => length ?? 2), dtype);
}

/** Those of the kernels that a backend does not have. */
export function missingKernels(kernels: readonly string[], backend: string): string[] {
  return kernels.filter((kernel) => tf.getKernel(kernel, backend) === undefined);
}
