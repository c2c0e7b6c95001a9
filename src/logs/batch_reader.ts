import { cast, dispose, keep, reshape, stack, Tensor, tidy } from "@tensorflow/tfjs-core";
import { hostMemory } from "../engines/host_memory.ts";
import type { Logs } from "./resolve_logs.ts";

/**
 * The values of a batch, and what was noted with them.
 *
 * @internal
 */
export interface Row<Note> {
  readonly note: Note;
  readonly values: Readonly<Record<string, number>>;
}

/** A batch whose values have not been read. */
interface Unread<Note> {
  readonly note: Note;
  readonly names: readonly string[];
  /** Numbers, and scalars of one's own. */
  readonly values: readonly (number | Tensor)[];
}

/** What is no metric in the logs of a batch. */
const NO_METRICS: readonly string[] = ["batch", "size"];

/**
 * Reads losses and metrics of batches without holding up the training. Where JavaScript can reach a
 * tensor's numbers (cpu, wasm) they are read at once. On a device they are kept there, brought into one
 * tensor, and read while the next batches run: `take` gives what the `take` before it asked for.
 */
export class BatchReader<Note> {
  #rows: Row<Note>[] = [];
  #unread: Unread<Note>[] = [];
  #reading: Promise<Row<Note>[]> = Promise.resolve([]);

  /**
   * Keeps the values of a batch.
   *
   * @param note comes back with them
   * @param logs what `onBatchEnd` was given
   */
  keep(note: Note, logs: Logs | undefined): void {
    const names = Object.keys(logs ?? {}).filter((name) => !NO_METRICS.includes(name));
    const isAtHand = hostMemory() !== undefined;
    const values = names.map((name) => valueOf(logs![name], isAtHand));
    const unread = { note, names, values };
    if (values.some((value) => value instanceof Tensor)) this.#unread.push(unread);
    else this.#rows.push(rowOf(unread, values as number[]));
  }

  /** Whether anything is kept that was not given out. */
  get isEmpty(): boolean {
    return this.#rows.length + this.#unread.length === 0;
  }

  /** Starts to read what was kept, and gives what has been read. */
  async take(): Promise<Row<Note>[]> {
    const ready = this.#reading;
    const unread = this.#unread;
    this.#unread = [];
    this.#reading = unread.length > 0 ? read(unread) : Promise.resolve([]);
    this.#reading.catch(() => {}); // who takes it is told
    const rows = await ready;
    return rows.concat(this.#rows.splice(0));
  }

  /** All that was kept. */
  async drain(): Promise<Row<Note>[]> {
    const rows = await this.take();
    return rows.concat(await this.take());
  }

  /** Forgets all that was kept. */
  dispose(): void {
    for (const { values } of this.#unread) dispose(values as Tensor[]);
    this.#unread = [];
    this.#rows = [];
    this.#reading = Promise.resolve([]);
  }
}

/** A number, or a scalar that outlives the logs. */
function valueOf(value: unknown, isAtHand: boolean): number | Tensor {
  if (!(value instanceof Tensor)) return typeof value === "number" ? value : NaN;
  if (isAtHand) return value.dataSync()[0]!;
  return keep(tidy(() => reshape(cast(value, "float32"), [])));
}

function rowOf<Note>(
  { note, names }: Unread<Note>,
  values: readonly number[],
): Row<Note> {
  return { note, values: Object.fromEntries(names.map((name, i) => [name, values[i]!])) };
}

/** Reads batches in one go; their tensors are given up at once, whatever happens. */
async function read<Note>(unread: readonly Unread<Note>[]): Promise<Row<Note>[]> {
  const tensors = unread.flatMap(({ values }) => values)
    .filter((value): value is Tensor => value instanceof Tensor);
  let all: Tensor | undefined;
  try {
    try {
      all = keep(stack(tensors));
    } finally {
      dispose(tensors);
    }
    const numbers = await all.data();
    let next = 0;
    return unread.map((batch) =>
      rowOf(
        batch,
        batch.values.map((value) => value instanceof Tensor ? numbers[next++]! : value),
      )
    );
  } finally {
    all?.dispose();
  }
}
