import assert from "node:assert/strict";
import { LONG } from "../faults/process.ts";
import { type Plan, STEPS } from "../faults/run.ts";
import { uniform } from "../support/random.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { endOf, hasLauncher, type Launcher, LAUNCHERS, startJob } from "./run_team.ts";

const KILLS = LONG ? 20 : 3, EPOCHS = LONG ? 30 : 6, RANKS = 2;
const PLAN: Plan = { optimizer: "sgdf", epochs: EPOCHS, everySteps: 1, keep: 2 };

const argsOf = (directory: string) =>
  ["./training_rank.ts", directory, JSON.stringify(PLAN)] as const;

/** What each rank has left, and the batch it began with. */
async function outcomes(directory: string): Promise<{ start: number; outcome: unknown }[]> {
  return await Promise.all(Array.from(
    { length: RANKS },
    async (_, rank) => JSON.parse(await Deno.readTextFile(`${directory}/outcome.${rank}`)),
  ));
}

/** Reads a stream until so many lines of it are there, and then on in the background. */
function reading(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  let text = "", wake = () => {}, isOver = false;
  const all = (async () => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      text += part;
      wake();
    }
    isOver = true;
    wake();
    return text;
  })();
  return {
    all,
    async lines(count: number): Promise<void> {
      while (text.split("\n").length <= count && !isOver) {
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
  };
}

for (const launcher of Object.keys(LAUNCHERS) as Launcher[]) {
  Deno.test({
    name:
      `${launcher}: killed ${KILLS} times, any rank at any moment, a run ends as if it never had been`,
    sanitizeResources: false,
    sanitizeOps: false,
    fn: () =>
      withTempDir(async (root) => {
        if (!await hasLauncher(launcher)) return;
        const random = uniform(launcher.length), directory = `${root}/killed`;
        await Deno.mkdir(directory);
        for (let kill = 0; kill < KILLS; kill++) {
          const job = startJob(launcher, RANKS, argsOf(directory));
          const out = reading(job.stdout), err = reading(job.stderr);
          await out.lines(1 + Math.floor(random() * 4));
          await new Promise((resolve) => setTimeout(resolve, random() * 20));
          const rank = Math.floor(random() * RANKS);
          const pid = Number(await Deno.readTextFile(`${directory}/pid.${rank}`));
          Deno.kill(pid, "SIGKILL");
          const { code } = await job.status, text = await out.all + await err.all;
          assert.notEqual(code, 0, text);
          assert.doesNotMatch(text, /passing over|Error/, "a kill leaves no damage");
          const told = launcher === "MPICH"
            ? [new RegExp(`rank ${rank} is PID ${pid}\\b`), new RegExp(`PID ${pid} RUNNING AT`)]
            : [new RegExp(`process rank ${rank} .*exited on signal 9`)];
          for (const words of told) assert.match(text, words, `which rank has died: ${text}`);
        }
        const { code, text } = await endOf(startJob(launcher, RANKS, argsOf(directory)));
        assert.equal(code, 0, text);
        const resumed = await outcomes(directory);
        for (const { start, outcome } of resumed) {
          assert.ok(start >= KILLS - 1 && start < EPOCHS * STEPS, `it went on from step ${start}`);
          const { optimizer: _, ...whole } = outcome as Record<string, unknown>;
          const { optimizer: __, ...first } = resumed[0]!.outcome as Record<string, unknown>;
          assert.deepEqual(whole, first, "all ranks have the same");
        }
        const never = `${root}/never`;
        await Deno.mkdir(never);
        const whole = await endOf(startJob(launcher, RANKS, argsOf(never)));
        assert.equal(whole.code, 0, whole.text);
        assert.deepEqual(
          resumed.map(({ outcome }) => outcome),
          (await outcomes(never)).map(({ outcome }) => outcome),
        );
      }),
  });
}
