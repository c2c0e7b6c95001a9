import { sizeOf } from "../engine.ts";
import type { HostMemory } from "../host_memory.ts";
import { type Home, scalarsOf, type Slots } from "./home.ts";
import type { Kernel } from "./kernel.ts";
import { OwnMemory } from "./own_memory.ts";

/**
 * Elements of the parameter and the gradient that are brought in at a time: few enough to stay in
 * the processor's cache until the results are fetched, so that each array crosses the bus once.
 */
const CHUNK = 8192;
const BYTES = 4;

/** A memory of the engine's own: slots live there, parameters and gradients come through it. */
export class Staged implements Home {
  readonly #own: OwnMemory;
  #scratch: { param: number; grad: number } | undefined;
  /** Frees the slots of optimizers that were dropped without `dispose()`. */
  readonly #dropped = new FinalizationRegistry<number>((block) => this.#own.free(block));

  constructor(own: OwnMemory = new OwnMemory()) {
    this.#own = own;
  }

  get memory(): WebAssembly.Memory {
    return this.#own.memory;
  }
}
