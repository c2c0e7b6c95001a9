import type { Tensor } from "@tensorflow/tfjs-core";
import { getBackend } from "@tensorflow/tfjs-core";
import { type HostMemory, hostMemory } from "../engines/host_memory.ts";
import type { GradientTeam } from "../optimizers/gradients.ts";
import { meet } from "./meeting.ts";
import { clearShare, presentShare } from "./share.ts";
import type { Team } from "./team.ts";

/**
 * Sums gradients over a team: all of them in one buffer, each rank's weighted by its samples, so that the
 * sum is the gradient of the mean loss of the whole batch.
 */
export class GradientSum implements GradientTeam {
  readonly #team: Team;
  #packed = new Float32Array(0);
  /** This rank's loss, where the gradients are of one. */
  #ownLoss = NaN;
  /** Mean loss over the samples of all ranks, as of the last meeting. */
  #loss = NaN;

  constructor(team: Team) {
    this.#team = team;
  }

  /** The team's loss at the last step. */
  get loss(): number {
    return this.#loss;
  }

  /** Takes note of the rank's own loss, before its gradients are summed. */
  noteLoss(value: Tensor): void {
    this.#ownLoss = requireMemory().view(value)[0]!;
  }

  meet(gradients: readonly Tensor[], isBad: boolean): boolean {
    const { own, all } = this.#rows(), length = sizeOf(gradients);
    const loss = own === 0 ? 0 : this.#ownLoss;
    this.#ownLoss = NaN;
    const rows = meet(
      this.#team,
      "the gradients of a batch",
      [own, loss, Number(isBad), all, length],
    );
    const samples = rows.reduce((sum, [own]) => sum + own!, 0);
    this.#requireOne("a batch of as many rows", rows.map(([, , , all]) => all!));
    this.#requireOne("gradients of as many parameters", rows.map(([, , , , length]) => length!));
    if (samples !== all) {
      const list = rows.map(([own], rank) => `rank ${rank} has ${own}`).join(", ");
      throw new Error(
        `Cannot train together: the ranks' rows must make up the batch of ${all}, got ${list}`,
      );
    }
    this.#loss = rows.reduce((sum, [own, loss]) => own === 0 ? sum : sum + own! * loss!, 0) / all;
    return rows.some(([, , isBad]) => isBad !== 0);
  }

  part(gradients: readonly Tensor[]): Tensor[] {
    const packed = this.#pack(gradients, []);
    clearShare(this.#team);
    return unpack(packed, gradients);
  }

  sum(gradients: readonly Tensor[], sums: readonly Float32Array[] = []): Tensor[] {
    const packed = this.#pack(gradients, sums);
    clearShare(this.#team);
    this.#team.allReduce(packed, "the gradients of a batch");
    return unpack(packed, gradients);
  }

  leaveOut(): void {
    clearShare(this.#team);
  }

  /** Refuses numbers that are not the same on all ranks; all of them do. */
  #requireOne(what: string, numbers: readonly number[]): void {
    const odd = numbers.findIndex((number) => number !== numbers[0]);
    if (odd < 0) return;
    throw new Error(
      `Cannot train together: all ranks must have ${what}, got ${numbers[0]} on rank 0 and ` +
        `${numbers[odd]} on rank ${odd}`,
    );
  }

  /** The rows of this rank and of all; as many on each, where nobody has told. */
  #rows(): { own: number; all: number } {
    return presentShare(this.#team) ?? { own: 1, all: this.#team.size };
  }

  /** This rank's part of the sum, in one buffer that the next call uses again. */
  #pack(gradients: readonly Tensor[], sums: readonly Float32Array[]): Float32Array {
    const length = sizeOf(gradients), { own, all } = this.#rows();
    if (this.#packed.length !== length) this.#packed = new Float32Array(length);
    packWeighted(requireMemory(), gradients, own / all, this.#packed);
    let at = 0;
    gradients.forEach(({ size }, index) => {
      const sum = sums[index];
      if (sum !== undefined) { for (let i = 0; i < size; i++) this.#packed[at + i]! += sum[i]!; }
      at += size;
    });
    return this.#packed;
  }
}

/**
 * Tensors in one buffer, times a weight, straight from the backend's memory. A weight of 0 is none at all:
 * what stands in for missing rows does not count, not even where it is NaN.
 */
export function packWeighted(
  memory: HostMemory,
  tensors: readonly Tensor[],
  weight: number,
  packed: Float32Array = new Float32Array(sizeOf(tensors)),
): Float32Array {
  if (weight === 0) return packed.fill(0);
  let at = 0;
  for (const tensor of tensors) {
    const values = memory.view(tensor), { size } = tensor;
    for (let i = 0; i < size; i++) packed[at + i] = weight * values[i]!;
    at += size;
  }
  return packed;
}

/** Fresh tensors, shaped like the given ones, with the values of a buffer. */
export function unpack(packed: Float32Array, like: readonly Tensor[]): Tensor[] {
  const memory = requireMemory();
  const tensors = like.map(({ shape }) => memory.allocate(shape));
  let at = 0;
  // Views detach when the memory grows: they are taken after the last allocation.
  for (const tensor of tensors) {
    memory.view(tensor).set(packed.subarray(at, at += tensor.size));
  }
  return tensors;
}

/** The number of elements of all tensors. */
export function sizeOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { size }) => sum + size, 0);
}

function requireMemory(): HostMemory {
  const memory = hostMemory();
  if (memory !== undefined) return memory;
  throw new Error(
    `Cannot sum gradients over ranks on the ${getBackend()} backend: it does not give its numbers ` +
      `without waiting. Leave out distributed(), and average parameters by the callback ` +
      `ParameterAveraging`,
  );
}
