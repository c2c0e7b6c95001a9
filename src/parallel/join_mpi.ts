import type { OptionTable } from "../options/options.ts";
import { resolveOptions } from "../options/options.ts";
import { pure } from "../pure.ts";
import { meet } from "./meeting.ts";
import { MPICH, type MpiKind, OPEN_MPI, openMpi } from "./mpi_library.ts";
import { MpiTeam } from "./mpi_team.ts";
import { SoloTeam, type Team } from "./team.ts";

/** Options of {@linkcode joinMpi}. */
export interface JoinOptions {
  /**
   * Seconds for which a rank waits for the others before it gives up and says who has not come: a finite
   * number > 0. It must be longer than the longest that one rank does alone, such as saving a checkpoint.
   * @default 600
   */
  readonly timeout?: number;
  /**
   * Path of the MPI library, where it is none of the usual ones; null to look for those.
   * @default null
   */
  readonly library?: string | null;
}

const OPTIONS: OptionTable<Required<JoinOptions>> = /* @__PURE__ */ pure(() => ({
  timeout: {
    fallback: 600,
    rule: "must be a finite number > 0, in seconds",
    accepts: (value) => typeof value === "number" && value > 0 && Number.isFinite(value),
  },
  library: {
    fallback: null,
    rule: "must be the path of an MPI library, or null",
    accepts: (value) => value === null || (typeof value === "string" && value !== ""),
  },
}));

let joined: Promise<Team> | undefined;

/**
 * Joins the other processes that `mpirun`, `srun` or another launcher of MPI has started with this one. A
 * process that was started alone gets a team of one. A second call gives the same team.
 *
 * It needs Deno with `--allow-ffi` and `--allow-env`, and the library of Open MPI or MPICH. When the program
 * ends by itself or by `Deno.exit(0)`, it leaves the team.
 *
 * @example
 * ```ts
 * import { joinMpi } from "@signalfit/tfjs/mpi";
 *
 * const team = await joinMpi(); // mpirun -n 4 deno run -A program.ts
 * const values = Float32Array.of(team.rank + 1);
 * team.allReduce(values);
 * console.assert(values[0] === team.size * (team.size + 1) / 2);
 * ```
 *
 * @param options see {@linkcode JoinOptions}
 * @throws {RangeError} if an option is out of its range
 * @throws {TypeError} if there is no such option
 * @throws {Error} if the process was started by a launcher of MPI and cannot join, saying what is missing
 */
export function joinMpi(options: JoinOptions = {}): Promise<Team> {
  const checked = resolveOptions<Required<JoinOptions>>("a team", OPTIONS, options);
  joined ??= new Promise<Team>((resolve) => resolve(join(checked))).catch((error) => {
    joined = undefined; // another library may do
    throw error;
  });
  return joined;
}

function join({ timeout, library }: Required<JoinOptions>): Team {
  const launch = readLaunch();
  if (launch === undefined) return new SoloTeam();
  const { kind, size, ranksHere } = launch;
  if (globalThis.Deno?.dlopen === undefined) {
    throw new Error(
      `Cannot join: this process was started by ${kind.name}, which can be called from Deno, got ` +
        `another runtime; start it as "mpirun -n 4 deno run -A program.ts"`,
    );
  }
  const team = new MpiTeam(
    openMpi(kind, library ?? undefined),
    timeout,
    (ranksHere ?? size ?? Infinity) > navigator.hardwareConcurrency,
  );
  if (size !== undefined && team.size !== size) {
    throw new Error(
      `Cannot join: ${kind.name} has started ${size} processes, of which its library sees ` +
        `${team.size}: launcher and library are of different MPI. Start by the mpirun that belongs to ` +
        `the library, or give the library as joinMpi({ library })`,
    );
  }
  if (kind === MPICH) nameProcesses(team);
  globalThis.addEventListener("unload", () => {
    // A rank that fails must not wait for the others here: the launcher ends them.
    if (Deno.exitCode === 0) team.leave();
  });
  return team;
}

/** MPICH tells of a rank that has died by its process alone: says which is which. */
function nameProcesses(team: Team): void {
  const ids = meet(team, "the beginning", [Deno.pid]);
  if (team.rank > 0 || team.size === 1) return;
  console.error(ids.map(([id], rank) => `rank ${rank} is PID ${id}`).join(", "));
}

/** The launcher that has started this process, and how many with it, as far as that is known. */
interface Launch {
  readonly kind: MpiKind;
  readonly size: number | undefined;
  /** On this machine. */
  readonly ranksHere: number | undefined;
}

/** What tells of launchers. */
const VARIABLES = [
  "OMPI_COMM_WORLD_SIZE",
  "OMPI_COMM_WORLD_LOCAL_SIZE",
  "MPI_LOCALNRANKS",
  "PMIX_RANK",
  "PMI_RANK",
  "PMI_SIZE",
  "SLURM_STEP_NUM_TASKS",
] as const;

function readLaunch(): Launch | undefined {
  const variables = readEnvironment();
  const { OMPI_COMM_WORLD_SIZE, PMIX_RANK, PMI_RANK, PMI_SIZE, SLURM_STEP_NUM_TASKS } = variables;
  const given = OMPI_COMM_WORLD_SIZE ?? PMI_SIZE ?? SLURM_STEP_NUM_TASKS;
  const size = given === undefined ? undefined : Number(given);
  const here = variables.OMPI_COMM_WORLD_LOCAL_SIZE ?? variables.MPI_LOCALNRANKS;
  const ranksHere = here === undefined ? undefined : Number(here);
  if (OMPI_COMM_WORLD_SIZE !== undefined) return { kind: OPEN_MPI, size, ranksHere };
  if (PMI_RANK !== undefined) return { kind: MPICH, size, ranksHere };
  if (PMIX_RANK !== undefined) return { kind: OPEN_MPI, size, ranksHere };
  if (size === undefined || size <= 1) return undefined;
  throw new Error(
    `Cannot join: srun has started ${size} processes without MPI, and each would train alone; start ` +
      `them by "srun --mpi=pmix" (Open MPI) or "srun --mpi=pmi2" (MPICH)`,
  );
}

/** The environment, as far as it tells of launchers. */
function readEnvironment(): Readonly<Partial<Record<typeof VARIABLES[number], string>>> {
  const process =
    (globalThis as { process?: { env?: Record<string, string | undefined> } }).process;
  try {
    return Object.fromEntries(VARIABLES.flatMap((name) => {
      const value = globalThis.Deno?.env.get(name) ?? process?.env?.[name];
      return value === undefined ? [] : [[name, value] as const];
    }));
  } catch (cause) {
    throw new Error(
      `Cannot join: whether a launcher of MPI has started this process stands in its environment; it ` +
        `needs --allow-env=${VARIABLES.join(",")} (or -A)`,
      { cause },
    );
  }
}
