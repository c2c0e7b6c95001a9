import { type Tensor, type Variable, variable } from "@tensorflow/tfjs-core";

let count = 0;

/**
 * Variables for what engines compute in the place of parameters, shaped like gradients; they begin as
 * the gradients' own data, and nobody trains them.
 */
export function scratchVariables(gradients: readonly Tensor[]): Variable[] {
  return gradients.map((gradient) => variable(gradient, false, `signalfit scratch ${++count}`));
}
