import { accumulatorOf, type Engine, type NormLimit, type SlotState } from "./engine.ts";
import {
  allocateAll,
  bringHome,
  type HostMemory,
  hostMemory,
  noHostMemory,
} from "./host_memory.ts";
import { limitNorms } from "./host_norms.ts";
import { loop } from "./loop.ts";
import { wasmSupport } from "./simd/capability.ts";
import type { Home, Slots, Task } from "./simd/home.ts";
import { InPlace } from "./simd/in_place.ts";
import { kernelOf } from "./simd/kernel.ts";
import { OwnMemory } from "./simd/own_memory.ts";
import { Staged } from "./simd/staged.ts";

export { simdSource } from "./simd/kernel.ts";

/** Slots in the memory of a home. */
class SimdState implements SlotState {
  readonly #shape: readonly number[];
  #home: Home;
  #slots: Slots;

  constructor(home: Home, shape: readonly number[], slots: Slots) {
    this.#home = home;
    this.#shape = shape;
    this.#slots = slots;
  }

  /** The slots, moved if they live elsewhere. */
  slotsIn(home: Home): Slots {
    if (home !== this.#home) {
      const moved = home.createSlots(
        this.#shape,
        this.#slots.pointers.length,
        this.#slots.read(),
      );
      this.#slots.dispose();
      this.#slots = moved;
      this.#home = home;
    }
    return this.#slots;
  }

  readSync(): Float32Array[] {
    return this.#slots.read();
  }

  read(): Promise<Float32Array[]> {
    return Promise.resolve(this.readSync());
  }

  dispose(): void {
    this.#slots.dispose();
  }
}

/**
 * One WebAssembly module of vector instructions for each rule, four elements at a time: in the
 * memory of the wasm backend, where nothing is copied, and in a memory of the engine's own on the
 * cpu backend. Every operation rounds to float32.
 */
export const simd: Engine<SimdState> = {
  name: "simd",
  createState(shape, slots, values) {
    const home = homeOf(requireHostMemory());
    return new SimdState(home, [...shape], home.createSlots(shape, slots, values));
  },
  step(work, limit) {
    const host = requireHostMemory();
    const home = homeOf(host);
    const kernels = work.map(({ rule }) => kernelOf(rule, home.memory));
    for (const item of work) bringHome(host, item);
    const tasks = work.map((item) => ({ ...item, slots: item.state.slotsIn(home) }));
    const limited = limit === undefined ? tasks : withLimits(host, home, tasks, limit);
    const plans = limited.map((task, index) => home.plan(kernels[index]!, task));
    const outputs = allocateAll(host, work.map(({ variable }) => variable));
    work.forEach(({ variable }, index) => {
      const output = outputs[index]!;
      plans[index]!(output);
      variable.assign(output);
      output.dispose();
    });
  },
  firstNonFinite: (gradients) => loop.firstNonFinite(gradients),
};

/** "yes" if the SIMD engine can run on the current backend, in this realm; else the reason. */
export function simdSupport(): string {
  return hostMemory() === undefined ? noHostMemory() : wasmSupport();
}

/** The tasks with the factors of their gradients. */
function withLimits(
  host: HostMemory,
  { memory }: Home,
  tasks: readonly Task[],
  limit: NormLimit,
): Task[] {
  const scalars = limitNorms(
    tasks.map(({ rule, gradient, slots, scalars }) => {
      const sum = slots.pointers[accumulatorOf(rule)];
      return {
        gradient: host.view(gradient),
        sum: sum === undefined ? undefined : new Float32Array(memory.buffer, sum, gradient.size),
        scalars,
      };
    }),
    limit,
  );
  return tasks.map((task, index) => ({ ...task, scalars: scalars[index]! }));
}

const homes = new WeakMap<HostMemory, Home>();
let own: OwnMemory | undefined;

function homeOf(host: HostMemory): Home {
  let home = homes.get(host);
  if (home === undefined) {
    home = host.heap === undefined
      ? new Staged(host, own ??= new OwnMemory())
      : new InPlace(host, host.heap);
    homes.set(host, home);
  }
  return home;
}

function requireHostMemory(): HostMemory {
  const memory = hostMemory();
  if (memory === undefined) throw new Error(`Cannot run the SIMD engine: ${noHostMemory()}`);
  return memory;
}
