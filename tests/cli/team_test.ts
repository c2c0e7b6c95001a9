import assert from "node:assert/strict";
import { normal } from "../support/random.ts";
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

  Deno.test({
    name: `${launcher}: compare deals its runs out, and finds what one process finds`,
    ...LIMIT,
    fn: () =>
      withTempDir(async (directory) => {
        if (!await hasLauncher(launcher)) return;
        const args = (name: string) => [
          "compare",
          ...["--data", "iris", "--epochs", "1", "--seeds", "1", "--backend", "cpu"],
          ...["--optimizers", "sgdf,adamw", "--learning-rates", "0.01"],
          ...["--out", `${directory}/${name}.svg`, "--record", `${directory}/${name}.jsonl`],
        ];
        await onRanks(launcher, args("team"));
        const alone = await signalfit(args("alone"));
        assert.equal(alone.code, 0, alone.stderr);
        const recorded = async (name: string) =>
          (await Deno.readTextFile(`${directory}/${name}.jsonl`)).trimEnd().split("\n").map(
            (line) => {
              const { settings, outcome: { seconds: _, optimizerMs: __, ...outcome } } = JSON.parse(
                line,
              );
              return { settings, outcome };
            },
          );
        const team = await recorded("team");
        assert.equal(team.length, 2);
        assert.deepEqual(team, await recorded("alone"));
        assert.ok(await Deno.stat(`${directory}/team.svg`));
        const again = await onRanks(launcher, args("team"));
        assert.ok(
          again !== undefined && (await recorded("team")).length === 2,
          "nothing is made twice",
        );
      }),
  });

  Deno.test({
    name: `${launcher}: diffuse on two ranks learns as on one, and rank 0 draws`,
    ...LIMIT,
    fn: () =>
      withTempDir(async (directory) => {
        if (!await hasLauncher(launcher)) return;
        const random = normal(3), data = `${directory}/points.csv`;
        const points = Array.from({ length: 64 }, () => `${random()},${1 + random() / 4}`);
        await Deno.writeTextFile(data, `x,y\n${points.join("\n")}\n`);
        const args = (name: string) => [
          "diffuse",
          ...["--data", data, "--steps", "12", "--batch-size", "10", "--width", "8", "--seed", "2"],
          ...["--samples", "6", "--sampler-steps", "3", "--backend", "cpu"],
          ...["--out", `${directory}/${name}`],
        ];
        const team = await onRanks(launcher, args("team"));
        const alone = await signalfit([...args("alone"), "--json"]);
        assert.equal(alone.code, 0, alone.stderr);
        const one = JSON.parse(alone.stdout);
        assert.equal(team.steps, one.steps);
        assert.ok(Math.abs(Number(team.loss) - one.loss) <= 12 * 4 * 2 ** -23 * one.loss);
        const files = (name: string) =>
          [...Deno.readDirSync(`${directory}/${name}`)].map(({ name }) => name).sort();
        assert.deepEqual(files("team"), files("alone"));
      }),
  });
}
