import { meet, ranksInWords } from "./meeting.ts";
import type { MpiCalls } from "./mpi_library.ts";
import type { Team } from "./team.ts";

/** Up to so many numbers a sum is waited for step by step; more of them travel once all ranks are there. */
const SMALL = 1 << 14;

/** Milliseconds of a wait before its first pause, of ranks that have a core of their own, and of others. */
const EAGER = { alone: 2, crowded: 0.03 } as const;

/** Milliseconds of a pause while waiting, in which a rank without a core of its own gets one. */
const PAUSE = 0.05;

/** Milliseconds after which a rank that waits lets the others know. */
const PATIENCE = 2000;

/** The largest tag of a message that every MPI takes. */
const TAGS = 1 << 15;

/** The ranks that an MPI launcher has started. */
export class MpiTeam implements Team {
  readonly rank: number;
  readonly size: number;
  readonly #mpi: MpiCalls;
  /** Milliseconds. */
  readonly #timeout: number;
  readonly #eager: number;
  readonly #request = new BigUint64Array(1);
  readonly #flag = new Int32Array(1);
  readonly #pause = new Int32Array(new SharedArrayBuffer(4));
  #count = 0;
  #sent: BigUint64Array[] = [];
  #hasLeft = false;

  /**
   * @param timeout seconds for which a rank waits for others
   * @param isCrowded whether this machine has more ranks than cores
   */
  constructor(mpi: MpiCalls, timeout: number, isCrowded: boolean) {
    this.#mpi = mpi;
    this.#timeout = 1000 * timeout;
    this.#eager = isCrowded ? EAGER.crowded : EAGER.alone;
    check("MPI_Init", mpi.init());
    check("MPI_Comm_rank", mpi.rank(this.#flag));
    this.rank = this.#flag[0]!;
    check("MPI_Comm_size", mpi.size(this.#flag));
    this.size = this.#flag[0]!;
  }

  allReduce(values: Float32Array, occasion = "a sum"): void {
    if (this.#isAlone()) return;
    if (values.length <= SMALL) {
      check("MPI_Iallreduce", this.#mpi.beginSum(values, this.#request));
      this.#wait(occasion);
    } else {
      this.barrier(occasion);
      check("MPI_Allreduce", this.#mpi.sum(values));
    }
  }

  broadcast(values: Float32Array, root: number, occasion = "a broadcast"): void {
    if (this.#isAlone()) return;
    if (!(Number.isInteger(root) && root >= 0 && root < this.size)) {
      throw new RangeError(
        `Cannot broadcast: root must be a rank from 0 to ${this.size - 1}, got ${root}`,
      );
    }
    this.barrier(occasion);
    check("MPI_Bcast", this.#mpi.broadcast(values, root));
  }

  barrier(occasion = "a barrier"): void {
    meet(this, occasion);
  }

  abort(code: number): void {
    this.#mpi.abort(code);
  }

  leave(): void {
    if (this.#hasLeft) return;
    meet(this, "the end of its program");
    this.#hasLeft = true;
    check("MPI_Finalize", this.#mpi.finalize());
  }

  #isAlone(): boolean {
    if (this.#hasLeft) throw new Error(`Cannot work with the team: rank ${this.rank} has left it`);
    return this.size === 1;
  }

  /** Waits until what was begun is done. */
  #wait(occasion: string): void {
    const began = performance.now(), tag = this.#count++ % TAGS;
    let isSaid = false;
    while (true) {
      check("MPI_Test", this.#mpi.test(this.#request, this.#flag));
      if (this.#flag[0] !== 0) break;
      const waited = performance.now() - began;
      if (waited < this.#eager) continue;
      Atomics.wait(this.#pause, 0, 0, PAUSE);
      if (!isSaid && waited > Math.min(PATIENCE, this.#timeout / 2)) {
        isSaid = true;
        this.#say(tag);
      }
      if (waited > this.#timeout) throw this.#inVain(occasion, tag);
    }
    if (isSaid) this.#hear(tag);
  }

  /** Lets all others know that this rank waits. */
  #say(tag: number): void {
    for (let to = 0; to < this.size; to++) {
      if (to === this.rank) continue;
      const request = new BigUint64Array(1);
      check("MPI_Isend", this.#mpi.beginSend(to, tag, request));
      this.#sent.push(request);
    }
    this.#sent = this.#sent.filter((request) => {
      check("MPI_Test", this.#mpi.test(request, this.#flag));
      return this.#flag[0] === 0;
    });
  }

  /** The ranks that have let this one know that they wait. */
  #hear(tag: number): number[] {
    const heard: number[] = [];
    for (let from = 0; from < this.size; from++) {
      if (from === this.rank) continue;
      check("MPI_Iprobe", this.#mpi.probe(from, tag, this.#flag));
      if (this.#flag[0] === 0) continue;
      check("MPI_Recv", this.#mpi.receive(from, tag));
      heard.push(from);
    }
    return heard;
  }

  #inVain(occasion: string, tag: number): Error {
    const there = [...this.#hear(tag), this.rank].sort((a, b) => a - b);
    const ranks = Array.from({ length: this.size }, (_, rank) => rank);
    const missing = ranks.filter((rank) => !there.includes(rank));
    return new Error(
      `Cannot go on: ${ranksInWords(there)} at ${occasion} and waited ${
        this.#timeout / 1000
      } s in ` +
        `vain for ${
          missing.map((rank) => `rank ${rank}`).join(", ")
        }. Every rank must do as many ` +
        `batches; what takes longer on one of them needs a longer joinMpi({ timeout })`,
    );
  }
}

function check(call: string, status: number): void {
  if (status !== 0) {
    throw new Error(`${call} of the MPI library has failed with the error ${status}`);
  }
}
