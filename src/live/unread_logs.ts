import * as tf from "@tensorflow/tfjs-core";
import { hostMemory } from "../engines/host_memory.ts";
import { rounded } from "./page/series.js";

/** Values at a step by the names of their series. */
export type Points = [name: string, x: number[], y: (number | null)[]][];

/** Names in logs that are no measurements, or are recorded in another way. */
const NO_VALUES: readonly string[] = ["batch", "size", "lr"];

/**
 * The logs of batches that have not been read yet. On a device tensors stay there, as clones, until they
 * are read all together: one transfer for many batches.
 */
export class UnreadLogs {
  #entries: { step: number; name: string; value: number | tf.Tensor }[] = [];

  /** How many values wait. */
  get size(): number {
    return this.#entries.length;
  }

  /** Takes in the logs of a step; `wanted` tells by name which of them. */
  add(step: number, logs: object, wanted: (name: string) => boolean = () => true): void {
    // Where the data lies in this process's memory, reading a number costs less than keeping it.
    const isAtHand = hostMemory() !== undefined;
    for (const [name, value] of Object.entries(logs)) {
      if (NO_VALUES.includes(name) || !wanted(name)) continue;
      if (typeof value === "number") this.#entries.push({ step, name, value });
      else if (value instanceof tf.Tensor && value.size === 1) {
        this.#entries.push({
          step,
          name,
          value: isAtHand ? value.dataSync()[0]! : tf.keep(value.clone()),
        });
      }
    }
  }

  /** Reads all that wait, and frees them. */
  async read(): Promise<Points> {
    const entries = this.#entries;
    this.#entries = [];
    const tensors = entries.map(({ value }) => value).filter((value) => value instanceof tf.Tensor);
    const all = tensors.length === 0
      ? undefined
      : tf.tidy(() =>
        tf.concat(tensors.map((tensor) => tf.cast(tf.reshape(tensor, [1]), "float32")))
      );
    tf.dispose(tensors);
    const read = await all?.data() ?? [];
    all?.dispose();
    const series = new Map<string, Points[number]>();
    let next = 0;
    for (const { step, name, value } of entries) {
      if (!series.has(name)) series.set(name, [name, [], []]);
      const [, x, y] = series.get(name)!;
      x.push(step);
      y.push(finite(typeof value === "number" ? value : read[next++]!));
    }
    return [...series.values()];
  }

  /** Frees all without reading. */
  dispose(): void {
    tf.dispose(
      this.#entries.map(({ value }) => value).filter((value) => value instanceof tf.Tensor),
    );
    this.#entries = [];
  }
}

/** A number as JSON can hold it, to the digits that a float32 has; null if it is not finite. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? rounded(value) : null;
}
