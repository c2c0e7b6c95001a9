import type { SlotState } from "../engine.ts";
import { sizeOf } from "../engine.ts";
import { flush, gpuBackend } from "./backend.ts";
import { type Context, releaseState } from "./context.ts";

/** Elements are padded to whole vectors of four. */
export const padded = (elements: number): number => Math.ceil(elements / 4) * 4;

const { COPY_DST, COPY_SRC, STORAGE, MAP_READ } = {
  MAP_READ: 1,
  COPY_SRC: 4,
  COPY_DST: 8,
  STORAGE: 128,
};

/** Usage of every buffer of numbers. */
export const NUMBERS: number = STORAGE | COPY_SRC | COPY_DST;

/** Flat buffers on the device, one a slot, that hold the state of variables side by side. */
export class Page {
  readonly buffers: readonly GPUBuffer[];
  readonly states = new Set<GpuState>();
  #used = 0;

  constructor(readonly context: Context, slots: number, readonly capacity: number, doing: string) {
    this.buffers = Array.from({ length: slots }, () =>
      context.faults.guard(
        doing,
        () => context.device.createBuffer({ size: 4 * capacity, usage: NUMBERS }),
      ));
  }

  /** Gives a state the next free place, without moving any numbers; returns the offset. */
  place(state: GpuState): number {
    const offset = this.#used;
    this.#used += padded(state.size);
    this.states.add(state);
    return offset;
  }

  /** Takes out a state; an empty page is freed, with all plans that use it. */
  remove(state: GpuState): void {
    this.states.delete(state);
    if (this.states.size === 0) this.destroy();
  }

  destroy(): void {
    const { plans } = this.context;
    for (const [key, plan] of plans) {
      if (!plan.uses(this)) continue;
      plan.dispose();
      plans.delete(key);
    }
    for (const buffer of this.buffers) buffer.destroy();
  }
}

let states = 0;

/** The state of one variable: a range of a page once a plan has placed it. */
export class GpuState implements SlotState {
  readonly id: number = ++states;
  readonly size: number;
  page: Page | undefined;
  offset = 0;
  /** Initial values, until they are written to the page. */
  #values: readonly Float32Array[] | undefined;

  constructor(
    readonly context: Context,
    shape: readonly number[],
    readonly slots: number,
    values?: readonly Float32Array[],
  ) {
    this.size = sizeOf(shape);
    this.#values = values;
    context.states++;
  }

  /** Takes a place in a page; numbers are copied there from the former place, or are the initial ones. */
  moveTo(page: Page, encoder: GPUCommandEncoder): void {
    const former = this.page;
    const offset = page.place(this);
    page.buffers.forEach((buffer, slot) => {
      if (former !== undefined) {
        encoder.copyBufferToBuffer(
          former.buffers[slot]!,
          4 * this.offset,
          buffer,
          4 * offset,
          4 * this.size,
        );
      } else if (this.#values !== undefined && this.size > 0) {
        this.context.device.queue.writeBuffer(
          buffer,
          4 * offset,
          this.#values[slot]! as Float32Array<ArrayBuffer>,
        );
      }
    });
    former?.states.delete(this);
    this.#values = undefined;
    this.page = page;
    this.offset = offset;
  }

  readSync(): Float32Array[] {
    if (this.page === undefined) return this.#initial();
    throw new Error(
      "Cannot read an optimizer's state from the WebGPU device without waiting. Before you change " +
        "the backend, call `await optimizer.offload()`",
    );
  }

  async read(): Promise<Float32Array[]> {
    const { page, size } = this;
    if (page === undefined || size === 0) return this.#initial();
    const { device } = this.context;
    const backend = gpuBackend();
    if (backend?.device === device) flush(backend);
    const bytes = 4 * size;
    const staging = device.createBuffer({ size: this.slots * bytes, usage: MAP_READ | COPY_DST });
    const encoder = device.createCommandEncoder();
    page.buffers.forEach((buffer, slot) =>
      encoder.copyBufferToBuffer(buffer, 4 * this.offset, staging, slot * bytes, bytes)
    );
    device.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(1); // GPUMapMode.READ
      const all = new Float32Array(staging.getMappedRange().slice(0));
      return Array.from(
        { length: this.slots },
        (_, slot) => all.slice(slot * size, (slot + 1) * size),
      );
    } finally {
      staging.destroy();
    }
  }

  #initial(): Float32Array[] {
    return Array.from(
      { length: this.slots },
      (_, slot) => this.#values?.[slot]?.slice() ?? new Float32Array(this.size),
    );
  }

  dispose(): void {
    this.page?.remove(this);
    this.page = undefined;
    releaseState(this.context);
  }
}
