import type { Tensor } from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { hostMemory } from "../engines/host_memory.ts";
import { packWeighted, unpack } from "./gradient_sum.ts";
import { meet } from "./meeting.ts";
import { presentShare, type Share } from "./share.ts";
import type { Team } from "./team.ts";
import { sharedFitOf } from "./team_fit.ts";

/**
 * The rows of the batch that is under way: those of this process, and where a team trains, their place among
 * those of all ranks.
 */
export class BatchRows {
  #team: Team | undefined;
  #share: Share | undefined;

  /** A batch of a model's fit begins. */
  begin(model: tfl.LayersModel): void {
    const fit = sharedFitOf(model);
    this.#share = fit && presentShare(fit.team);
    this.#team = fit?.averages ? undefined : fit?.team;
  }

  /** It is over. */
  end(): void {
    this.#team = this.#share = undefined;
  }

  /** Which rows of the team's batch are this rank's; undefined where nobody else has some. */
  get share(): Share | undefined {
    return this.#share;
  }

  /**
   * Numbers that each rank's rows add to, summed over the ranks. On a device that must be waited for, and
   * where the ranks go their own ways between averagings, those of this rank alone.
   */
  sum(sums: Tensor): Tensor {
    const team = this.#team, memory = hostMemory();
    if (team === undefined || memory === undefined || this.#share === undefined) return sums;
    meet(team, "the measurements of ERD", [sums.size]);
    const packed = packWeighted(memory, [sums], this.#share.own === 0 ? 0 : 1);
    team.allReduce(packed, "the measurements of ERD");
    return unpack(packed, [sums])[0]!;
  }

  /** How many rows `sum` sums over. */
  count(own: number): number {
    return this.#team === undefined || hostMemory() === undefined || this.#share === undefined
      ? own
      : this.#share.all;
  }
}

/**
 * Rows of several batches, of which each rank has its own, as all ranks have them together.
 *
 * @param columns numbers a row
 */
export function gatherRows(
  team: Team,
  batches: readonly { readonly rows: Float32Array; readonly share: Share }[],
  columns: number,
): Float32Array<ArrayBuffer>[] {
  meet(team, "the measurements of ERD", [batches.length]);
  const sizes = batches.map(({ share }) => share.all * columns);
  const packed = new Float32Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  batches.forEach(({ rows, share: { first, own } }, index) => {
    packed.set(rows.subarray(0, own * columns), at + first * columns);
    at += sizes[index]!;
  });
  if (packed.length > 0) team.allReduce(packed, "the measurements of ERD");
  at = 0;
  return sizes.map((size) => packed.slice(at, at += size));
}
