import assert from "node:assert/strict";
import { withTempDir } from "../support/temp_dir.ts";
import { reportOf, runToEnd, start, trainingCommand } from "./process.ts";
import type { Plan } from "./run.ts";

const PLAN: Plan = { optimizer: "sgdf", epochs: 1 };

Deno.test("faults - of two processes on one directory the second is told of the first", () =>
  withTempDir(async (directory) => {
    const first = start(trainingCommand("hold", directory, PLAN));
    await first.printed((line) => line.startsWith("batch"));
    const second = await runToEnd(trainingCommand("train", directory, PLAN));
    assert.equal(second.code, 1);
    const refusal = reportOf(second).error!,
      opening = `Cannot keep checkpoints in ${directory}: ` +
        `process ${first.pid} on ${Deno.hostname()} has been training there since 2`;
    assert.ok(refusal.startsWith(opening), refusal);

    // The first one is none the worse for it.
    for (let batch = 0; batch < 5; batch++) await first.goOn();
    assert.equal((await first.ended).code, 0);
    const third = reportOf(await runToEnd(trainingCommand("train", directory, PLAN)));
    assert.equal(third.start!.globalStep, 5);
  }));

Deno.test("faults - the lock of a process that was killed is taken over, with a message", () =>
  withTempDir(async (directory) => {
    const first = start(trainingCommand("hold", directory, PLAN));
    await first.printed((line) => line.startsWith("batch"));
    first.kill("SIGKILL");
    await first.ended;
    const second = await runToEnd(trainingCommand("train", directory, PLAN));
    assert.equal(second.code, 0, second.stderr);
    assert.equal(
      second.stderr.trim(),
      `Checkpoint: took over the lock of ${directory} from process ${first.pid} on ` +
        `${Deno.hostname()}: it is no longer running`,
    );
  }));
