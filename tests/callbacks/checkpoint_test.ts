import assert from "node:assert/strict";
import { Breaks, OPTIMIZERS, outcomeOf, prepare, Stops, train } from "../faults/run.ts";
import { counts, useBackend } from "../support/backends.ts";
import { withTempDir } from "../support/temp_dir.ts";

for (const optimizer of Object.keys(OPTIMIZERS) as (keyof typeof OPTIMIZERS)[]) {
  Deno.test(`Checkpoint - a run broken off and resumed is the run never broken: ${optimizer}`, () =>
    withTempDir(async (directory) => {
      await useBackend("cpu");
      const plan = { optimizer, epochs: 4, everySteps: 3 };
      const whole = prepare(`${directory}/whole`, plan);
      await train(whole);
      const expected = await outcomeOf(whole);
      whole.dispose();
      // 4 batches; 4 from the fourth on; 2 from the seventh on; and then the rest, from there again.
      for (const batches of [4, 4, 2]) {
        const run = prepare(`${directory}/broken`, { ...plan, after: () => [new Breaks(batches)] });
        await assert.rejects(() => train(run), /broken on purpose/);
        run.dispose();
      }
      const last = prepare(`${directory}/broken`, plan);
      const start = await train(last);
      assert.deepEqual([start!.epoch, start!.step, start!.globalStep], [1, 1, 6]);
      assert.deepEqual(await outcomeOf(last), expected);
      last.dispose();
      assert.equal(last.checkpoint.interrupted, undefined);
    }));

  Deno.test(`Checkpoint - a run stopped and resumed leaves no tensor behind: ${optimizer}`, () =>
    withTempDir(async (directory) => {
      await useBackend("cpu");
      const before = counts();
      const plan = { optimizer, epochs: 2, everySteps: 3 };
      for (const batches of [4, Infinity]) {
        const run = prepare(directory, { ...plan, after: () => [new Stops(batches)] });
        assert.equal((await train(run))?.globalStep, batches === 4 ? undefined : 4);
        run.dispose();
      }
      assert.deepEqual(counts(), before);
    }));
}
