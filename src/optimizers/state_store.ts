import { engine, type Variable } from "@tensorflow/tfjs-core";
import { type Engine, sameShape, sizeOf, type SlotState } from "../engines/engine.ts";
import type { AnyRule } from "../rules/rule.ts";
import { matchNames } from "./match_names.ts";

/** The state of one variable, wherever it lives. */
export interface VariableState {
  /** The place among all variables, in the order in which they came; stays over saving. */
  readonly position: number;
  /** Steps made so far. */
  step: number;
  /** Whether there are gradients in the sum for the next step. */
  isAccumulating: boolean;
  readonly shape: readonly number[];
  readonly slotCount: number;
  readonly engine: Engine;
  slots: SlotState;
}

/** The state of one variable as it is saved: plain numbers. */
export interface SavedState {
  readonly name: string;
  readonly step: number;
  /** Whether there are gradients in the sum for the next step; no if left out. */
  readonly isAccumulating?: boolean;
  readonly shape: readonly number[];
  /** Slot by slot, in the order of the rule's slots. */
  readonly values: readonly Float32Array[];
}

/**
 * State of variables, by name. A loaded state waits until a variable comes that it belongs to; what
 * still waits is saved again with the rest, so that nothing is lost while a layer is frozen.
 */
export class StateStore {
  /** How many gradients have been summed for the next step. */
  accumulated = 0;
  #live = new Map<string, VariableState>();
  #waiting = new Map<string, SavedState & { readonly position: number }>();
  #size = 0;

  /**
   * The states of the given variables, on the given engine: known ones, loaded ones, or zero.
   *
   * @param rules the rule of each variable
   * @throws {Error} if a variable has another shape than its state, naming it; nothing has changed
   */
  prepare(
    variables: readonly Variable[],
    rules: readonly AnyRule[],
    on: Engine,
  ): VariableState[] {
    const fresh = variables.filter(({ name }) => !this.#live.has(name));
    const matches = this.#waiting.size === 0 || fresh.length === 0
      ? new Map<string, string>()
      : matchNames([...this.#waiting.keys()], fresh.map(({ name }) => name));
    for (const { name, shape } of variables) {
      const known = this.#live.get(name) ?? this.#waiting.get(matches.get(name) ?? "");
      if (known !== undefined && !sameShape(known.shape, shape)) {
        throw new Error(
          `Cannot update "${name}": its state was kept for shape [${known.shape}], the variable ` +
            `has shape [${shape}]. Rename the variable or dispose of the optimizer to start anew`,
        );
      }
    }
    return variables.map(({ name, shape }, index) => {
      const state = this.#live.get(name);
      if (state?.engine === on) return state;
      const savedName = matches.get(name);
      const saved = savedName === undefined ? undefined : this.#waiting.get(savedName)!;
      const next: VariableState = {
        position: state?.position ?? saved?.position ?? this.#size++,
        step: state?.step ?? saved?.step ?? 0,
        isAccumulating: state?.isAccumulating ?? saved?.isAccumulating ?? false,
        shape: [...shape],
        slotCount: rules[index]!.slots.length,
        engine: on,
        slots: on.createState(
          shape,
          rules[index]!.slots.length,
          state?.slots.readSync() ?? saved?.values,
        ),
      };
      state?.slots.dispose();
      this.#live.set(name, next);
      if (savedName !== undefined) this.#waiting.delete(savedName);
      return next;
    });
  }

  /** Takes the values of a slot out of a state, which keeps zeros; where they need no waiting. */
  takeSlot(state: VariableState, slot: number): Float32Array {
    const values = state.slots.readSync(), taken = values[slot]!;
    values[slot] = new Float32Array(taken.length);
    const slots = state.engine.createState(state.shape, values.length, values);
    state.slots.dispose();
    state.slots = slots;
    return taken;
  }

  /** All states, the waiting ones included, as plain numbers, in the order of their positions. */
  async save(): Promise<SavedState[]> {
    const live = await Promise.all(
      [...this.#live].map(async ([name, { position, step, isAccumulating, shape, slots }]) => ({
        name,
        position,
        step,
        isAccumulating,
        shape,
        values: await slots.read(),
      })),
    );
    return [...live, ...this.#waiting.values()].sort((a, b) => a.position - b.position)
      .map(({ position: _, ...state }) => state);
  }

  /** Reads all states into plain memory, where they wait, and lets their variables be read there. */
  async offload(): Promise<void> {
    const variables = [...this.#live.keys()].map((name) => engine().registeredVariables[name]);
    const states = await this.save();
    const { accumulated } = this;
    await Promise.all(variables.map((variable) => variable?.data()));
    this.load(states);
    this.accumulated = accumulated;
  }

  /** Replaces everything by the given states. */
  load(states: readonly SavedState[]): void {
    this.dispose();
    this.#waiting = new Map(
      states.map((state, position) => [state.name, { ...state, position }]),
    );
    this.#size = states.length;
  }

  /** Steps made so far for a variable; 0 for one never seen. */
  stepOf(name: string): number {
    return this.#live.get(name)?.step ?? this.#waiting.get(name)?.step ?? 0;
  }

  /** The variables with gradients in the sum for the next step, without the given ones. */
  accumulating(without: readonly Variable[]): Variable[] {
    if (this.accumulated === 0) return [];
    const given = new Set(without.map(({ name }) => name));
    const { registeredVariables } = engine();
    return [...this.#live].flatMap(([name, { isAccumulating }]) => {
      const variable = registeredVariables[name];
      return isAccumulating && !given.has(name) && variable !== undefined ? [variable] : [];
    });
  }

  /** The names of all variables with a state, in the order of their positions. */
  names(): string[] {
    const names = new Array<string>(this.#size);
    for (const [name, { position }] of [...this.#live, ...this.#waiting]) names[position] = name;
    return names;
  }

  /** Bytes of all states; those on a device or in a memory of the engine's own are not tfjs's to count. */
  get bytes(): number {
    let bytes = 0;
    for (const { shape, slotCount } of this.#live.values()) bytes += 4 * sizeOf(shape) * slotCount;
    for (const { values } of this.#waiting.values()) {
      for (const { byteLength } of values) bytes += byteLength;
    }
    return bytes;
  }

  /** Names and shapes of all variables with a state. */
  variables(): { name: string; shape: readonly number[] }[] {
    const waiting = [...this.#waiting.values()];
    const live = [...this.#live].map(([name, { shape }]) => ({ name, shape }));
    return [...live, ...waiting.map(({ name, shape }) => ({ name, shape }))];
  }

  /** Frees everything. */
  dispose(): void {
    this.accumulated = this.#size = 0;
    for (const { slots } of this.#live.values()) slots.dispose();
    this.#live.clear();
    this.#waiting.clear();
  }
}
