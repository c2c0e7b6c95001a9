import type { Tensor } from "@tensorflow/tfjs-core";
import { sizeOf } from "../engine.ts";
import type { HostMemory } from "../host_memory.ts";
import { type Home, scalarsOf, type Slots, type Task } from "./home.ts";
import type { Kernel } from "./kernel.ts";
import type { OwnMemory } from "./own_memory.ts";

/**
 * Elements of the parameter and the gradient that are brought in at a time: few enough to stay in
 * the processor's cache until the result is fetched, so that each array crosses the bus once.
 */
const CHUNK = 16384;
const BYTES = 4;

/** A memory of the engine's own: slots live in it, parameters and gradients come through it. */
export class Staged implements Home {
  readonly memory: WebAssembly.Memory;
  readonly #own: OwnMemory;
  readonly #host: HostMemory;
  #scratch: number | undefined;
  /** Frees the slots of optimizers that were dropped without `dispose()`. */
  readonly #dropped = new FinalizationRegistry<number>((block) => this.#own.free(block));

  constructor(host: HostMemory, own: OwnMemory) {
    this.memory = own.memory;
    this.#host = host;
    this.#own = own;
  }

  createSlots(shape: readonly number[], count: number, values?: readonly Float32Array[]): Slots {
    const own = this.#own;
    const size = sizeOf(shape);
    const stride = Math.ceil(size / 4) * 4; // a vector
    const block = own.allocate(count * stride * BYTES);
    const begins = Array.from({ length: count }, (_, slot) => block / BYTES + slot * stride);
    begins.forEach((begin, slot) => {
      if (values === undefined) own.floats.fill(0, begin, begin + size);
      else own.floats.set(values[slot]!, begin);
    });
    const slots: Slots = {
      pointers: begins.map((begin) => begin * BYTES),
      read: () => begins.map((begin) => own.floats.slice(begin, begin + size)),
      dispose: () => {
        if (this.#dropped.unregister(slots)) own.free(block);
      },
    };
    this.#dropped.register(slots, block, slots);
    return slots;
  }

  plan(kernel: Kernel, task: Task): (output: Tensor) => void {
    const { variable, gradient, slots } = task;
    const scratch = this.#scratch ??= this.#own.allocate(2 * CHUNK * BYTES);
    const begin = scratch / BYTES;
    const scalars = scalarsOf(kernel, task);
    return (output) => {
      const { floats } = this.#own;
      const [param, grad, out] = [variable, gradient, output].map((tensor) =>
        this.#host.view(tensor)
      ) as [Float32Array, Float32Array, Float32Array];
      for (let start = 0; start < param.length; start += CHUNK) {
        const end = Math.min(start + CHUNK, param.length);
        floats.set(param.subarray(start, end), begin);
        floats.set(grad.subarray(start, end), begin + CHUNK);
        kernel.run(
          end - start,
          scratch,
          scratch + CHUNK * BYTES,
          ...slots.pointers.map((pointer) => pointer + start * BYTES),
          scratch,
          ...scalars,
        );
        out.set(floats.subarray(begin, begin + end - start), start);
      }
    };
  }
}
