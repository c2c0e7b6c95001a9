import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isOutcomeOf, type Outcome, settingsOf } from "../../../bench/studies/plan.ts";
import { Records } from "../../../bench/studies/records.ts";

const MAIN = fileURLToPath(new URL("../../../bench/studies/erd.ts", import.meta.url));

async function study(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", MAIN, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  assert.ok(success, text(stderr));
  return text(stdout);
}

Deno.test("study: a quick run prints its tables, and goes on where it stopped", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const out = `${directory}/new/runs.jsonl`;
    const args = ["--quick", "--data", "ring", "--targets", "x0,flow", "--out", out];
    const few = await study(...args, "--weightings", "erd", "--seeds", "1");
    const first = await Deno.readTextFile(out);
    assert.equal(first.split("\n").length, 3 + 1); // x0 uniform and erd, flow uniform
    assert.match(few, /flow with erd is left out/);
    const torn = first + first.slice(0, 40); // as if it had been stopped in the middle of a line
    await Deno.writeTextFile(out, torn);
    const all = await study(...args);
    const second = await Deno.readTextFile(out);
    assert.ok(second.startsWith(torn + "\n"), "the finished runs stay");
    assert.equal(second.split("\n").length, 2 * 9 + 2, "and are not repeated");
    assert.match(all, /\| target \| weighting \| seeds \|.*squared MMD, 8 batches/);
    for (const row of ["x0     \\| uniform", "x0     \\| online", "flow   \\| p2"]) {
      assert.match(all, new RegExp(`\\| ${row} .*±`));
    }
    assert.match(all, /ERD is better than Min-SNR: \*\*not tested, too few seeds\*\*/);
    assert.match(all, /shows that all works, and nothing about ERD/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("study: an outcome with other settings does not count", async () => {
  const path = await Deno.makeTempFile();
  try {
    const run = { data: "ring", target: "v", weighting: "p2", seed: 1 } as const;
    const settings = settingsOf("ring", 8, true);
    const outcome: Outcome = {
      ...run,
      settings,
      distances: [1, 2, 3],
      ranks: [],
      excess: 0,
      seconds: 1,
    };
    await (await Records.open<Outcome>(path)).add(outcome);
    const found = (await Records.open<Outcome>(path)).with(settings);
    assert.deepEqual(found, [outcome]);
    assert.deepEqual(found.map(isOutcomeOf(run)), [true]);
    assert.deepEqual(found.map(isOutcomeOf({ ...run, seed: 2 })), [false]);
    assert.deepEqual((await Records.open<Outcome>(path)).with(settingsOf("ring", 12, true)), []);
  } finally {
    await Deno.remove(path);
  }
});
