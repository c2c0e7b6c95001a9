import { keep, type Tensor } from "@tensorflow/tfjs-core";
import type { Heap, HostMemory } from "../host_memory.ts";
import { type Home, scalarsOf, type Slots } from "./home.ts";

const homes = new WeakMap<Heap, Home>();

/** The memory of tfjs's own wasm backend: slots are kept tensors, and nothing is copied. */
export function inPlace(host: HostMemory, heap: Heap): Home {
  let home = homes.get(heap);
  if (home === undefined) homes.set(heap, home = create(host, heap));
  return home;
}

function create(host: HostMemory, heap: Heap): Home {
  return {
    memory: heap.memory,
    createSlots(shape, count, values): Slots {
      const tensors: Tensor[] = [];
      const dispose = () => tensors.forEach((tensor) => tensor.dispose());
      try {
        for (let slot = 0; slot < count; slot++) tensors.push(keep(host.allocate([...shape])));
      } catch (error) {
        dispose();
        throw error;
      }
      tensors.forEach((tensor, slot) => {
        const view = host.view(tensor);
        if (values === undefined) view.fill(0);
        else view.set(values[slot]!);
      });
      return {
        pointers: tensors.map((tensor) => heap.pointer(tensor)),
        read: () => tensors.map((tensor) => tensor.dataSync<"float32">()), // copies, on this backend
        dispose,
      };
    },
    plan(kernel, task) {
      const [param, grad] = [heap.pointer(task.variable), heap.pointer(task.gradient)];
      const scalars = scalarsOf(kernel, task);
      return (output) =>
        kernel.run(
          output.size,
          param,
          grad,
          ...task.slots.pointers,
          heap.pointer(output),
          ...scalars,
        );
    },
  };
}
