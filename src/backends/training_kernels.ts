import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-layers";
import { isOnlyOnDevice } from "../engines/webgpu/backend.ts";

/**
 * The tfjs kernels that training a model calls: one forward and backward pass over a batch of two
 * zeros is run on the current backend, and its kernels are written down. The model stays as it is.
 */
export async function trainingKernels(model: LayersModel): Promise<string[]> {
  const { kernelNames, result } = await tf.profile(() => {
    trainOnce(model);
    return tf.scalar(0); // profile wants a tensor
  });
  tf.dispose(result);
  // Operations made of others have a name too, such as "fusedMatMul__op": they are no kernels.
  return [...new Set(kernelNames)].filter((name) => !name.endsWith("__op")).sort();
}

/** Why a model cannot be trained on the current backend, or undefined if it can. */
export function whyNotTrainable(model: LayersModel): string | undefined {
  const away = weightsOf(model).find(({ val }) => isOnlyOnDevice(val));
  if (away !== undefined && tf.getBackend() !== "webgpu") {
    return `the model's weights are on webgpu, which does not give them without waiting: ` +
      `start a backend before you build the model`;
  }
  try {
    trainOnce(model);
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const missing = /^Kernel '(.+)' not registered/.exec(text)?.[1];
    return missing === undefined
      ? `a pass over two zeros fails (${text.split("\n")[0]})`
      : `it lacks the kernel that training needs: ${missing}`;
  }
}

/** Those of the kernels that a backend does not have. */
export function missingKernels(kernels: readonly string[], backend: string): string[] {
  return kernels.filter((kernel) => tf.getKernel(kernel, backend) === undefined);
}

/** A weight of a layer, and the variable that it holds. */
interface Weight {
  val: tf.Variable;
}

function weightsOf(model: LayersModel): Weight[] {
  return [...new Set(model.weights)] as unknown as Weight[];
}

/**
 * One forward and backward pass over a batch of two zeros. While it runs, zeros stand in the place of
 * all weights: theirs may be on another backend, and layers such as batch normalization write some.
 */
function trainOnce(model: LayersModel): void {
  const weights = weightsOf(model);
  const own = weights.map(({ val }) => val);
  const trainable = new Set(model.trainableWeights as unknown as Weight[]);
  try {
    weights.forEach((weight, index) => {
      const { shape, dtype } = own[index]!;
      weight.val = tf.tidy(() =>
        tf.variable(tf.zeros(shape, dtype), true, `signalfit/trial/${trials++}`)
      );
    });
    const variables = weights.filter((weight) => trainable.has(weight)).map(({ val }) => val);
    tf.tidy(() => {
      const inputs = model.inputs.map(zeros);
      const loss = () => {
        const outputs = model.apply(inputs, { training: true }) as tf.Tensor | tf.Tensor[];
        return tf.addN([outputs].flat().map((output) => tf.mean(tf.square(output)))) as tf.Scalar;
      };
      if (variables.length > 0) tf.variableGrads(loss, variables);
      else loss();
    });
  } finally {
    weights.forEach((weight, index) => {
      if (weight.val !== own[index]) weight.val.dispose();
      weight.val = own[index]!;
    });
  }
}

/** Names of variables are taken once. */
let trials = 0;

function zeros({ shape, dtype }: SymbolicTensor): tf.Tensor {
  return tf.zeros(shape.map((length) => length ?? 2), dtype);
}
