import {
  type DataType,
  getKernel,
  type KernelBackend,
  type NamedAttrMap,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { encodeModule } from "../expr/wasm_module.ts";
import type { WasmModule } from "../expr/wasm_instructions.ts";
import { functionOf, zeros } from "./code.ts";

/** What is used of tfjs's wasm backend; all of it is public there. */
interface WasmBackend extends KernelBackend {
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array;
  getMemoryOffset(dataId: object): number;
  disposeData(dataId: object): boolean;
  /** Emscripten's module: the plain build exports its memory, the threaded one imports it. */
  readonly wasm: { readonly asm?: { readonly memory?: unknown }; readonly wasmMemory?: unknown };
}

/** A function of a module in the memory. */
type Run = (...parameters: number[]) => void;

/** A module, printed for an engine that has fused multiply-add or for one that has not. */
export type Printer = (fused: boolean) => WasmModule;

/** The memory of tfjs's wasm backend, and modules that run in it. */
export class Heap {
  readonly #backend: WasmBackend;
  readonly #memory: WebAssembly.Memory;
  readonly #functions = new Map<Printer, Run>();

  readonly #fused: boolean;

  /** @param fused whether multiplications and additions are made in one instruction */
  constructor(backend: object, fused = hasFused()) {
    this.#backend = backend as WasmBackend;
    this.#fused = fused;
    const { wasm } = this.#backend;
    const memory = wasm.asm?.memory ?? wasm.wasmMemory;
    if (!(memory instanceof WebAssembly.Memory)) {
      throw new Error(
        "Cannot run signalfit's kernels: this build of tfjs's wasm backend hides its memory; " +
          "call initBackend({ kernels: false })",
      );
    }
    this.#memory = memory;
  }

  /** The heap of a backend; always the same one. */
  static of(backend: object): Heap {
    let heap = heaps.get(backend);
    if (heap === undefined) heaps.set(backend, heap = new Heap(backend));
    return heap;
  }

  /** Where a tensor's numbers begin, in bytes; it is brought here from another backend if need be. */
  pointer({ dataId, shape }: TensorInfo): number {
    const pointer = this.#backend.getMemoryOffset(dataId);
    if (pointer === 0 && sizeOf(shape) > 0) throw full(shape);
    return pointer;
  }

  /**
   * A tensor with contents undefined.
   *
   * @throws {Error} if the memory is full
   */
  allocate(shape: readonly number[], dtype: DataType = "float32"): TensorInfo {
    const info = this.#backend.makeOutput([...shape], dtype);
    try {
      this.pointer(info);
    } catch (error) {
      this.free(info);
      throw error;
    }
    return info;
  }

  /** The same, all zero. */
  allocateZeros(shape: readonly number[]): TensorInfo {
    const info = this.allocate(shape);
    this.numbers(info).fill(0);
    return info;
  }

  /** Gives back what was allocated. */
  free(...tensors: readonly TensorInfo[]): void {
    for (const { dataId } of tensors) this.#backend.disposeData(dataId);
  }

  /** A tensor's own numbers; good until the next allocation. */
  numbers(tensor: TensorInfo): Float32Array | Int32Array {
    return this.#backend.typedArrayFromHeap(tensor);
  }

  /** So many numbers from a pointer on; good until the next allocation. */
  floats(pointer: number, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, pointer, count);
  }

  /** The same as integers. */
  integers(pointer: number, count: number): Int32Array {
    return new Int32Array(this.#memory.buffer, pointer, count);
  }

  /** Runs a function with room for so many numbers, which is given back afterwards. */
  borrow<Result>(count: number, use: (pointer: number) => Result): Result {
    const room = this.allocate([Math.max(1, count)]);
    try {
      return use(this.pointer(room));
    } finally {
      this.free(room);
    }
  }

  /** Calls what a printer prints, compiled at the first call. */
  run(printer: Printer, ...parameters: number[]): void {
    let run = this.#functions.get(printer);
    if (run === undefined) {
      const { name } = printer(false);
      run = this.#instantiate(printer).exports[name] as Run;
      this.#functions.set(printer, run);
    }
    run(...parameters);
  }

  #instantiate(printer: Printer): WebAssembly.Instance {
    const { buffer } = this.#memory;
    const shared = typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
    const module = new WebAssembly.Module(encodeModule(printer(this.#fused), shared));
    return new WebAssembly.Instance(module, { env: { memory: this.#memory } });
  }
}

const heaps = new WeakMap<object, Heap>();

let fused: boolean | undefined;

/** Whether multiplications and additions can be made in one instruction (relaxed SIMD). */
export function hasFused(): boolean {
  return fused ??= WebAssembly.validate(encodeModule(
    functionOf("probe", [], [zeros, zeros, zeros, ["f32x4.relaxed_madd"], ["local.set", "sum"]], [
      "sum",
    ]),
    false,
  ));
}

/** Calls a kernel of the wasm backend. */
export function call(
  backend: object,
  kernelName: string,
  inputs: Readonly<Record<string, TensorInfo>>,
  attrs: Readonly<Record<string, unknown>> = {},
): TensorInfo {
  const kernel = getKernel(kernelName, "wasm");
  if (kernel === undefined) throw new Error(`The wasm backend has no kernel ${kernelName}`);
  return kernel.kernelFunc({ inputs, attrs: attrs as NamedAttrMap, backend }) as TensorInfo;
}

/** How many numbers a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function full(shape: readonly number[]): Error {
  return new Error(
    `Cannot allocate ${4 * sizeOf(shape)} bytes for a tensor of shape [${shape}]: ` +
      "the memory of the wasm backend is full",
  );
}
