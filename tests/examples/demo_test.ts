import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OPTIMIZER_NAMES } from "../../examples/lib/optimizers.ts";
import { type Files, gzip, inDirectory, smallDataSet } from "./fixtures.ts";
import { assertWellFormed } from "./well_formed.ts";

const DEMO = fileURLToPath(new URL("../../examples/demo.ts", import.meta.url));

/** The demo as a process of its own, not on a terminal, allowed to write into one directory. */
function command(directory: string, ...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-read",
      "--allow-env",
      `--allow-write=${directory}`,
    ]
      .concat(DEMO, args),
    cwd: directory,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(directory: string, ...args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await command(directory, ...args).output();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

Deno.test("demo: trains on MNIST, prints a row for each optimizer and draws the curves", async () => {
  await inDirectory({}, async (directory) => {
    const { code, stdout, stderr } = await run(directory, "--limit", "2000", "--epochs", "1");
    assert.equal(code, 0, stderr);
    const svg = await Deno.readTextFile(join(directory, "signalfit-demo.svg"));
    assertWellFormed(svg);
    for (const name of OPTIMIZER_NAMES) {
      assert.match(stdout, new RegExp(`│ ${name} +│ learningRate .*│ +[\\d.]+ % │ +[\\d.]+ │`));
      assert.ok(svg.includes(`>${name}</text>`), name);
      assert.match(stderr, new RegExp(`^${name} +epoch 1/1 batch 16/16 loss [\\d.]+ `, "m"));
    }
    assert.match(stdout, /^Backend: \w+ \(/);
    assert.match(stdout, /^MNIST: .* 2000 images.*backend: \w+$/m);
    assert.match(stdout, /^Loss curves: signalfit-demo\.svg$/m);
    assert.equal(stderr.trim().split("\n").length, OPTIMIZER_NAMES.length, stderr);
    // deno-lint-ignore no-control-regex -- there must be no control characters
    assert.doesNotMatch(stdout + stderr, /\x1b/);
  });
});

Deno.test("demo: takes gzipped files of one's own and learning rates", async () => {
  const files: Files = {};
  for (const [name, bytes] of Object.entries(smallDataSet())) {
    files[`${name}.gz`] = await gzip(bytes);
  }
  await inDirectory(files, async (directory) => {
    const args = "--data . --optimizers adam,sgdf --lr sgdf=0.25 --lr=adam=0.01 --epochs 3";
    const { code, stdout, stderr } = await run(
      directory,
      ...args.split(" "),
      ...["--backend", "cpu", "--out", "curves.svg"],
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /│ adam +│ learningRate 0\.01.*│ sgdf +│ learningRate 0\.25/s);
    assert.doesNotMatch(stdout, /momentum|adamf/);
    assertWellFormed(await Deno.readTextFile(join(directory, "curves.svg")));
  });
});

Deno.test("demo: --help explains every option", async () => {
  await inDirectory({}, async (directory) => {
    const { code, stdout, stderr } = await run(directory, "--help");
    assert.equal(code, 0, stderr);
    const options = "model MODEL,data DIR,epochs N,batch-size N,optimizers, --optimizer NAMES," +
      "lr NAME=RATE,schedule NAME,clip NORM,tensorboard DIR,resume DIR,seed N,backend BACKEND,out FILE.svg,limit N";
    for (const option of options.split(/,(?! )/)) {
      assert.match(stdout, new RegExp(`^  --${option}\\s+[A-Z].*`, "m"), option);
    }
    assert.match(stdout, /-h, --help +/);
    assert.match(stdout, /choices: mlp, conv/);
    assert.match(stdout, /default: "sgdf,adamf,momentum,adam"/);
  });
});

const REFUSED: readonly [args: string, message: RegExp, code: number][] = [
  ["--modle mlp", /Unexpected option or argument: "--modle".*Did you mean.*--model/s, 2],
  ["--model cnov", /--model.*Did you mean "conv"/s, 2],
  ["--optimizers sgdf,adma", /--optimizers.*Did you mean.*"adam"/s, 2],
  ["--lr sgdf=-1", /--lr.*above 0/s, 2],
  ["--lr sgfd=1", /--lr.*Did you mean "sgdf"/s, 2],
  ["--epochs 0", /--epochs.*greater than or equal to 1/s, 2],
  ["--data nowhere", /--data.*nowhere/s, 2],
  ["--out curves.png", /--out.*\.svg/s, 2],
  ["--data .", /^Error: Cannot find train-images-idx3-ubyte or .*\.gz in \./m, 1],
];

for (const [args, message, expected] of REFUSED) {
  Deno.test(`demo: refuses ${args}`, async () => {
    await inDirectory({}, async (directory) => {
      const { code, stderr } = await run(directory, ...args.split(" "));
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^ +at /m, "a stack trace is no message");
      assert.equal(code, expected);
    });
  });
}

Deno.test({
  name: "demo: Ctrl-C gives the table so far and exit code 130, and leaves no file",
  ignore: Deno.build.os === "windows", // There, no process can send it to another.
  async fn() {
    const files = smallDataSet();
    await inDirectory(files, async (directory) => {
      const child = command(directory, "--data", ".", "--epochs", "1000000").spawn();
      const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
      const first = await reader.read(); // The end of the first epoch.
      assert.match(first.value ?? "", /^sgdf +epoch 1\/1000000/);
      child.kill("SIGINT");
      const output = new Response(child.stdout).text();
      while (!(await reader.read()).done);
      assert.match(await output, /│ sgdf +│ learningRate 0\.5,? .*│ +stopped │ +[\d.]+ │/);
      const { code, signal } = await child.status;
      assert.deepEqual([code, signal], [130, null]);
      const left = [...Deno.readDirSync(directory)].map(({ name }) => name);
      assert.deepEqual(left.toSorted(), Object.keys(files).toSorted());
    });
  },
});

Deno.test("demo: deno task demo -- --help", async () => {
  await inDirectory({}, async (directory) => {
    const { code, stdout } = await run(directory, "--", "--help");
    assert.equal(code, 0);
    assert.match(stdout, /^ +--live /m);
  });
});

Deno.test("demo: schedule, limit and event files", async () => {
  await inDirectory({}, async (directory) => {
    const { code, stdout, stderr } = await run(
      directory,
      ...["--limit", "500", "--epochs", "1", "--optimizer", "adamf", "--schedule", "cosine"],
      ...["--clip", "0.5", "--tensorboard", join(directory, "events")],
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /globalClipNorm 0\.5/);
    assert.match(stdout, /schedule cosine/);
    assert.match(stdout, /^Event files: tensorboard --logdir .*events$/m);
    const names = [...Deno.readDirSync(join(directory, "events", "adamf", "train"))];
    assert.match(names.map(({ name }) => name).join(), /^events\.out\.tfevents\./);
  });
});

Deno.test({
  name: "demo: a run that Ctrl-C stopped goes on and ends as one that was never stopped",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inDirectory(smallDataSet(), async (directory) => {
      const args = "--data . --epochs 40 --optimizers sgdf,adam --batch-size 8 --backend cpu";
      const whole = await run(directory, ...args.split(" "), "--out", "whole.svg");
      assert.equal(whole.code, 0, whole.stderr);

      const resuming = [...args.split(" "), "--resume", "runs", "--out", "resumed.svg"];
      const child = command(directory, ...resuming).spawn();
      const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
      const first = await reader.read(); // the end of an epoch
      assert.match(first.value ?? "", /^sgdf +epoch \d+\/40/);
      child.kill("SIGINT");
      const output = new Response(child.stdout).text();
      while (!(await reader.read()).done);
      assert.match(await output, /^The same command goes on from here\.$/m);
      assert.equal((await child.status).code, 130);

      const resumed = await run(directory, ...resuming);
      assert.equal(resumed.code, 0, resumed.stderr);
      assert.match(resumed.stdout, /^sgdf: goes on after [1-9]\d* batches$/m);
      assert.deepEqual(results(resumed.stdout), results(whole.stdout));
      const [svg, expected] = ["resumed.svg", "whole.svg"].map((name) =>
        Deno.readTextFileSync(join(directory, name))
      );
      assert.equal(svg, expected, "the curves differ");

      const again = await run(directory, ...resuming);
      assert.deepEqual(results(again.stdout), results(whole.stdout), "all runs were whole");
      const other = await run(directory, ...resuming, "--lr", "sgdf=0.1");
      assert.equal(other.code, 1);
      assert.match(other.stderr, /learningRate was 0\.5 when the run was begun, and is now 0\.1/);
    });
  },
});

/** Name, accuracy and loss of each optimizer in the table. */
function results(stdout: string): string[][] {
  return [...stdout.matchAll(/│ (\w+) +│[^│]*│ +([\d.]+) % │ +([\d.]+) │/g)]
    .map(([, ...cells]) => cells as string[]);
}
