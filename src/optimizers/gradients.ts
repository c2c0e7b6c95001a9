import { engine, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import { sameShape } from "../engines/engine.ts";
import { nearest } from "../options/nearest.ts";
import type { NamedTensor } from "./saved_weights.ts";

/** A trainable variable and its gradient. */
export interface VariableGradient {
  readonly variable: Variable;
  readonly gradient: Tensor;
}

/**
 * The processes that train together, as an optimizer sees them; see `distributed`.
 *
 * @internal
 */
export interface GradientTeam {
  /**
   * Waits for the gradients of all ranks, once for each batch.
   *
   * @param isBad whether one of this rank's is not finite, as far as that was looked at
   * @returns whether one of any rank's is not finite
   */
  meet(gradients: readonly Tensor[], isBad: boolean): boolean;
  /** This rank's part of the gradients of the whole batch, as fresh tensors. */
  part(gradients: readonly Tensor[]): Tensor[];
  /**
   * The sum of all ranks' parts, as fresh tensors.
   *
   * @param sums what is added to each of this rank's parts
   */
  sum(gradients: readonly Tensor[], sums?: readonly Float32Array[]): Tensor[];
  /** Goes on without the gradients of this batch. */
  leaveOut(): void;
}

/** Gradients by variable name, or as a list; null or undefined where a variable has none. */
export type NamedGradients =
  | Readonly<Record<string, Tensor | null | undefined>>
  | readonly { readonly name: string; readonly tensor: Tensor | null | undefined }[];

/**
 * Finds the variables that gradients are for, and checks both.
 *
 * @param owner the optimizer's name, for messages
 * @throws {Error} if a name is no variable's, comes twice, or variable and gradient do not fit
 */
export function resolveGradients(owner: string, gradients: NamedGradients): VariableGradient[] {
  const list = Array.isArray(gradients)
    ? gradients as readonly NamedTensor[]
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
  const variables = engine().registeredVariables;
  const seen = new Set<string>();
  const found: VariableGradient[] = [];
  for (const { name, tensor } of list) {
    if (tensor === null || tensor === undefined) continue;
    const refuse = (why: string) => new Error(`Cannot apply gradients with ${owner}: ${why}`);
    if (seen.has(name)) throw refuse(`"${name}" has two gradients`);
    seen.add(name);
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (variable === undefined) {
      const near = nearest(name, Object.keys(variables));
      throw refuse(
        `"${name}" is no variable` + (near === undefined ? "" : `; did you mean "${near}"?`),
      );
    }
    if (!variable.trainable) throw refuse(`"${name}" is not trainable`);
    if (variable.dtype !== "float32") {
      throw refuse(`the variable "${name}" must be float32, got ${variable.dtype}`);
    }
    if (tensor.isDisposed) throw refuse(`the gradient of "${name}" is disposed`);
    if (tensor.dtype !== "float32") {
      throw refuse(`the gradient of "${name}" must be float32, got ${tensor.dtype}`);
    }
    if (!sameShape(tensor.shape, variable.shape)) {
      throw refuse(
        `the gradient of "${name}" must have the variable's shape [${variable.shape}], ` +
          `got [${tensor.shape}]`,
      );
    }
    found.push({ variable, gradient: tensor });
  }
  return found;
}

/** The error of a gradient that holds a NaN or an infinity, where that is not allowed. */
export function nonFinite(owner: string, { variable, gradient }: VariableGradient): Error {
  const value = gradient.dataSync().find((value) => !Number.isFinite(value));
  return new Error(
    `Cannot apply gradients with ${owner}: the gradient of "${variable.name}" ` +
      `must be finite (onNonFinite: "error"), got ${value}`,
  );
}

/**
 * Runs a computation of gradients. tfjs keeps clones of what the backward pass needs and forgets
 * them when an error comes in between; this frees them and passes the error on.
 */
export function withoutLeaks<T>(computeGradients: () => T): T {
  try {
    return computeGradients();
  } catch (error) {
    const { state } = engine();
    if (state.gradientDepth === 0) {
      for (const { saved } of state.activeTape ?? []) saved?.forEach((clone) => clone.dispose());
      state.activeTape = [];
    }
    throw error;
  }
}
