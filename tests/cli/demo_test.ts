import assert from "node:assert/strict";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { demo } from "../../cli/compare/command.ts";
import { assertWellFormed } from "../examples/well_formed.ts";
import { inDirectory, smallDataSet } from "../examples/fixtures.ts";
import { counts } from "../support/backends.ts";
import { type CommandRun, runCommand, type RunSettings } from "./in_process.ts";
import { signalfit } from "./program.ts";

const NAMES = ["sgdf", "adamf", "tfjs-momentum", "adam"];
const MODELS = ["mlp", "conv"];
const ALL = MODELS.flatMap((model) => NAMES.map((name) => `${name}, ${model}`));

/** The demo in this process on a few images, its files in their directory. */
function shown(
  directory: string,
  args: readonly string[],
  settings: RunSettings = {},
): Promise<CommandRun> {
  const out = args.includes("--out") ? [] : ["--out", join(directory, "demo.svg")];
  return runCommand(demo, ["--data", directory, ...out, ...args], settings);
}

const images = (train = 64) => smallDataSet({ train, test: 20, side: 14 });

Deno.test("demo: every optimizer on both models: a row, its epochs, a curve", async () => {
  await inDirectory(images(), async (directory) => {
    const { code, stdout, stderr } = await shown(directory, ["--epochs", "2"]);
    assert.equal(code, 0, stderr);
    const svg = await Deno.readTextFile(join(directory, "demo.svg"));
    assertWellFormed(svg);
    for (const [i, name] of ALL.entries()) {
      const row = new RegExp(
        `│ [★ ] │ ${name} +│ +[\\d.]+ │ +[\\d.]+ │ +[\\d.]+ │ +[\\d.]+ │ +[\\d.]+ │ +[\\d.]+ │ +1 │`,
      );
      assert.match(stdout, row);
      assert.ok(svg.includes(`>${name}</text>`), name);
      const epoch = `\\[${
        i + 1
      }/8\\] ${name} at [\\d.]+: epoch 2/2, loss [\\d.]+, accuracy [\\d.]+ %`;
      assert.match(stderr, new RegExp(`^${epoch}$`, "m"));
    }
    assert.match(stderr, /^Model: multilayer perceptron.*\nModel: convolutional network.*$/m);
    assert.match(stderr, /^Backend: \w+ \(/m);
    assert.match(stdout, /^adamf: beta1 0\.9, beta2 0\.999, epsilon 1e-8, gamma 0\.5$/m);
    assert.match(stdout, /^Picture: .*demo\.svg$/m);
    assert.doesNotMatch(stdout, /^Runs:/m);
    // deno-lint-ignore no-control-regex -- there must be no control characters
    assert.doesNotMatch(stdout + stderr, /\x1b/);
  });
});

Deno.test("demo: the convolutional network learns MNIST on wasm, and leaves no tensor", async () => {
  await inDirectory({}, async (directory) => {
    await tf.ready();
    const out = join(directory, "demo.svg");
    const args = ["--backend", "wasm", "--model", "conv", "--optimizer", "adamf:lr=0.005"];
    const { stdout } = await runCommand(demo, [
      ...args,
      ...["--limit", "6000", "--epochs", "1", "--batch-size", "64", "--out", out, "--json"],
    ]);
    const { summaries } = JSON.parse(stdout);
    assert.ok(summaries[0].test.mean > 0.92, `accuracy ${summaries[0].test.mean}`);
  });
});

Deno.test("demo: --help explains every option, deno task's dashes before it", async () => {
  const { code, stdout } = await signalfit(["demo", "--", "--help"]);
  assert.equal(code, 0);
  const options = "model, --models MODELS,data DATA,epochs N,batch-size N," +
    "optimizers, --optimizer NAMES,schedule KIND,clip, --global-clip-norm NUMBER," +
    "tensorboard DIR,resume DIR,seed N,backend NAME,out FILE.svg,limit N,report FILE.html,live";
  for (const option of options.split(/,(?! )/)) {
    assert.match(stdout, new RegExp(`^  --${option}\\s+\\w.*`, "m"), option);
  }
  assert.match(stdout, /signalfit-demo\.svg/);
});

const REFUSED: readonly [args: string, message: RegExp, code: number][] = [
  ["--modle mlp", /demo has no option `?--modle.*Did you mean "--model/s, 2],
  ["--model cnov", /There is no model "cnov".*did you mean "conv"/s, 2],
  ["--optimizers sgdf,adma", /--optimizers.*did you mean "adam"/s, 2],
  ["--lr -1", /above 0/s, 2],
  ["--out curves.png", /--out.*\.svg/s, 2],
  ["--data .", /^Error: Cannot use \.: expected IDX, PNG or JPEG files in it, got none$/m, 1],
];

for (const [args, message, expected] of REFUSED) {
  Deno.test(`demo: refuses ${args}`, async () => {
    await inDirectory({}, async (directory) => {
      const { code, stderr } = await signalfit(["demo", ...args.split(" ")], { cwd: directory });
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^ +at /m, "a stack trace is no message");
      assert.equal(code, expected);
    });
  });
}

Deno.test("demo: schedule, limit of the gradient and event files", async () => {
  await inDirectory(images(), async (directory) => {
    const events = join(directory, "events");
    const args = ["--model", "mlp", "--epochs", "1", "--optimizer", "adamf,adam", "--tensorboard"];
    const { code, stdout, stderr } = await shown(
      directory,
      [...args, events, "--schedule", "cosine", "--clip", "0.5"],
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^adamf: globalClipNorm 0\.5, beta1 .*, schedule cosine$/m);
    assert.match(stderr, /^Without the schedule, which tfjs's optimizers do not take: adam$/m);
    assert.match(stdout, /^Event files: .*events$/m);
    const runs = [...Deno.readDirSync(events)].map(({ name }) => name).sort();
    assert.deepEqual(runs, ["adam-at-0.001", "adamf-at-0.001"]);
    const files = [...Deno.readDirSync(join(events, "adamf-at-0.001", "train"))];
    assert.match(files.map(({ name }) => name).join(), /^events\.out\.tfevents\./);
  });
});

Deno.test("demo: a run that Ctrl-C stopped goes on and ends as one that was never stopped", async () => {
  await inDirectory(images(40), async (directory) => {
    const args = ["--model", "mlp", "--epochs", "6", "--batch-size", "8", "--backend", "cpu"]
      .concat("--optimizers", "sgdf,adam", "--validation-split", "0.2");
    const whole = await shown(directory, [...args, "--out", join(directory, "whole.svg")]);
    assert.equal(whole.code, 0, whole.stderr);

    const runs = join(directory, "runs"), before = counts();
    const resuming = [...args, "--resume", runs, "--out", join(directory, "resumed.svg")];
    const stopped = await shown(directory, resuming, { stopAfter: /adam at 0\.001: epoch 2\/6/ });
    assert.equal(stopped.code, 130);
    assert.match(
      stopped.stdout,
      /^Stopped after 1 of 2 runs, in adam at 0\.001 after 9 of 24 steps at a loss of [\d.]+;.*\. The same command goes on from here\.$/m,
    );
    assert.match(stopped.stdout, /│ sgdf +│/);
    await assert.rejects(Deno.stat(join(directory, "resumed.svg")), Deno.errors.NotFound);

    const resumed = await shown(directory, resuming);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stderr, /^adam at 0\.001: goes on after 9 steps$/m);
    assert.deepEqual(results(resumed.stdout), results(whole.stdout));
    const [svg, expected] = ["resumed.svg", "whole.svg"].map((name) =>
      Deno.readTextFileSync(join(directory, name))
    );
    assert.equal(svg, expected, "the curves differ");
    const kept = [...Deno.readDirSync(runs)].map(({ name }) => name);
    assert.deepEqual(kept, ["runs.jsonl"], "a finished run leaves no checkpoint");

    const again = await shown(directory, resuming);
    assert.match(again.stderr, /^2 of 2 runs are in .*runs\.jsonl already$/m);
    assert.deepEqual(results(again.stdout), results(whole.stdout));
    // A run with another rate is another run, beside those.
    const other = await shown(directory, [...resuming, "--learning-rates", "0.01"]);
    assert.doesNotMatch(other.stderr, /already|goes on/);
    assert.deepEqual(counts(), before);
  });
});

/** All but the times of each row: name, rate, accuracies and losses. */
function results(stdout: string): string[][] {
  return [...stdout.matchAll(/^│ . │ (\w.*)│$/gm)].map(([, row]) =>
    row!.split("│").map((cell) => cell.trim()).slice(0, 6)
  );
}

Deno.test("demo: Ctrl-C without a directory gives the table so far and leaves no file", async () => {
  const files = images(16);
  await inDirectory(files, async (directory) => {
    const { code, stdout } = await shown(
      directory,
      ["--model", "mlp", "--epochs", "10", "--optimizers", "sgdf,adam"],
      { stopAfter: /adam at 0\.001: epoch 1\// },
    );
    assert.equal(code, 130);
    assert.match(stdout, /│ sgdf +│/);
    assert.match(stdout, /With --resume DIR it would go on from here\.$/m);
    const left = [...Deno.readDirSync(directory)].map(({ name }) => name);
    assert.deepEqual(left.toSorted(), Object.keys(files).toSorted());
  });
});

Deno.test("demo: --live shows every optimizer as a run, --report keeps the page", async () => {
  await inDirectory(images(32), async (directory) => {
    const report = join(directory, "kept.html");
    const { code, stdout, stderr } = await shown(
      directory,
      ["--model", "mlp", "--epochs", "3", "--batch-size", "8", "--report", report],
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Page: .*kept\.html$/m);
    const html = await Deno.readTextFile(report);
    const [, data] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)!;
    const { runs } = JSON.parse(data!) as { runs: Record<string, unknown>[] };
    assert.deepEqual(
      runs.map(({ name, status, step, epochs, batches }) => [name, status, step, epochs, batches]),
      ["sgdf at 0.5", "adamf at 0.002", "tfjs-momentum at 0.05", "adam at 0.002"]
        .map((name) => [name, "finished", 12, 3, 4]),
    );
    const layers = runs.map((run) => (run.layers as { seen: number }).seen > 0);
    assert.deepEqual(layers, [true, true, false, false], "gains of the optimizers that filter");
  });
});
