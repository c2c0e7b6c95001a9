import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inDirectory, smallDataSet } from "./fixtures.ts";
import { assertWellFormed } from "./well_formed.ts";

const DIFFUSE = fileURLToPath(new URL("../../examples/diffuse.ts", import.meta.url));
/** Images of 14 x 14 in two classes or more, few and quickly trained on. */
const IMAGES = smallDataSet({ train: 60, test: 10, side: 14 });
const TINY =
  "--data . --backend wasm --width 2 --steps 6 --batch-size 4 --samples 3 --sampler-steps 2"
    .split(" ");

/** The program as a process of its own, not on a terminal, allowed to write into one directory. */
function command(directory: string, ...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-env", "--allow-sys"]
      .concat("--allow-net=127.0.0.1", `--allow-write=${directory}`, DIFFUSE, args),
    cwd: directory,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function run(directory: string, ...args: string[]) {
  const { code, stdout, stderr } = await command(directory, ...args).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Names of what is in a directory. */
function namesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).toSorted();
}

/** What a page shows that another run of the same settings must show too: not the times. */
async function shown(path: string): Promise<string[]> {
  const html = await Deno.readTextFile(path);
  return html.match(/<img [^>]*>|<path [^>]*>|<td>[^<]*<\/td>/g)!;
}

Deno.test({
  name: "diffuse: makes its pages; Ctrl-C leaves checkpoints that --resume takes to the same page",
  ignore: Deno.build.os === "windows", // There, no process can send it to another.
  async fn() {
    await inDirectory(IMAGES, async (directory) => {
      const { code, stdout, stderr } = await run(directory, ...TINY, "--report", "live.html");
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^Backend: wasm/);
      assert.match(stdout, /^Live page: http:\/\/127\.0\.0\.1:\d+\//m);
      const loss = /^erd +raw loss on test images (\d\.\d{4})$/m.exec(stdout)![1]!;
      const lines = stderr.trim().split("\n");
      assert.deepEqual(
        lines.map((line) => /^(\w+) +step (\d)\/6 raw loss \d/.exec(line)?.slice(1)),
        ["uniform", "erd"].flatMap((name) => ["2", "4", "6"].map((step) => [name, step])),
        stderr,
      );
      const files = ["live.html", "signalfit-diffuse.html"];
      assert.deepEqual(namesIn(directory), [...Object.keys(IMAGES), ...files].toSorted());
      const page = await Deno.readTextFile(join(directory, "signalfit-diffuse.html"));
      assertPage(page, loss);
      assertLivePage(await Deno.readTextFile(join(directory, "live.html")));

      const child = command(directory, ...TINY, "--out", "resumed.html").spawn();
      const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
      const first = await reader.read(); // The first samples are drawn.
      assert.match(first.value ?? "", /^uniform +step 2\/6/);
      child.kill("SIGINT");
      const output = new Response(child.stdout).text();
      while (!(await reader.read()).done);
      const stopped = await child.status;
      assert.deepEqual([stopped.code, stopped.signal], [130, null]);
      const kept = "signalfit-diffuse-checkpoint";
      assert.match(
        await output,
        /^Stopped. To go on: deno task diffuse --resume (\S+) --data \.$/m,
      );
      assert.deepEqual(namesIn(join(directory, kept)), ["settings.json", "uniform"]);

      const again = await run(directory, ...TINY);
      assert.match(
        again.stderr,
        /^Error: Cannot begin in signalfit-diffuse-checkpoint: .*--resume/,
      );
      assert.equal(again.code, 1);
      const other = await run(directory, "--data", ".", "--resume", "--width", "3");
      assert.match(other.stderr, /^Error: Cannot resume from .*: --width must be 2, .* got 3$/m);
      assert.equal(other.code, 1);

      const resumed = await run(
        directory,
        ...["--data", ".", "--backend", "wasm", "--resume", "--out", "resumed.html"],
      );
      assert.equal(resumed.code, 0, resumed.stderr);
      assert.ok(resumed.stderr.split("\n").length <= lines.length, "it begins anew");
      assert.deepEqual(
        await shown(join(directory, "resumed.html")),
        await shown(join(directory, "signalfit-diffuse.html")),
      );
      assert.ok(!namesIn(directory).includes(kept), "nobody asked to keep the checkpoints");
    });
  },
});

