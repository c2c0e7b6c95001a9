import { keep, type Tensor } from "@tensorflow/tfjs-core";
import type { Heap, HostMemory } from "../host_memory.ts";
import { type Home, scalarsOf, type Slots, type Task } from "./home.ts";
import type { Kernel } from "./kernel.ts";

/** The memory of tfjs's own wasm backend: slots are kept tensors, and nothing is copied. */
export class InPlace implements Home {
  readonly memory: WebAssembly.Memory;

  constructor(readonly host: HostMemory, readonly heap: Heap) {
    this.memory = heap.memory;
  }

  createSlots(shape: readonly number[], count: number, values?: readonly Float32Array[]): Slots {
    const tensors: Tensor[] = [];
    const dispose = () => tensors.forEach((tensor) => tensor.dispose());
    try {
      for (let slot = 0; slot < count; slot++) tensors.push(keep(this.host.allocate([...shape])));
    } catch (error) {
      dispose();
      throw error;
    }
    tensors.forEach((tensor, slot) => {
      const view = this.host.view(tensor);
      if (values === undefined) view.fill(0);
      else view.set(values[slot]!);
    });
    return {
      pointers: tensors.map((tensor) => this.heap.pointer(tensor)),
      read: () => tensors.map((tensor) => tensor.dataSync<"float32">()), // a copy, on this backend
      dispose,
    };
  }

  plan(kernel: Kernel, task: Task): (output: Tensor) => void {
    const { variable, gradient, slots } = task;
    const inputs = [this.heap.pointer(variable), this.heap.pointer(gradient), ...slots.pointers];
    const scalars = scalarsOf(kernel, task);
    return (output) => kernel.run(variable.size, ...inputs, this.heap.pointer(output), ...scalars);
  }
}
