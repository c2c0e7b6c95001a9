import assert from "node:assert/strict";
import { withTempDir } from "../support/temp_dir.ts";
import { endOf, hasLauncher, type Launcher, LAUNCHERS, startJob } from "../parallel/run_team.ts";
import { signalfit } from "./program.ts";

const LIMIT = { sanitizeResources: false, sanitizeOps: false };

/** What a command prints as JSON on so many ranks, whose terminal is one. */
async function onRanks(
  launcher: Launcher,
  args: readonly string[],
): Promise<Record<string, unknown>> {
  const { code, text } = await endOf(
    startJob(launcher, 2, ["../../cli/mod.ts", ...args, "--json"]),
  );
  assert.equal(code, 0, text);
  const documents = text.match(/^\{[^]*?^\}$/gm) ?? [];
  assert.equal(documents.length, 1, `rank 0 alone prints a result: ${text}`);
  return JSON.parse(documents[0]!);
}

for (const launcher of Object.keys(LAUNCHERS) as Launcher[]) {
  Deno.test({
    name: `${launcher}: train on two ranks is train on one, and rank 0 writes`,
    ...LIMIT,
    fn: () =>
      withTempDir(async (directory) => {
        if (!await hasLauncher(launcher)) return;
        const args = (name: string) => [
          "train",
          ...["--data", "iris", "--epochs", "2", "--seed", "1", "--backend", "cpu"],
          ...["--csv", `${directory}/${name}.csv`, "--checkpoints", `${directory}/${name}`],
        ];
        const team = await onRanks(launcher, args("team"));
        const alone = await signalfit([...args("alone"), "--json"]);
        assert.equal(alone.code, 0, alone.stderr);
        const one = JSON.parse(alone.stdout) as Record<string, unknown>;
        const score = ({ test }: Record<string, unknown>) => test as Record<string, number>;
        assert.ok(Math.abs(score(team).loss! - score(one).loss!) <= 32 * 2 ** -23);
        for (const name of ["data", "model", "optimizer", "options", "epochs", "steps"]) {
          assert.deepEqual(team[name], one[name], name);
        }
        const lines = (await Deno.readTextFile(`${directory}/team.csv`)).trimEnd().split("\n");
        assert.equal(lines.length, 3, "a header and two epochs, once");
        const resumed = await onRanks(launcher, [
          ...args("team").map((each) => each === "2" ? "3" : each),
          "--resume",
        ]);
        assert.equal(resumed.resumedAt, one.steps);
      }),
  });
}
