import process from "node:process";
import type { TextOutput } from "@signalfit/tfjs";
import { joinMpi, type Team } from "@signalfit/tfjs/mpi";
import { UsageError } from "../exit_codes.ts";
import { permission } from "./permissions.ts";

/** Seconds for which a rank waits for others, who may draw samples or save meanwhile. */
const PATIENCE = 3600;

/** Whether a launcher of MPI has started this process, as far as the environment may be read. */
function isLaunched(): boolean {
  if (permission("env") !== "granted") return false;
  return ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "SLURM_STEP_NUM_TASKS"]
    .some((name) => process.env[name] !== undefined);
}

/** The processes that a launcher of MPI has started with this one; null where it was started alone. */
export async function joinTeam(): Promise<Team | null> {
  if (!isLaunched()) return null;
  const team = await joinMpi({ timeout: PATIENCE });
  return team.size === 1 ? null : team;
}

/** Whether this process is the one that writes files and to the terminal. */
export function isFirst(team: Team | null): boolean {
  return team === null || team.rank === 0;
}

/** Output that goes nowhere. */
export const NOWHERE: TextOutput = {
  isTerminal: false,
  hasColors: false,
  columns: 80,
  write: () => {},
};

/** The options of a command as a rank that writes nothing has them. */
export function withoutFiles<
  Options extends {
    readonly live?: boolean;
    readonly report?: string | undefined;
    readonly csv?: string | undefined;
    readonly tensorboard?: string | undefined;
    readonly save?: string | undefined;
  },
>(options: Options): Options {
  return {
    ...options,
    live: false,
    report: undefined,
    csv: undefined,
    tensorboard: undefined,
    save: undefined,
  };
}

/** @throws {UsageError} if gradients cannot be summed on a backend */
export function checkTeamBackend(team: Team | null, backend: string): void {
  if (team === null || backend !== "webgpu") return;
  throw new UsageError(
    `Under mpirun the program sums gradients over ${team.size} processes, which webgpu gives only to ` +
      `those who wait; give --backend wasm`,
  );
}

/** Whether something holds on any rank. */
export function onAny(team: Team | null, holds: boolean): boolean {
  if (team === null) return holds;
  const count = Float32Array.of(Number(holds));
  team.allReduce(count);
  return count[0]! > 0;
}

/** Gives all ranks what one of them has, plain data for JSON. */
export function shared<Value>(team: Team | null, own: Value, root = 0): Value {
  if (team === null) return own;
  const bytes = new TextEncoder().encode(team.rank === root ? JSON.stringify(own) : "");
  const length = Float32Array.of(bytes.length >> 12, bytes.length & 0xfff); // exact in float32
  team.broadcast(length, root);
  const size = 4096 * length[0]! + length[1]!;
  const words = new Float32Array(Math.ceil(size / 4)), all = new Uint8Array(words.buffer);
  if (team.rank === root) all.set(bytes);
  team.broadcast(words, root);
  return JSON.parse(new TextDecoder().decode(all.subarray(0, size)));
}
