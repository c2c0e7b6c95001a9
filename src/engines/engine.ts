import { getBackend, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import { ACCUMULATOR } from "../rules/prepared.ts";
import type { AnyRule, Scalars } from "../rules/rule.ts";

/** The engines there are. */
export type EngineName = "webgpu" | "simd" | "loop" | "portable";

/**
 * The state of one variable, held by the engine that made it.
 *
 * @internal
 */
export interface SlotState {
  /** Copies of the slots' values, in the order of the rule's slots. Throws where that needs waiting. */
  readSync(): Float32Array[];
  /** Copies of the slots' values, in the order of the rule's slots. */
  read(): Promise<Float32Array[]>;
  /** Frees the state. */
  dispose(): void;
}

/** One variable's part of a step. */
export interface Work<State extends SlotState = SlotState> {
  /** The rule of the step. */
  readonly rule: AnyRule;
  /** The rule's scalars at this step. */
  readonly scalars: Scalars;
  /** The variable. */
  readonly variable: Variable;
  /** Its gradient. */
  readonly gradient: Tensor;
  /** Its state. */
  readonly state: State;
}

/**
 * A limit on the norm of gradients. The engine computes the factors `min(1, limit / norm)` and gives
 * them to the rules as the scalar `gradientScale`.
 */
export interface NormLimit {
  /** Whether each variable's gradient has a norm of its own, or all of them have one together. */
  readonly kind: "variable" | "global";
  /** The largest norm, > 0. */
  readonly limit: number;
}

/** How a rule runs. */
export interface Engine<State extends SlotState = SlotState> {
  readonly name: EngineName;
  /**
   * State for a variable of the given shape: zero, or the given values, one array a slot. The
   * values become the engine's own.
   */
  createState(shape: readonly number[], slots: number, values?: readonly Float32Array[]): State;
  /**
   * Makes one step for all the given variables. Whatever can fail does so before the first
   * variable or state has changed. Parameters go to fresh buffers: clones, reshapes and pending
   * reads of the old values stay what they were.
   *
   * The gradients whose norms are limited are means of sums where the rule has an
   * {@link ACCUMULATOR}.
   */
  step(work: readonly Work<State>[], limit?: NormLimit): void;
  /** The position of the first gradient with a NaN or an infinity, or -1. Reads the gradients. */
  firstNonFinite(gradients: readonly Tensor[]): number;
  /** Waits for what the engine has begun, and throws what went wrong. Where nothing waits, absent. */
  check?(): Promise<void>;
}

/** The position of the slot in which a rule sums gradients, or -1. */
export function accumulatorOf(rule: AnyRule): number {
  return rule.slots.indexOf(ACCUMULATOR);
}

/** The error of a backend whose numbers cannot be looked at without waiting. */
export function cannotLook(cause?: unknown): Error {
  return new Error(
    `Cannot look for NaN and infinity on the ${getBackend()} backend: it does not give its numbers ` +
      `without waiting. onNonFinite must be "propagate" there`,
    { cause },
  );
}

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}
