import assert from "node:assert/strict";
import { listCheckpoints } from "../../src/io/checkpoint_files.ts";
import { importHost } from "../../src/io/host.ts";
import { useBackend } from "../support/backends.ts";
import { uniform } from "../support/random.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { LONG, reportOf, runToEnd, start, trainingCommand } from "./process.ts";
import { outcomeOf, type Plan, prepare, STEPS, train } from "./run.ts";

const KILLS = LONG ? 50 : 5;
/** Batches that a process may do beyond those that are waited for. */
const ROOM = 6;
/** More than the processes can do before they are killed: 12 batches each, of 5 an epoch. */
const EPOCHS = 4 * KILLS;
/** Longest time in milliseconds between a batch and a kill; and from the start of a process. */
const WITHIN_BATCHES = 60, WITHIN_START = 900;

/** The names in a directory, which a process may not have lived to make. */
async function namesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(directory)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names;
}

/** The batches that a checkpoint has behind it, by its name. */
const stepOf = (name: string) => Number(/-step-(\d+)$/.exec(name)?.[1] ?? 0);

const isBatch = (line: string) => line.startsWith("batch");

for (const optimizer of LONG ? ["sgdf", "adamf"] as const : ["adamf"] as const) {
  Deno.test(`faults - killed ${KILLS} times at random moments, bit for bit: ${optimizer}`, () =>
    withTempDir(async (root) => {
      const plan: Plan = { optimizer, epochs: EPOCHS, everySteps: 3 };
      const random = uniform(optimizer.length), host = await importHost();
      const directory = `${root}/killed`;
      let newest = "nothing", done = 0, halfWritten = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        // It waits for a line at each batch: however fast the machine is, it comes no further than this.
        const child = start(trainingCommand("hold", directory, plan));
        const atStart = kill % 5 === 4, batches = atStart ? 0 : 1 + Math.floor(6 * random());
        for (let line = 0; line < batches + ROOM; line++) await child.goOn();
        if (!atStart) await child.printed(isBatch, batches);
        const delay = random() * (atStart ? WITHIN_START : WITHIN_BATCHES);
        await new Promise((resolve) => setTimeout(resolve, delay));
        child.kill("SIGKILL");
        const { signal, lines, stderr } = await child.ended;
        assert.equal(signal, "SIGKILL", `${done} batches are done: ${stderr}`);
        assert.doesNotMatch(stderr, /passing over|Error/, "a kill leaves no damage");
        done += lines.filter(isBatch).length;
        const from = lines.find((line) => line.startsWith("training from "))?.split("/").at(-1);
        if (from !== undefined) {
          assert.equal(from, newest === "nothing" ? `training from ${newest}` : newest);
        }
        if ((await namesIn(directory)).some((name) => /-step-.*\.tmp$/.test(name))) halfWritten++;
        // What was to be saved before the last batch that it told of is there, however slow the machine is.
        const least = 3 * Math.floor((stepOf(newest) + Math.max(0, batches - 1)) / 3);
        newest = (await listCheckpoints(host, directory).catch(() => [])).at(-1)?.name ?? newest;
        assert.ok(stepOf(newest) >= least, `${newest} after ${batches} batches`);
      }
      console.log(`  ${halfWritten} of ${KILLS} kills came in the middle of a save`);
      const rare = { ...plan, everySteps: null, everyEpochs: null };
      const last = await runToEnd(trainingCommand("train", directory, rare));
      const { start: resumed, outcome } = reportOf(last);
      assert.equal(resumed!.path, `${directory}/${newest}`);
      assert.ok(resumed!.globalStep < EPOCHS * STEPS);
      assert.ok(done >= resumed!.globalStep);

      await useBackend("cpu");
      const never = prepare(`${root}/never`, rare);
      await train(never);
      assert.deepEqual(outcome, JSON.parse(JSON.stringify(await outcomeOf(never))));
      never.dispose();
      const left = (await namesIn(directory)).filter((name) => name.startsWith("."));
      assert.deepEqual(left.filter((name) => !isNamelessLock(`${directory}/${name}`)), []);
    }));
}

/** Of a process that was killed in the instant before it wrote down who it was: removed a minute later. */
function isNamelessLock(path: string): boolean {
  if (!/\/\.lock\.[0-9a-f]{16}\.tmp$/.test(path)) return false;
  try {
    return Deno.readTextFileSync(`${path}/owner.json`) === "";
  } catch {
    return true;
  }
}
