import { dispose } from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import type { OptionSpec } from "../options/options.ts";
import type { NamedTensor } from "../optimizers/saved_weights.ts";

/** The option that lists callbacks. */
export const callbacksOption: OptionSpec<readonly tfl.Callback[]> = {
  fallback: [],
  rule: "must be a list of callbacks that are instances of a class, such as [new EmaWeights()]",
  accepts: (value) => Array.isArray(value) && value.every((each) => each instanceof tfl.Callback),
};

/** A callback that can give its state and take it again, as far as it can. */
interface Stateful {
  getState?(): unknown;
  setState?(state: unknown): unknown;
  getWeights?(): readonly NamedTensor[] | Promise<readonly NamedTensor[]>;
  setWeights?(weights: readonly NamedTensor[]): unknown;
}

/** A callback with the name that its state is saved by. */
export interface NamedCallback {
  readonly name: string;
  readonly callback: tfl.Callback;
}

/** The state of a callback: plain data, tensors, or both. */
export interface CallbackState {
  readonly name: string;
  readonly state?: unknown;
  readonly tensors?: NamedTensor[] | undefined;
}

/** The callbacks that have state to keep, by their class and, if there are several, a number. */
export function statefulCallbacks(callbacks: readonly tfl.Callback[]): NamedCallback[] {
  const counts = new Map<string, number>();
  return callbacks.filter((callback) => hasState(callback) || hasWeights(callback))
    .map((callback) => {
      // Bundlers put a "_" before a class that speaks of itself.
      const kind = callback.constructor.name.replace(/^_+/, "");
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      return { name: count === 1 ? kind : `${kind} ${count}`, callback };
    });
}

/** Reads the state of a callback. The tensors are the reader's to dispose of. */
export async function readCallback({ name, callback }: NamedCallback): Promise<CallbackState> {
  const stateful = callback as Stateful;
  const tensors = hasWeights(callback) ? [...await stateful.getWeights!()] : undefined;
  try {
    const state = hasState(callback) ? await stateful.getState!() : undefined;
    return { name, state, tensors };
  } catch (error) {
    disposeState({ name, tensors });
    throw error;
  }
}

/** Gives a callback its state. The tensors are not disposed. */
export async function writeCallback(
  { callback }: NamedCallback,
  { state, tensors }: CallbackState,
): Promise<void> {
  const stateful = callback as Stateful;
  if (tensors !== undefined && hasWeights(callback)) await stateful.setWeights!(tensors);
  if (state !== undefined && hasState(callback)) await stateful.setState!(state);
}

/** Frees the tensors of a state. */
export function disposeState({ tensors }: CallbackState): void {
  dispose(tensors?.map(({ tensor }) => tensor));
}

/** Names the callback that an error came from. */
export async function blaming<Result>(
  { name }: NamedCallback,
  doing: string,
  f: () => Promise<Result>,
): Promise<Result> {
  try {
    return await f();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${name} does not ${doing} its state: ${why}`, { cause });
  }
}

function hasState(callback: tfl.Callback): boolean {
  const { getState, setState } = callback as Stateful;
  return typeof getState === "function" && typeof setState === "function";
}

function hasWeights(callback: tfl.Callback): boolean {
  const { getWeights, setWeights } = callback as Stateful;
  return typeof getWeights === "function" && typeof setWeights === "function";
}
