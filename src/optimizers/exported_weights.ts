import { keep } from "@tensorflow/tfjs-core";
import type { NamedTensor } from "./saved_weights.ts";

/**
 * Tensors that an optimizer has given away and yet owns: `model.save` asks for them and never disposes
 * of them, so that each export frees the one before.
 */
export class ExportedWeights {
  #tensors: readonly NamedTensor[] = [];

  /** Makes tensors in the place of those before, which are freed first, and keeps them. */
  replace(make: () => readonly NamedTensor[]): NamedTensor[] {
    this.dispose();
    this.#tensors = make();
    for (const { tensor } of this.#tensors) keep(tensor);
    return [...this.#tensors];
  }

  dispose(): void {
    for (const { tensor } of this.#tensors) tensor.dispose();
    this.#tensors = [];
  }
}
