import type { Tensor } from "@tensorflow/tfjs-core";
import type { AnyRule, Scalars } from "../../rules/rule.ts";
import type { Kernel } from "./kernel.ts";

/** The slots of one variable, in a memory of WebAssembly. */
export interface Slots {
  /** Where each begins, in bytes. */
  readonly pointers: readonly number[];
  /** Copies of their values. */
  read(): Float32Array[];
  /** Frees them. */
  dispose(): void;
}

/** What one variable's step is computed from. */
export interface Task {
  readonly rule: AnyRule;
  readonly scalars: Scalars;
  readonly variable: Tensor;
  readonly gradient: Tensor;
  readonly slots: Slots;
}

/** Where slots live and steps are computed. */
export interface Home {
  readonly memory: WebAssembly.Memory;
  /**
   * Slots of the given shape: zero, or the given values.
   *
   * @throws {Error} if the memory is full
   */
  createSlots(
    shape: readonly number[],
    count: number,
    values?: readonly Float32Array[],
  ): Slots;
  /** Does all of a step that can fail; the result computes slots and output, and cannot fail. */
  plan(kernel: Kernel, task: Task): (output: Tensor) => void;
}

/** The values of the scalars that a kernel takes. */
export function scalarsOf(kernel: Kernel, { scalars }: Task): number[] {
  return kernel.scalars.map((name) => scalars[name]!);
}
