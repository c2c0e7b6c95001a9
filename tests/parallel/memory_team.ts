import type { Team } from "@signalfit/tfjs/mpi";

/** How many numbers a team in memory takes at once, at most. */
const CAPACITY = 1 << 20;

/** What the workers of a team in memory share. */
export interface SharedTeam {
  readonly size: number;
  /** How many have come to the present barrier, and how many barriers are over. */
  readonly counts: Int32Array<SharedArrayBuffer>;
  /** The numbers of each rank. */
  readonly numbers: Float32Array<SharedArrayBuffer>;
}

/** Memory for a team. */
export function sharedTeam(size: number): SharedTeam {
  return {
    size,
    counts: new Int32Array(new SharedArrayBuffer(8)),
    numbers: new Float32Array(new SharedArrayBuffer(4 * CAPACITY * size)),
  };
}

/** A team of workers that share memory. */
export class MemoryTeam implements Team {
  readonly size: number;
  /** How many numbers have been summed, and in how many sums. */
  readonly sums: number[] = [];

  constructor(readonly rank: number, readonly shared: SharedTeam) {
    this.size = shared.size;
  }

  allReduce(values: Float32Array): void {
    this.sums.push(values.length);
    this.#mine().set(values);
    this.barrier();
    for (let i = 0; i < values.length; i++) {
      let sum = 0;
      for (let rank = 0; rank < this.size; rank++) {
        sum = Math.fround(sum + this.shared.numbers[rank * CAPACITY + i]!);
      }
      values[i] = sum;
    }
    this.barrier();
  }

  broadcast(values: Float32Array, root: number): void {
    if (this.rank === root) this.#mine().set(values);
    this.barrier();
    const begin = root * CAPACITY;
    values.set(this.shared.numbers.subarray(begin, begin + values.length));
    this.barrier();
  }

  barrier(): void {
    const { counts } = this.shared, round = Atomics.load(counts, 1);
    if (Atomics.add(counts, 0, 1) + 1 === this.size) {
      Atomics.store(counts, 0, 0);
      Atomics.add(counts, 1, 1);
      Atomics.notify(counts, 1);
    } else {
      while (Atomics.load(counts, 1) === round) Atomics.wait(counts, 1, round);
    }
  }

  abort(code: number): never {
    throw new Error(`aborted with ${code}`);
  }

  leave(): void {}

  #mine(): Float32Array {
    return this.shared.numbers.subarray(this.rank * CAPACITY, (this.rank + 1) * CAPACITY);
  }
}
