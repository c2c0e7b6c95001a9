import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers"; // registers the gradients
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-backend-webgpu";
import { describeAdapter, findAdapter } from "@signalfit/tfjs/parts";
import { flush, type GpuBackend, gpuBackend } from "@signalfit/tfjs/parts";

tf.enableProdMode(); // no banner
tf.env().set("WEBGPU_CPU_FORWARD", false); // else small tensors are computed on the CPU

/** The backends that are timed. */
export type BackendName = "cpu" | "wasm" | "webgpu";

/** A backend that is timed. */
export interface Backend {
  readonly name: BackendName;
  /** Brings tensors to where they are computed with, so that no step has to. */
  upload?(tensors: readonly tf.Tensor[]): void;
  /** Waits until everything submitted is done; absent where a call returns when its work is done. */
  finish?(): Promise<void>;
}

const webgpu: Backend = {
  name: "webgpu",
  upload(tensors) {
    const gpu = requireGpu();
    for (const { dataId } of tensors) gpu.uploadToGPU(dataId);
  },
  async finish() {
    const gpu = requireGpu();
    flush(gpu);
    await gpu.queue.onSubmittedWorkDone();
  },
};

/** All backends, in the order in which they are timed: cpu first, for the wasm memory never shrinks. */
export const BACKENDS: readonly Backend[] = [{ name: "cpu" }, { name: "wasm" }, webgpu];

/** Makes a backend the current one. */
export async function startBackend({ name }: Backend): Promise<void> {
  if (!await tf.setBackend(name)) {
    throw new Error(`Cannot time ${name}: the backend does not start`);
  }
  await tf.ready();
}

/** A graphics adapter. */
export interface Adapter {
  readonly description: string;
  /** Whether it computes on the processor. */
  readonly software: boolean;
}

/** The graphics adapter, or why there is none. */
export async function adapter(): Promise<Adapter | string> {
  const found = await findAdapter();
  return typeof found === "string" ? found : describeAdapter(found);
}

/** The current backend, which is webgpu. */
export function requireGpu(): GpuBackend {
  const gpu = gpuBackend();
  if (gpu === undefined) throw new Error("The current backend is not webgpu");
  return gpu;
}
