import {
  getGradient,
  getKernel,
  type KernelConfig,
  type KernelFunc,
  registerGradient,
  registerKernel,
  unregisterGradient,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import { wasmSupport } from "../engines/simd/capability.ts";
import { conv2DBackpropFilter, conv2DBackpropInput } from "./convolution.ts";
import {
  depthwiseConv2dNativeBackpropFilter,
  depthwiseConv2dNativeBackpropInput,
} from "./depthwise.ts";
import { einsum, einsumGradient } from "./einsum.ts";
import { batchMatMul, fusedMatMul } from "./mat_mul.ts";
import { gatherV2, unsortedSegmentSum } from "./rows.ts";

/** Kernels that tfjs's wasm backend lacks. */
const MISSING: Readonly<Record<string, KernelFunc>> = {
  Conv2DBackpropFilter: conv2DBackpropFilter,
  DepthwiseConv2dNativeBackpropFilter: depthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseConv2dNativeBackpropInput,
  Einsum: einsum,
  UnsortedSegmentSum: unsortedSegmentSum,
};

/** Kernels that it has, and that are slow there; some arguments are left to them. */
const FASTER: Readonly<Record<string, (theirs: KernelFunc) => KernelFunc>> = {
  BatchMatMul: batchMatMul,
  Conv2DBackpropInput: () => conv2DBackpropInput,
  GatherV2: gatherV2,
  _FusedMatMul: fusedMatMul,
};

/** What {@link installTrainingKernels} did. */
export interface TrainingKernels {
  /** Names of the kernels of tfjs's wasm backend that are this library's now, in order. */
  readonly installed: readonly string[];
  /** Why there are none, if so. */
  readonly reason?: string;
  /** Puts back what was there before. May be called again. */
  uninstall(): void;
}

let current: TrainingKernels | undefined;

/**
 * Registers what training needs and tfjs's wasm backend lacks or does slowly: the gradients of
 * convolutions, depthwise convolutions and embeddings, einsum, products of matrices, and the rows of a
 * batch. {@link initBackend} calls it; call it yourself where you start the backend yourself, once
 * `@tensorflow/tfjs-backend-wasm` is imported. A kernel that a newer tfjs has of its own stays, if it
 * is among those that are missing today. A second call does nothing.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-wasm";
 * import { installTrainingKernels } from "@signalfit/tfjs";
 *
 * const kernels = installTrainingKernels();
 * await tf.setBackend("wasm");
 * console.log(kernels.installed.join(", ")); // BatchMatMul, Conv2DBackpropFilter, …
 * kernels.uninstall(); // tfjs as it was
 * ```
 *
 * @returns which kernels are installed, and how to undo it
 */
export function installTrainingKernels(): TrainingKernels {
  if (current !== undefined) return current;
  const kernels = install();
  if (kernels.reason === undefined) current = kernels;
  return kernels;
}

function install(): TrainingKernels {
  const reason = getKernel("BatchMatMul", BACKEND) === undefined
    ? "tfjs's wasm backend is not loaded: import @tensorflow/tfjs-backend-wasm first"
    : wasmSupport();
  if (reason !== "yes") return { installed: [], reason, uninstall: () => {} };
  const undo: (() => void)[] = [];
  const installed: string[] = [];
  const register = (kernelName: string, kernelFunc: KernelFunc, theirs?: KernelConfig) => {
    if (theirs !== undefined) unregisterKernel(kernelName, BACKEND);
    registerKernel({ ...theirs, kernelName, backendName: BACKEND, kernelFunc });
    installed.push(kernelName);
    undo.push(() => {
      // another one may have been registered since
      if (getKernel(kernelName, BACKEND)?.kernelFunc !== kernelFunc) return;
      unregisterKernel(kernelName, BACKEND);
      if (theirs !== undefined) registerKernel(theirs);
    });
  };
  for (const [name, kernel] of Object.entries(MISSING)) {
    if (getKernel(name, BACKEND) === undefined) register(name, kernel);
  }
  for (const [name, kernelOf] of Object.entries(FASTER)) {
    const theirs = getKernel(name, BACKEND);
    if (theirs !== undefined) register(name, kernelOf(theirs.kernelFunc), theirs);
  }
  if (getGradient(einsumGradient.kernelName) === undefined) {
    registerGradient(einsumGradient);
    undo.push(() => {
      if (getGradient(einsumGradient.kernelName) !== einsumGradient) return;
      unregisterGradient(einsumGradient.kernelName);
    });
  }
  const kernels: TrainingKernels = {
    installed: installed.sort(),
    uninstall: () => {
      if (current !== kernels) return;
      current = undefined;
      undo.forEach((step) => step());
    },
  };
  return kernels;
}

/** The name of the backend that they are for. */
const BACKEND = "wasm";
