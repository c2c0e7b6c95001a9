import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";

/** What is used of tfjs's cpu backend; all of it is public there. */
export interface CpuBackend extends KernelBackend {
  readonly data: { get(dataId: object): { readonly values: Float32Array | Int32Array } };
  makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): TensorInfo;
}
