import type { Team } from "./team.ts";

/** Which rows of a batch of the whole team are this rank's. */
export interface Share {
  /** Rows of the ranks before it. */
  readonly first: number;
  /** Its own rows; 0 where there are fewer rows than ranks, and a stand-in is trained that does not count. */
  readonly own: number;
  /** Rows of all ranks. */
  readonly all: number;
}

/**
 * The rows of a batch that fall to a rank: as even as can be, in order.
 *
 * @param all rows of the batch
 */
export function shareOf({ rank, size }: Team, all: number): Share {
  const first = Math.floor(rank * all / size);
  return { first, own: Math.floor((rank + 1) * all / size) - first, all };
}

const shares = new WeakMap<Team, Share>();

/** Notes what is this rank's of the batch that is trained next. */
export function setShare(team: Team, share: Share): void {
  shares.set(team, share);
}

/** What is this rank's of the batch that is trained, if that is known. */
export function presentShare(team: Team): Share | undefined {
  return shares.get(team);
}

/** Forgets it: the batch has been trained. */
export function clearShare(team: Team): void {
  shares.delete(team);
}
