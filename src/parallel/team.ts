/**
 * The processes that train together, called ranks. `joinMpi` gives one; who has another way to sum numbers
 * over processes can write their own. Every rank calls the same methods in the same order, with as many
 * numbers; a call ends when all ranks have come to it.
 */
export interface Team {
  /** Which of the ranks this process is, from 0. */
  readonly rank: number;
  /** How many ranks there are, at least 1. */
  readonly size: number;
  /**
   * Sums over all ranks, in place; each of them has the same bits afterwards.
   *
   * @param values as many on every rank
   * @param occasion what for, for messages about ranks that do not come, such as "the end of an epoch"
   */
  allReduce(values: Float32Array, occasion?: string): void;
  /**
   * Gives all ranks the numbers of one, bit for bit, in place.
   *
   * @param values as many on every rank
   * @param root the rank whose numbers are taken
   * @param occasion what for, for messages
   */
  broadcast(values: Float32Array, root: number, occasion?: string): void;
  /**
   * Waits until all ranks are here.
   *
   * @param occasion what for, for messages
   */
  barrier(occasion?: string): void;
  /**
   * Ends all ranks at once.
   *
   * @param code what they exit with
   */
  abort(code: number): void;
  /** Ends this rank's part, when all others end theirs. Nothing may be called after it but itself. */
  leave(): void;
}

/** A team of this process alone. */
export class SoloTeam implements Team {
  readonly rank = 0;
  readonly size = 1;

  allReduce(): void {}
  broadcast(): void {}
  barrier(): void {}
  abort(code: number): void {
    globalThis.Deno?.exit(code);
    throw new Error(`The team was ended with ${code}`);
  }
  leave(): void {}
}
