import { engine, keep, type Tensor, tensor, type Variable } from "@tensorflow/tfjs-core";
import type { StateStore } from "./state_store.ts";

/** Exchanges variables with the averages that an optimizer keeps of them. */
export class Averages {
  readonly #store: StateStore;
  /** The variables' own values, while the averages are in their place. */
  #own: Map<Variable, Tensor> | undefined;

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** @param slot the position of the average among the slots */
  async swapIn(slot: number): Promise<void> {
    if (this.#own !== undefined) throw new Error("Cannot swap in averages: they are in already");
    const own = new Map<Variable, Tensor>();
    this.#own = own;
    for (const { name, step, shape, values } of await this.#store.save()) {
      const variable = engine().registeredVariables[name];
      if (step === 0 || variable === undefined) continue;
      own.set(variable, keep(variable.clone()));
      const average = tensor(values[slot]!, [...shape], "float32");
      variable.assign(average);
      average.dispose();
    }
  }

  swapOut(): void {
    for (const [variable, own] of this.#own ?? []) {
      if (!variable.isDisposed) variable.assign(own);
      own.dispose();
    }
    this.#own = undefined;
  }

  /** @throws {Error} if the averages are in */
  requireOut(doing: string): void {
    if (this.#own === undefined) return;
    throw new Error(`Cannot ${doing}: averages are swapped in; call swapOut() first`);
  }
}
