import {
  getGradient,
  getKernel,
  type GradConfig,
  type KernelFunc,
  registerGradient,
  registerKernel,
  unregisterGradient,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import { wasmSupport } from "../engines/simd/capability.ts";
import { conv3DBackpropFilterV2, conv3DBackpropInputV2 } from "./convolution3d.ts";
import { conv2D, conv2DBackpropFilter, conv2DBackpropInput, fusedConv2D } from "./convolution.ts";
import { concat, slice, splitV, tile, unpack } from "./copies.ts";
import {
  depthwiseConv2dNativeBackpropFilter,
  depthwiseConv2dNativeBackpropInput,
} from "./depthwise.ts";
import { einsum, einsumGradient } from "./einsum.ts";
import * as elementwise from "./elementwise.ts";
import { avgPoolGradient, tileGradient } from "./gradients.ts";
import { batchMatMul, fusedMatMul } from "./mat_mul.ts";
import { avgPoolGrad, maxPoolGrad } from "./pools.ts";
import {
  resizeBilinearGradOnCpu,
  resizeNearestNeighborGrad,
  resizeNearestNeighborGradOnCpu,
} from "./resize.ts";
import { gatherV2, unsortedSegmentSum, unsortedSegmentSumOnCpu } from "./rows.ts";
import { mean, sum } from "./sums.ts";

type Kernels = Readonly<Record<string, KernelFunc>>;
/** Kernels that leave some arguments to those of tfjs. */
type Wrappers = Readonly<Record<string, (theirs: KernelFunc) => KernelFunc>>;

/** Kernels that tfjs's wasm backend lacks. */
const MISSING: Kernels = {
  Conv2DBackpropFilter: conv2DBackpropFilter,
  DepthwiseConv2dNativeBackpropFilter: depthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseConv2dNativeBackpropInput,
  Einsum: einsum,
  UnsortedSegmentSum: unsortedSegmentSum,
};

/** Kernels of tfjs that are slow or wrong, by backend: why, and by how much, is in docs/engines.md. */
const MENDED: Readonly<Record<"wasm" | "cpu", Wrappers>> = {
  wasm: {
    AvgPoolGrad: () => avgPoolGrad,
    BatchMatMul: batchMatMul,
    ClipByValue: elementwise.clipByValue,
    Concat: concat,
    Conv2D: conv2D,
    Conv2DBackpropInput: () => conv2DBackpropInput,
    Conv3DBackpropFilterV2: () => conv3DBackpropFilterV2,
    Conv3DBackpropInputV2: () => conv3DBackpropInputV2,
    Equal: elementwise.equal,
    FusedConv2D: fusedConv2D,
    GatherV2: gatherV2,
    Greater: elementwise.greater,
    GreaterEqual: elementwise.greaterEqual,
    LeakyRelu: elementwise.leakyRelu,
    Less: elementwise.less,
    LessEqual: elementwise.lessEqual,
    LogicalAnd: elementwise.logicalAnd,
    MaxPoolGrad: () => maxPoolGrad,
    Maximum: elementwise.maximum,
    Mean: mean,
    Minimum: elementwise.minimum,
    NotEqual: elementwise.notEqual,
    Relu6: elementwise.relu6,
    ResizeNearestNeighborGrad: () => resizeNearestNeighborGrad,
    Sign: elementwise.sign,
    Slice: slice,
    SplitV: splitV,
    Sum: sum,
    Tile: tile,
    Unpack: unpack,
    _FusedMatMul: fusedMatMul,
  },
  cpu: {
    ResizeBilinearGrad: resizeBilinearGradOnCpu,
    ResizeNearestNeighborGrad: () => resizeNearestNeighborGradOnCpu,
    UnsortedSegmentSum: () => unsortedSegmentSumOnCpu,
  },
};

/** Gradients of operations that tfjs lacks, or whose own are slow or wrong, on all backends. */
const GRADIENTS: readonly GradConfig[] = [avgPoolGradient, einsumGradient, tileGradient];

/** What {@link installTrainingKernels} did. */
export interface TrainingKernels {
  /** Names of the kernels of tfjs's wasm backend that are this library's now, in order. */
  readonly wasm: readonly string[];
  /** The same of the cpu backend. */
  readonly cpu: readonly string[];
  /** Names of the operations whose gradients are this library's now, on all backends. */
  readonly gradients: readonly string[];
  /** Why there are no kernels on wasm, if so. */
  readonly reason?: string;
  /** Puts back what was there before. May be called again. */
  uninstall(): void;
}

/** What takes away each thing that is installed, by "kernel backend name" or "gradient name". */
const installed = new Map<string, () => void>();

/**
 * Registers what training needs and tfjs lacks, does slowly or does wrong. On its wasm backend: the
 * gradients of convolutions, depthwise convolutions and embeddings, einsum, products of matrices, pools,
 * sums, the rows of a batch. {@link initBackend} calls it; call it yourself where you start the backend
 * yourself, once `@tensorflow/tfjs-backend-wasm` is imported. A kernel that tfjs lacks today and a newer
 * one has stays that one's. What is installed is not installed again.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-wasm";
 * import { installTrainingKernels } from "@signalfit/tfjs";
 *
 * const kernels = installTrainingKernels();
 * await tf.setBackend("wasm");
 * console.log(kernels.wasm.join(", ")); // AvgPoolGrad, BatchMatMul, …
 * kernels.uninstall(); // tfjs as it was
 * ```
 *
 * @returns what is installed, and how to undo it
 */
export function installTrainingKernels(): TrainingKernels {
  const reason = getKernel("BatchMatMul", "wasm") === undefined
    ? "tfjs's wasm backend is not loaded: import @tensorflow/tfjs-backend-wasm first"
    : wasmSupport();
  if (reason === "yes") {
    for (const [name, kernel] of Object.entries(MISSING)) {
      if (getKernel(name, "wasm") === undefined) installKernel("wasm", name, () => kernel);
    }
    installMended("wasm");
  }
  installMended("cpu");
  for (const gradient of GRADIENTS) installGradient(gradient);
  return {
    wasm: namesOf("kernel wasm "),
    cpu: namesOf("kernel cpu "),
    gradients: namesOf("gradient "),
    ...reason === "yes" ? {} : { reason },
    uninstall: () => {
      const steps = [...installed.values()];
      installed.clear();
      steps.forEach((step) => step());
    },
  };
}

function namesOf(kind: string): string[] {
  return [...installed.keys()].filter((key) => key.startsWith(kind))
    .map((key) => key.slice(kind.length)).sort();
}

function installMended(backend: "wasm" | "cpu"): void {
  for (const [name, kernelOf] of Object.entries(MENDED[backend])) {
    if (getKernel(name, backend) !== undefined) installKernel(backend, name, kernelOf);
  }
}

function installKernel(
  backendName: string,
  kernelName: string,
  kernelOf: (theirs: KernelFunc) => KernelFunc,
): void {
  const key = `kernel ${backendName} ${kernelName}`;
  if (installed.has(key)) return;
  const theirs = getKernel(kernelName, backendName);
  const kernelFunc = kernelOf(theirs?.kernelFunc ?? (() => []));
  if (theirs !== undefined) unregisterKernel(kernelName, backendName);
  registerKernel({ ...theirs, kernelName, backendName, kernelFunc });
  installed.set(key, () => {
    // another one may have been registered since
    if (getKernel(kernelName, backendName)?.kernelFunc !== kernelFunc) return;
    unregisterKernel(kernelName, backendName);
    if (theirs !== undefined) registerKernel(theirs);
  });
}

function installGradient(gradient: GradConfig): void {
  const { kernelName } = gradient;
  const key = `gradient ${kernelName}`;
  if (installed.has(key)) return;
  const theirs = getGradient(kernelName);
  if (theirs !== undefined) unregisterGradient(kernelName);
  registerGradient(gradient);
  installed.set(key, () => {
    if (getGradient(kernelName) !== gradient) return;
    unregisterGradient(kernelName);
    if (theirs !== undefined) registerGradient(theirs);
  });
}
