import { MAX_PAGES } from "../../expr/wasm_module.ts";

/** Blocks begin and end at multiples of this many bytes: a vector. */
const UNIT = 16;
const PAGE = 65536;

/** A stretch of bytes. */
interface Block {
  readonly start: number;
  readonly size: number;
}

/** A memory for WebAssembly that hands out blocks, and takes them back to hand them out again. */
export class OwnMemory {
  readonly memory: WebAssembly.Memory;
  /** Free blocks in order; no two of them touch. */
  #free: Block[] = [];
  readonly #used = new Map<number, number>();
  #floats: Float32Array<ArrayBufferLike> = new Float32Array();

  /** @param maximum how many pages of 64 KiB it may have */
  constructor(maximum = MAX_PAGES) {
    this.memory = new WebAssembly.Memory({ initial: 0, maximum });
  }

  /** All of it as numbers; good until the next allocation. */
  get floats(): Float32Array<ArrayBufferLike> {
    const { buffer } = this.memory;
    if (this.#floats.buffer !== buffer) this.#floats = new Float32Array(buffer);
    return this.#floats;
  }

  /**
   * A block of at least so many bytes, contents undefined.
   *
   * @returns where it begins
   * @throws {Error} if the memory cannot grow so far
   */
  allocate(bytes: number): number {
    const size = Math.max(UNIT, Math.ceil(bytes / UNIT) * UNIT);
    let index = this.#free.findIndex((block) => block.size >= size);
    if (index < 0) index = this.#grow(size);
    const { start, size: found } = this.#free[index]!;
    const rest = found > size ? [{ start: start + size, size: found - size }] : [];
    this.#free.splice(index, 1, ...rest);
    this.#used.set(start, size);
    return start;
  }

  /** Takes back a block. */
  free(start: number): void {
    const size = this.#used.get(start);
    if (size === undefined) return;
    this.#used.delete(start);
    this.#insert({ start, size });
  }

  /** Makes the last block large enough; returns its position. */
  #grow(size: number): number {
    const end = this.memory.buffer.byteLength;
    const last = this.#free.at(-1);
    const there = last !== undefined && last.start + last.size === end ? last.size : 0;
    const pages = Math.ceil((size - there) / PAGE);
    try {
      this.memory.grow(pages);
    } catch (cause) {
      throw new Error(
        `Cannot allocate ${size} bytes for the state of the SIMD engine: ` +
          `its memory of ${end} bytes cannot grow so far`,
        { cause },
      );
    }
    this.#insert({ start: end, size: pages * PAGE });
    return this.#free.length - 1;
  }

  /** Adds a free block, joined with those that it touches. */
  #insert({ start, size }: Block): void {
    const after = this.#free.findIndex((block) => block.start > start);
    const at = after < 0 ? this.#free.length : after;
    const before = this.#free[at - 1];
    const next = this.#free[at];
    const joinsBefore = before !== undefined && before.start + before.size === start;
    const joinsNext = next !== undefined && start + size === next.start;
    const first = joinsBefore ? before.start : start;
    const end = joinsNext ? next.start + next.size : start + size;
    this.#free.splice(
      joinsBefore ? at - 1 : at,
      Number(joinsBefore) + Number(joinsNext),
      { start: first, size: end - first },
    );
  }
}
