import {
  backend,
  engine,
  getBackend,
  type KernelBackend,
  type Tensor,
  type Variable,
} from "@tensorflow/tfjs-core";
import { sizeOf } from "./engine.ts";
import { isOnlyOnDevice } from "./webgpu/backend.ts";

/** Tensors of a backend whose numbers JavaScript can reach without copying. */
export interface HostMemory {
  /** The tensor's own numbers; good until the next allocation. */
  view(tensor: Tensor): Float32Array;
  /** A tensor with a buffer of its own, contents undefined; tracked by the current tidy scope. */
  allocate(shape: number[]): Tensor;
  /** Where the tensors lie, if that is one WebAssembly memory that may be imported. */
  readonly heap?: Heap;
}

/** Tensors in a memory of WebAssembly. */
export interface Heap {
  readonly memory: WebAssembly.Memory;
  /** Where a tensor's numbers begin, in bytes; stays true while the memory grows. */
  pointer(tensor: Tensor): number;
}

/** What the engines need of tfjs's wasm backend; all of it is public there. */
interface WasmBackend extends KernelBackend {
  makeOutput(
    shape: number[],
    dtype: "float32",
  ): Parameters<ReturnType<typeof engine>["makeTensorFromTensorInfo"]>[0];
  typedArrayFromHeap(tensor: Tensor): Float32Array;
  getMemoryOffset(dataId: object): number;
  /** Emscripten's module: the plain build exports its memory, the threaded one imports it. */
  readonly wasm: { readonly asm?: { readonly memory?: unknown }; readonly wasmMemory?: unknown };
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
  if (isOnlyOnDevice(variable) || isOnlyOnDevice(gradient)) {
    throw new Error(
      `Cannot update "${variable.name}" on the ${getBackend()} backend: it is on another backend, ` +
        `which does not give its numbers without waiting. Before you change the backend, call ` +
        "`await optimizer.offload()`",
    );
  }
  memory.view(variable);
  memory.view(gradient);
}

/**
 * Fresh tensors, one a variable.
 *
 * @throws {Error} if there is no room for all of them; none is left then
 */
export function allocateAll(memory: HostMemory, variables: readonly Variable[]): Tensor[] {
  const tensors: Tensor[] = [];
  try {
    for (const { shape } of variables) tensors.push(memory.allocate(shape));
  } catch (error) {
    tensors.forEach((tensor) => tensor.dispose());
    throw error;
  }
  return tensors;
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
    const heap = wasmHeap(wasm);
    memory = {
      ...heap === undefined ? {} : { heap },
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

function wasmHeap(wasm: WasmBackend): Heap | undefined {
  const memory = wasm.wasm.asm?.memory ?? wasm.wasm.wasmMemory;
  if (!(memory instanceof WebAssembly.Memory)) return undefined;
  return {
    memory,
    pointer: ({ dataId, size }) => {
      const offset = wasm.getMemoryOffset(dataId);
      if (offset > 0 || size === 0) return offset;
      throw new Error("Cannot bring a tensor to the wasm backend: its memory is full");
    },
  };
}

function isWasm(candidate: KernelBackend): candidate is WasmBackend {
  return "typedArrayFromHeap" in candidate && "makeOutput" in candidate;
}

function isCpu(candidate: KernelBackend): boolean {
  return "bufferSync" in candidate && "makeTensorInfo" in candidate && "data" in candidate &&
    "blockSize" in candidate;
}
