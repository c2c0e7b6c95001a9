import type { Team } from "./team.ts";

/** The places at which ranks wait for each other, in words. */
export const PLACES = [
  "a barrier",
  "the beginning of a fit",
  "the beginning of an epoch",
  "the beginning of a batch",
  "the gradients of a batch",
  "the end of a batch",
  "the averaging of parameters",
  "the comparison of parameters",
  "the measurements of ERD",
  "the saving of a checkpoint",
  "the end of an epoch",
  "the end of a fit",
  "the end of its program",
] as const;

/** A place at which ranks wait for each other. */
export type Place = typeof PLACES[number];

/** Numbers that a rank may bring to a meeting, at most. */
const NOTES = 5;
const COLUMNS = 1 + NOTES;

/**
 * Waits for all ranks at a place, and learns what each of them brings: every rank gets the same table. It
 * is the sum of tables in which each rank has filled in its own row.
 *
 * Whoever is elsewhere is found here, by all ranks, where the sums of two different places would be taken
 * for each other, or wait for ever.
 *
 * @param place one of {@linkcode PLACES}, or words for what is a barrier to others
 * @param notes at most five numbers
 * @returns the numbers of each rank
 * @throws {Error} if a rank is at another place, naming both
 */
export function meet(
  team: Team,
  place: string,
  notes: readonly number[] = [],
): number[][] {
  if (team.size === 1) return [[...notes]];
  const table = new Float32Array(team.size * COLUMNS), begin = team.rank * COLUMNS;
  table[begin] = Math.max(0, PLACES.indexOf(place as Place));
  table.set(notes, begin + 1);
  team.allReduce(table, place);
  const rows = Array.from(
    { length: team.size },
    (_, rank) => [...table.subarray(rank * COLUMNS, (rank + 1) * COLUMNS)],
  );
  if (rows.some(([at]) => at !== table[begin])) throw scattered(rows.map(([at]) => at!));
  return rows.map((row) => row.slice(1, 1 + notes.length));
}

/** The error of ranks that are not at one place. */
function scattered(places: readonly number[]): Error {
  const groups = [...new Set(places)].map((place) => {
    const ranks = places.flatMap((each, rank) => each === place ? [rank] : []);
    return `${ranksInWords(ranks)} at ${PLACES[place] ?? "an unknown place"}`;
  });
  return new Error(
    `Cannot train together: the ranks are at different places, ${
      groups.join(", ")
    }. Every rank must ` +
      `do as many batches and epochs, with the same callbacks`,
  );
}

/** "rank 1 is", "ranks 0 and 2 are". */
export function ranksInWords(ranks: readonly number[]): string {
  return ranks.length === 1
    ? `rank ${ranks[0]} is`
    : `ranks ${ranks.slice(0, -1).join(", ")} and ${ranks.at(-1)} are`;
}