/** Fails unless the page is whole and has what it promises. */
function assertPage(html: string, erdLoss: string): void {
  assertWellFormed(html.replace(/^<!doctype html>/, "").replace(/<style>.*?<\/style>/s, ""));
  const count = (pattern: RegExp) => html.match(pattern)?.length ?? 0;
  // The last samples, three on the way there for both weightings, and the data.
  assert.equal(count(/<img src="data:image\/png;base64,[\w+/=]+" width="447" /g), 2 + 6 + 1);
  assert.equal(count(/<figcaption><b>4<\/b> steps</g), 2);
  assert.equal(count(/<svg /g), 4);
  assert.doesNotMatch(html, /NaN|undefined|null/);
  assert.ok(html.includes(`<b>ERD, closed form</b> raw loss on test images ${erdLoss}<`));
  for (const word of ["patch mixer of width 2", "6 steps of 4", "60 images", "uniform weights"]) {
    assert.ok(html.includes(word), word);
  }
  for (const title of ["Raw loss", "Recovered part R", "Weight of the loss"]) {
    assert.match(html, new RegExp(`<svg [^>]*aria-label="${title}"`));
  }
  assert.doesNotMatch(html, /<script|https?:/, "it loads nothing and runs nothing");
}

/** What a live page keeps of something that changes. */
interface Track {
  seen: number;
  items: { step: number; count: number }[];
}

/** Fails unless the live page has both runs with samples and noise levels. */
function assertLivePage(html: string): void {
  const [, data] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)!;
  const { runs } = JSON.parse(data!) as { runs: Record<string, unknown>[] };
  assert.deepEqual(
    runs.map(({ name, status, step, epochs }) => [name, status, step, epochs]),
    ["uniform weights", "ERD, closed form"].map((name) => [name, "finished", 6, 3]),
  );
  for (const run of runs) {
    const { grids, noise } = run as Record<"grids" | "noise", Track>;
    // One before the training and one at each third of it.
    assert.deepEqual(grids.items.map(({ step, count }) => [step, count]), [
      [0, 3],
      [2, 3],
      [4, 3],
      [6, 3],
    ]);
    assert.ok(noise.seen > 0);
  }
}

Deno.test("diffuse: --help explains every option", async () => {
  await inDirectory({}, async (directory) => {
    const { code, stdout, stderr } = await run(directory, "--", "--help");
    assert.equal(code, 0, stderr);
    const options =
      "model NAME,width N,steps N,batch-size N,weighting NAME,target NAME,path NAME," +
      "optimizer NAME,lr RATE,size PIXELS,seed N,samples N,sampler-steps N,backend BACKEND,data DIR," +
      "out PAGE.html,checkpoint DIR,resume [DIR],live,report FILE.html";
    for (const option of options.split(",")) {
      const words = option.replace(/[[\].]/g, "\\$&");
      assert.match(stdout, new RegExp(`^  --${words}\\s+[A-Z].*`, "m"), option);
    }
  });
});

const REFUSED: readonly [args: string, message: RegExp, code: number][] = [
  ["--stesp 9", /Unexpected option or argument: "--stesp".*Did you mean.*--steps/s, 2],
  ["--target epsilom", /--target.*Did you mean "epsilon"/s, 2],
  ["--lr -1", /--lr.*above 0.*-1/s, 2],
  ["--resume a --checkpoint b", /^Error: --checkpoint must be a, .*got b$/m, 2],
  ["--resume nowhere", /^Error: Cannot resume from nowhere: .* got no settings\.json$/m, 1],
];

for (const [args, message, expected] of REFUSED) {
  Deno.test(`diffuse: refuses ${args}`, async () => {
    await inDirectory({}, async (directory) => {
      const { code, stderr } = await run(directory, ...args.split(" "));
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^ +at /m, "a stack trace is no message");
      assert.equal(code, expected);
    });
  });
}
