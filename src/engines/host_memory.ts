import {
  backend,
  engine,
  getBackend,
  type KernelBackend,
  type Tensor,
  type Variable,
} from "@tensorflow/tfjs-core";
import { sizeOf } from "./engine.ts";

/** Tensors of a backend whose numbers JavaScript can reach without copying. */
export interface HostMemory {
  /** The tensor's own numbers; good until the next allocation. */
  view(tensor: Tensor): Float32Array;
  /** A tensor with a buffer of its own, contents undefined; tracked by the current tidy scope. */
  allocate(shape: number[]): Tensor;
}

/** What the loop engine needs of tfjs's wasm backend; all of it is public there. */
interface WasmBackend extends KernelBackend {
  makeOutput(
    shape: number[],
    dtype: "float32",
  ): Parameters<ReturnType<typeof engine>["makeTensorFromTensorInfo"]>[0];
  typedArrayFromHeap(tensor: Tensor): Float32Array;
  getMemoryOffset(dataId: object): number;
}

/** The memory of the current backend, or undefined where JavaScript cannot reach it. */
export function hostMemory(): HostMemory | undefined {
  const current = backend();
  if (isWasm(current)) return wasmMemory(current);
  return isCpu(current) ? cpuMemory : undefined;
}

/** Why there is none. */
export function noHostMemory(): string {
  return `the ${getBackend()} backend keeps its numbers where JavaScript cannot reach them`;
}

/**
 * Makes sure that a variable and its gradient can be viewed, moving them here from another backend.
 *
 * @throws {Error} if their backend cannot give them without waiting
 */
export function bringHome(
  memory: HostMemory,
  { variable, gradient }: { variable: Variable; gradient: Tensor },
): void {
  try {
    memory.view(variable);
    memory.view(gradient);
  } catch (cause) {
    throw new Error(
      `Cannot update "${variable.name}" on the ${getBackend()} backend: it is on another backend, ` +
        `which does not give its numbers without waiting. Before you change the backend, call ` +
        "`await optimizer.offload()`",
      { cause },
    );
  }
}

const cpuMemory: HostMemory = {
  // The cpu backend hands out the array it keeps, not a copy.
  view: (tensor) => tensor.dataSync<"float32">(),
  allocate: (shape) => engine().makeTensor(new Float32Array(sizeOf(shape)), shape, "float32"),
};

const wasmMemories = new WeakMap<WasmBackend, HostMemory>();

function wasmMemory(wasm: WasmBackend): HostMemory {
  let memory = wasmMemories.get(wasm);
  if (memory === undefined) {
    memory = {
      view: (tensor) => wasm.typedArrayFromHeap(tensor),
      allocate: (shape) => {
        const info = wasm.makeOutput(shape, "float32");
        const tensor = engine().makeTensorFromTensorInfo(info);
        if (sizeOf(shape) > 0 && wasm.getMemoryOffset(info.dataId) === 0) {
          tensor.dispose();
          throw new Error(
            `Cannot allocate ${4 * sizeOf(shape)} bytes for a parameter of shape ` +
              `[${shape}]: the memory of the wasm backend is full`,
          );
        }
        return tensor;
      },
    };
    wasmMemories.set(wasm, memory);
  }
  return memory;
}

function isWasm(candidate: KernelBackend): candidate is WasmBackend {
  return "typedArrayFromHeap" in candidate && "makeOutput" in candidate;
}

function isCpu(candidate: KernelBackend): boolean {
  return "bufferSync" in candidate && "makeTensorInfo" in candidate && "data" in candidate &&
    "blockSize" in candidate;
}
