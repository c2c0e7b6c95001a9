import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { reportOf, runToEnd, start, trainingCommand } from "../faults/process.ts";
import type { Plan } from "../faults/run.ts";
import { withTempDir } from "../support/temp_dir.ts";

const PLAN: Plan = { optimizer: "sgdf", epochs: 1 };
const isBatch = (line: string) => line.startsWith("batch");

Deno.test("Checkpoint - Ctrl-C finishes the batch, saves and stops; the run goes on exactly", () =>
  withTempDir(async (root) => {
    const whole = runToEnd(trainingCommand("train", `${root}/whole`, PLAN));
    const child = start(trainingCommand("hold", `${root}/broken`, PLAN));
    await child.printed(isBatch);
    child.kill("SIGINT");
    await child.printed((line) => line.includes("SIGINT: finishing the batch and saving"));
    await child.goOn();
    const ended = await child.ended, report = reportOf(ended);
    assert.deepEqual([ended.code, ended.signal, report.interrupted], [130, null, "SIGINT"]);
    assert.equal(ended.lines.filter(isBatch).length, 1);
    const rest = reportOf(await runToEnd(trainingCommand("train", `${root}/broken`, PLAN)));
    assert.deepEqual([rest.start!.epoch, rest.start!.step], [0, 1]);
    assert.deepEqual(rest.outcome, reportOf(await whole).outcome);
  }));

Deno.test("Checkpoint - Ctrl-C comes through to steady work in small batches, within some turns of the event loop", () =>
  withTempDir(async (root) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "-A",
        fileURLToPath(new URL("./interrupts_itself.ts", import.meta.url)),
        root,
      ],
    }).output();
    const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    const [, turns] = /^SIGINT (\d+)$/m.exec(text!) ?? assert.fail(`${text}${errors}`);
    assert.equal(code, 130);
    assert.ok(Number(turns) < 20, `only after ${turns} turns of the event loop`);
  }));

Deno.test("Checkpoint - a SIGTERM comes through to training that never waits", () =>
  withTempDir(async (root) => {
    const child = start(
      trainingCommand("train", root, { ...PLAN, epochs: 1e6, everyEpochs: null }),
    );
    await child.printed(isBatch, 2);
    child.kill("SIGTERM");
    const ended = await child.ended, { interrupted } = reportOf(ended);
    assert.deepEqual([ended.code, ended.signal, interrupted], [143, null, "SIGTERM"]);
    assert.equal([...Deno.readDirSync(root)].length, 1, "one checkpoint and no lock");
  }));

Deno.test("Checkpoint - a second Ctrl-C ends the process at once", () =>
  withTempDir(async (root) => {
    const child = start(trainingCommand("hold", root, PLAN));
    await child.printed(isBatch);
    child.kill("SIGINT");
    await child.printed((line) => line.includes("SIGINT: finishing"));
    child.kill("SIGINT");
    const { signal, stderr } = await child.ended;
    assert.equal(signal, "SIGINT", stderr);
    assert.deepEqual([...Deno.readDirSync(root)].map(({ name }) => name), ["lock"]);
  }));

Deno.test("Checkpoint - once training has thrown, signals do again what they did before", () =>
  withTempDir(async (root) => {
    const child = start(trainingCommand("throw", root, PLAN));
    await child.printed((line) => line.includes("broken on purpose"));
    assert.deepEqual([...Deno.readDirSync(root)], [], "the lock is given back");
    child.kill("SIGINT");
    const { signal, stderr } = await child.ended;
    assert.equal(signal, "SIGINT", stderr);
    assert.doesNotMatch(stderr, /finishing/);
  }));
