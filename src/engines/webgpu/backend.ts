import { backend, engine, type KernelBackend, type Tensor } from "@tensorflow/tfjs-core";

/** What is needed of tfjs's webgpu backend; all of it is public there. */
export interface GpuBackend extends KernelBackend {
  /** The device. */
  readonly device: GPUDevice;
  /** Its queue. */
  readonly queue: GPUQueue;
  /** What holds each tensor's numbers. */
  readonly tensorMap: { get(dataId: object): { resource?: unknown; values?: unknown } };
  /** Brings a tensor to the device. */
  uploadToGPU(dataId: object): void;
  /** Makes a tensor without numbers. */
  makeTensorInfo(shape: number[], dtype: "float32"): TensorInfo;
  /** Makes ready to record commands. */
  ensureCommandEncoderReady(): void;
  /** Ends the pass that is being recorded. */
  endComputePassEncoder(): void;
  /** Sends what was recorded. */
  submitQueue(): void;
}

/** @internal */
type TensorInfo = Parameters<ReturnType<typeof engine>["makeTensorFromTensorInfo"]>[0];

/** The current backend if it is tfjs's webgpu backend, under whatever name. */
export function gpuBackend(): GpuBackend | undefined {
  const current = backend();
  return isGpu(current) ? current : undefined;
}

function isGpu(candidate: KernelBackend): candidate is GpuBackend {
  return "device" in candidate && "tensorMap" in candidate && "uploadToGPU" in candidate;
}

/** The buffer that holds a tensor, which is brought to the device if it is not there. */
export function bufferOf(backend: GpuBackend, tensor: Tensor): GPUBuffer {
  backend.uploadToGPU(tensor.dataId);
  return backend.tensorMap.get(tensor.dataId).resource as GPUBuffer;
}

/** A tensor with a buffer of its own, contents undefined. */
export function freshTensor(backend: GpuBackend, shape: number[]): Tensor {
  return engine().makeTensorFromTensorInfo(backend.makeTensorInfo(shape, "float32"));
}

/** Hands tfjs's pending work to the queue, so that ours comes after it. */
export function flush(backend: GpuBackend): void {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/**
 * Whether a tensor's numbers are on a WebGPU device and nowhere else, so that another backend would
 * have to wait for them. tfjs tries to read them all the same: that throws in Deno, and gives zeros
 * in a browser.
 */
export function isOnlyOnDevice({ dataId }: Tensor): boolean {
  const owner = engine().state.tensorInfo.get(dataId)?.backend;
  return owner !== undefined && isGpu(owner) && !owner.tensorMap.get(dataId).values;
}
