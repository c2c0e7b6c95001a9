import assert from "node:assert/strict";
import { type Ended, reportOf, runToEnd, start } from "../faults/process.ts";
import type { Plan } from "../faults/run.ts";
import { withTempDir } from "../support/temp_dir.ts";

async function hasNode(): Promise<boolean> {
  try {
    return (await new Deno.Command("node", { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("Checkpoint - in Node: stopped by a signal and resumed, bit for bit, the lock given back", () =>
  withTempDir(async (root) => {
    if (!await hasNode()) return console.log("not tested: there is no node here");
    const script = `${root}/child.mjs`;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--platform", "deno", "-o", script, "child.ts"],
      cwd: new URL("../faults/", import.meta.url),
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const command = (directory: string, plan: Plan) =>
      ["node", script, "train", `${root}/${directory}`, JSON.stringify(plan)] as const;
    const train = async (directory: string, plan: Plan): Promise<Ended> => {
      const ended = await runToEnd(command(directory, plan));
      assert.equal(ended.code, 0, ended.stderr);
      return ended;
    };
    const child = start(command("broken", { optimizer: "adamf", epochs: 1e6, everyEpochs: null }));
    await child.printed((line) => line.startsWith("batch"), 3);
    child.kill("SIGINT");
    const { code, lines, stderr: said } = await child.ended;
    assert.equal(code, 130, said);
    const [name, ...rest] = [...Deno.readDirSync(`${root}/broken`)].map(({ name }) => name);
    assert.deepEqual(rest, []);
    const done = lines.filter((line) => line.startsWith("batch")).length;
    assert.equal(name, `000001-step-${done}`);

    const plan: Plan = { optimizer: "adamf", epochs: Math.ceil(done / 5) + 1, everyEpochs: null };
    const resumed = reportOf(await train("broken", plan));
    assert.equal(resumed.start!.globalStep, done);
    assert.deepEqual(resumed.outcome, reportOf(await train("whole", plan)).outcome);
  }));
