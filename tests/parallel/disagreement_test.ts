import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { adamf, sgdf, trainingBatches } from "@signalfit/tfjs";
import { distributed, joinMpi, type Team, TeamCallback } from "@signalfit/tfjs/mpi";
import { SoloTeam } from "../../src/parallel/team.ts";
import {
  endOf,
  hasLauncher,
  inMemory,
  type Launcher,
  LAUNCHERS,
  startJob,
  underMpi,
} from "./run_team.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { useBackend } from "../support/backends.ts";
import type { TrainPlan } from "./scenarios.ts";

const LIMIT = { sanitizeResources: false, sanitizeOps: false };
const PLAN: TrainPlan = { optimizer: "sgdf", epochs: 2, rows: 38, batchSize: 8 };

const CASES: readonly [name: string, plan: TrainPlan, message: RegExp][] = [
  [
    "another model",
    { ...PLAN, odd: { rank: 1, units: 9 } },
    /^Cannot train together: on rank 1 weight 0 is first\/kernel of shape \[4,9\], .*on rank 0 weight 0 is first\/kernel of shape \[4,8\]/,
  ],
  [
    "another number of batches, known at the beginning",
    { ...PLAN, odd: { rank: 1, batchSize: 4 } },
    /^Cannot train together: on rank 1 an epoch has 10 batches, on rank 0 an epoch has 5 batches$/,
  ],
  [
    "another size of batches",
    { ...PLAN, odd: { rank: 1, batchSize: 9 } },
    /^Cannot train together: all ranks must have a batch of as many rows, got 8 on rank 0 and 9 on rank 1$/,
  ],
  [
    "another number of batches, in data of one's own",
    { ...PLAN, plainData: true, odd: { rank: 1, batches: 3 } },
    /^Cannot train together: the ranks are at different places, rank 0 is at the beginning of a batch, rank 1 is at the end of an epoch\. Every rank must do as many batches/,
  ],
  [
    "weights that are changed on one rank alone",
    { ...PLAN, odd: { rank: 1, meddles: true } },
    /^Cannot go on together: all ranks must have the same parameters, and "last\/kernel" differs on rank 1/,
  ],
];

for (const [name, plan, message] of CASES) {
  Deno.test({
    name: `ranks that disagree - ${name}`,
    ...LIMIT,
    async fn() {
      const outcomes = await inMemory("train", 2, plan);
      for (const { error } of outcomes) assert.match(error ?? "", message);
    },
  });
}

for (const launcher of Object.keys(LAUNCHERS) as Launcher[]) {
  Deno.test({
    name: `${launcher}: ranks that disagree end the job, saying who is where`,
    ...LIMIT,
    async fn() {
      if (!await hasLauncher(launcher)) return;
      const [, , , [, plan, message]] = CASES as [unknown, unknown, unknown, typeof CASES[number]];
      const job = await underMpi(launcher, "train", 2, plan);
      assert.notEqual(job.code, 0);
      assert.ok(job.outcomes.filter((each) => each !== undefined).length > 0, job.text);
      for (const outcome of job.outcomes) if (outcome) assert.match(outcome.error!, message);
    },
  });

  Deno.test({
    name: `${launcher}: a rank that does not come is named`,
    ...LIMIT,
    async fn() {
      if (!await hasLauncher(launcher)) return;
      const job = await underMpi(launcher, "late", 3, { timeout: 2, rank: 1 });
      assert.notEqual(job.code, 0);
      const errors = job.outcomes.flatMap((each) => each?.error ?? []);
      assert.ok(errors.length > 0, job.text);
      for (const error of errors) {
        assert.match(
          error,
          /^Cannot go on: ranks 0 and 2 are at the end of the test and waited 2 s in vain for rank 1\./,
        );
      }
    },
  });

  Deno.test({
    name: `${launcher}: what is missing is said`,
    ...LIMIT,
    async fn() {
      if (!await hasLauncher(launcher)) return;
      const options = JSON.stringify({ library: "/no/such/libmpi.so" });
      const { text } = await endOf(startJob(launcher, 1, ["./joining.ts", options]));
      assert.match(text, /Cannot join: .* library was not found \(\/no\/such\/libmpi\.so/);
      assert.match(text, launcher === "MPICH" ? /Install mpich and/ : /Install openmpi-bin and/);
    },
  });
}

/** A process with such permissions and such variables: what it says when it joins. */
async function joining(flags: readonly string[], env: Record<string, string>): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--no-prompt",
      "--allow-read",
      ...flags,
      import.meta.resolve("./joining.ts"),
    ],
    env: { NO_COLOR: "1", ...env },
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test("joinMpi - permissions that are missing, and launchers without MPI", async () => {
  assert.match(await joining([], {}), /Cannot join: .* needs --allow-env=OMPI_COMM_WORLD_SIZE/);
  const ffi = await joining(["--allow-env"], { OMPI_COMM_WORLD_SIZE: "2" });
  assert.match(ffi, /Cannot join: Open MPI is called .* needs --allow-ffi/);
  const slurm = await joining(["--allow-env"], { SLURM_STEP_NUM_TASKS: "8" });
  assert.match(slurm, /srun has started 8 processes without MPI, .* "srun --mpi=pmix"/);
  assert.match(await joining(["--allow-env"], {}), /^joined 1/);
});

Deno.test("joinMpi - Node is a team of one, and under a launcher told to be Deno", () =>
  withTempDir(async (directory) => {
    const script = `${directory}/joining.mjs`;
    const bundled = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--platform", "deno", "-o", script, "joining.ts"],
      cwd: new URL(".", import.meta.url),
    }).output();
    assert.ok(bundled.success, new TextDecoder().decode(bundled.stderr));
    const inNode = async (env: Record<string, string>) => {
      const { stdout } = await new Deno.Command("node", { args: [script], env }).output();
      return new TextDecoder().decode(stdout);
    };
    try {
      assert.match(await inNode({}), /^joined 1/);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return console.log("not tested: there is no node here");
    }
    assert.match(
      await inNode({ OMPI_COMM_WORLD_SIZE: "2" }),
      /^Cannot join: .* by Open MPI, which can be called from Deno, got another runtime; start it as "mpirun/,
    );
  }));

Deno.test("what is wrong is refused, naming it", async () => {
  await useBackend("cpu");
  assert.throws(() => joinMpi({ timeout: 0 }), {
    message: "Cannot create a team: timeout must be a finite number > 0, in seconds, got 0",
  });
  const team = await joinMpi();
  assert.deepEqual([team.rank, team.size], [0, 1]);
  assert.equal(await joinMpi(), team, "a process has one team");
  const optimizer = distributed(sgdf(), team);
  assert.throws(() => distributed(optimizer, team), {
    message:
      "Cannot distribute an optimizer: it must be one that is not distributed yet, got SGDF of " +
      "a team",
  });
  assert.throws(() => distributed({} as unknown as tf.Optimizer, team), /got \[object Object\]/);
  assert.throws(() => distributed(adamf(), {} as Team), /team must be that of joinMpi\(\)/);
  assert.throws(() => new TeamCallback(undefined as unknown as Team), /Cannot create TeamCallback/);
  assert.throws(() => new TeamCallback(new SoloTeam(), { checkEvery: 0 }), {
    message: "Cannot create TeamCallback: checkEvery must be a whole number >= 1, got 0",
  });
  assert.throws(
    () => trainingBatches(tf.ones([2, 1]), tf.ones([2, 1]), { team: 3 as unknown as Team }),
    { message: "Cannot create batches: team must be the team of joinMpi(), or null, got 3" },
  );
});
