// Runs a scenario with a team in memory, or under mpirun.
import type { Outcome, Plans, ScenarioName } from "./scenarios.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { sharedTeam } from "./memory_team.ts";

/** The launchers of MPI, by name; both are installed by .ci/run. */
export const LAUNCHERS = {
  "Open MPI": ["mpirun.openmpi", "--oversubscribe"],
  "MPICH": ["mpirun.mpich"],
} as const;

/** A launcher of MPI. */
export type Launcher = keyof typeof LAUNCHERS;

/** Whether a launcher is there; where SIGNALFIT_REQUIRE names mpi, it must be. */
export async function hasLauncher(launcher: Launcher): Promise<boolean> {
  if ((Deno.env.get("SIGNALFIT_REQUIRE") ?? "").split(",").includes("mpi")) return true;
  try {
    await new Deno.Command(LAUNCHERS[launcher][0], { args: ["--version"], stdout: "null" })
      .output();
    return true;
  } catch {
    console.log(`not tested: there is no ${launcher} here`);
    return false;
  }
}

/** What a scenario gives on each rank, in workers that share memory. */
export async function inMemory<Name extends ScenarioName>(
  name: Name,
  size: number,
  plan: Plans[Name],
): Promise<Outcome[]> {
  const shared = sharedTeam(size);
  const workers = Array.from(
    { length: size },
    () => new Worker(new URL("worker.ts", import.meta.url), { type: "module" }),
  );
  const next = (worker: Worker) =>
    new Promise<unknown>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
  try {
    await Promise.all(workers.map(next));
    return await Promise.all(workers.map((worker, rank) => {
      worker.postMessage({ rank, shared, name, plan });
      return next(worker) as Promise<Outcome>;
    }));
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

/** How a job of MPI has ended. */
export interface Job {
  readonly code: number;
  readonly outcomes: readonly Outcome[];
  /** All that was printed. */
  readonly text: string;
}

/** Lets root start Open MPI, with more ranks than cores, which it ends at once when one of them dies. */
const AS_ROOT = {
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
  OMPI_MCA_mpi_yield_when_idle: "1",
  OMPI_MCA_odls_base_sigkill_timeout: "0",
  NO_COLOR: "1",
};

/** A job that runs a program of this folder on so many ranks. */
export function startJob(
  launcher: Launcher,
  size: number,
  [script, ...args]: readonly [string, ...string[]],
  env: Record<string, string> = {},
): Deno.ChildProcess {
  const [command, ...options] = LAUNCHERS[launcher];
  const program = [
    Deno.execPath(),
    "run",
    "-A",
    "--no-check",
    import.meta.resolve(script),
    ...args,
  ];
  return new Deno.Command(command, {
    args: [...options, "-n", String(size), ...program],
    env: { ...AS_ROOT, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** What a job has printed, and how it has ended. */
export async function endOf(job: Deno.ChildProcess): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await job.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, text: decode(stdout) + decode(stderr) };
}

/** What a scenario gives on each rank, under mpirun. */
export function underMpi<Name extends ScenarioName>(
  launcher: Launcher,
  name: Name,
  size: number,
  plan: Plans[Name],
): Promise<Job> {
  return withTempDir(async (directory) => {
    const env = { SIGNALFIT_OUTCOMES: directory };
    const ended = await endOf(
      startJob(launcher, size, ["./rank.ts", name, JSON.stringify(plan)], env),
    );
    const outcomes: Outcome[] = [];
    for await (const { name } of Deno.readDir(directory)) {
      outcomes[parseInt(name)] = JSON.parse(await Deno.readTextFile(`${directory}/${name}`));
    }
    return { ...ended, outcomes };
  });
}
