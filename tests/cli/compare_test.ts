import assert from "node:assert/strict";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { compare } from "../../cli/compare/command.ts";
import { train } from "../../cli/train/command.ts";
import { assertWellFormed } from "../examples/well_formed.ts";
import { counts } from "../support/backends.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { type CommandRun, runCommand, type RunSettings } from "./in_process.ts";
import { CLI } from "./program.ts";

/** A comparison in this process, its files in a directory. */
function compared(directory: string, ...args: string[]): Promise<CommandRun> {
  return comparedSo({}, directory, ...args);
}

function comparedSo(
  settings: RunSettings,
  directory: string,
  ...args: string[]
): Promise<CommandRun> {
  const files = ["--record", join(directory, "runs.jsonl"), "--out", join(directory, "c.svg")];
  return runCommand(compare, ["--data", "iris", ...args, ...files, "--backend", "cpu"], settings);
}

/** The recorded runs. */
async function recorded(directory: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(directory, "runs.jsonl"));
  assert.ok(text.endsWith("\n"), "whole lines");
  return text.trim().split("\n");
}

const PLAN = ["--optimizers", "sgdf,adam", "--learning-rates", "0.01,0.1"];
const RUNS = [...PLAN, "--seeds", "2"];
const TWO_EPOCHS = [...RUNS, "--epochs", "2"];

Deno.test("compare: a table, a picture and files; finished runs are not repeated", async () => {
  await withTempDir(async (directory) => {
    const csv = join(directory, "runs.csv");
    const { code, stdout, stderr } = await compared(directory, ...TWO_EPOCHS, "--csv", csv);
    assert.equal(code, 0);
    for (const name of ["sgdf", "adam"]) {
      for (const rate of ["0.01", "0.1"]) {
        const row = new RegExp(`│ ${name} +│ +${rate} │ +[\\d.]+ ± [\\d.]+ │ .* │ +2 │`);
        assert.match(stdout, row);
      }
    }
    assert.equal(stdout.match(/^│ ★ │/gm)?.length, 1, stdout);
    assert.equal(stdout.match(/^│ • │/gm)?.length, 1, stdout);
    assert.match(stdout, /^★ best by the rows for the test, • best rate of its optimizer\./m);
    assert.equal(
      stderr.match(/^\[\d\/8\] .*: loss [\d.]+, accuracy [\d.]+ %$/gm)?.length,
      8,
      stderr,
    );
    const svg = await Deno.readTextFile(join(directory, "c.svg"));
    assertWellFormed(svg);
    for (const name of ["sgdf", "adam"]) assert.ok(svg.includes(`>${name}</text>`));
    assert.equal((await Deno.readTextFile(csv)).trim().split("\n").length, 9);

    const before = await recorded(directory);
    assert.equal(before.length, 8);
    const again = await compared(directory, ...TWO_EPOCHS, "--csv", csv);
    assert.equal(again.stdout, stdout);
    assert.match(again.stderr, /^8 of 8 runs are in .*runs\.jsonl already$/m);
    assert.doesNotMatch(again.stderr, /^\[/m);
    assert.deepEqual(await recorded(directory), before);

    // Another seed adds its runs alone; another setting begins anew beside the others.
    const three = await compared(directory, ...PLAN, "--seeds", "3", "--epochs", "2");
    assert.match(three.stderr, /^8 of 12 runs are in /m);
    assert.equal((await recorded(directory)).length, 12);
    const other = await compared(directory, ...RUNS, "--epochs", "1");
    assert.doesNotMatch(other.stderr, /already/);
    assert.equal((await recorded(directory)).length, 20);
    assert.notEqual(other.stdout, stdout);
  });
});

Deno.test("compare: a run gives what train gives with the same options, and leaves no tensor", async () => {
  await withTempDir(async (directory) => {
    await tf.setBackend("cpu");
    const before = counts();
    const { stdout } = await compared(
      directory,
      ...["--optimizers", "sgdf,adamf:beta1=0.8", "--learning-rates", "own"],
      ...["--seeds", "1", "--seed", "3", "--epochs", "2", "--json", "--validation-split", "0.1"],
    );
    const { runs, summaries, interrupted } = JSON.parse(stdout);
    assert.equal(interrupted, false);
    const alone = await runCommand(train, [
      ...["--data", "iris", "--optimizer", "adamf", "--beta1", "0.8", "--seed", "3"],
      ...["--epochs", "2", "--json", "--validation-split", "0.1", "--backend", "cpu"],
    ]);
    const { test, lastEpoch } = JSON.parse(alone.stdout);
    const run = runs.find(({ optimizer }: { optimizer: string }) => optimizer !== "sgdf");
    assert.equal(run.optimizer, "adamf:beta1=0.8");
    assert.deepEqual(run.test, test);
    // fit adds the losses of the 7 batches, about 1 each, in float32.
    assert.ok(Math.abs(run.trainingLoss - lastEpoch.loss) < 7 * 2 ** -23 * 2);
    assert.ok(Math.abs(run.validation.loss - lastEpoch.val_loss) < 1e-6);
    assert.equal(summaries.length, 2);
    assert.deepEqual(counts(), before);
  });
});

Deno.test("compare: Ctrl-C prints the table so far, ends with 130, and the same command goes on", async () => {
  await withTempDir(async (directory) => {
    const args = [...RUNS, "--epochs", "20"];
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", CLI, "compare", "--data", "iris", ...args].concat(
        ["--record", "runs.jsonl", "--out", "c.svg", "--backend", "cpu"],
      ),
      cwd: directory,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let stderr = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      if (!stderr.includes("[1/8]") && (stderr + text).includes("[1/8]")) child.kill("SIGINT");
      stderr += text;
    }
    const { code } = await child.status;
    const stdout = await new Response(child.stdout).text();
    assert.equal(code, 130, stderr);
    const done = (await recorded(directory)).length;
    assert.ok(done >= 1 && done < 8, `${done} runs`);
    assert.match(stdout, /^│ ★ │ sgdf +│/m);
    assert.match(
      stdout,
      new RegExp(`^Stopped after ${done} of 8 runs.*; those are in runs\\.jsonl\\.`, "m"),
    );
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["runs.jsonl"]);

    const before = await recorded(directory);
    const rest = await compared(directory, ...args);
    assert.equal(rest.code, 0);
    assert.match(rest.stderr, new RegExp(`^${done} of 8 runs are in`, "m"));
    assert.equal(rest.stderr.match(/^\[\d\/\d\]/gm)?.length, 8 - done);
    const after = await recorded(directory);
    assert.deepEqual(after.slice(0, done), before);
    const settings = after.map((line) => JSON.stringify(JSON.parse(line).settings));
    assert.equal(new Set(settings).size, 8, "each run once");
  });
});

Deno.test("compare: a run that was stopped in the middle is not recorded", async () => {
  await withTempDir(async (directory) => {
    const { code, stdout, stderr } = await comparedSo(
      { stopAfter: /\[1\/2\] sgdf at 0\.5, seed 1\W.* step [1-9]/, isTerminal: true },
      directory,
      ...["--optimizers", "sgdf:lr=0.5", "--seeds", "2", "--epochs", "100000"],
    );
    assert.equal(code, 130);
    assert.match(stdout, /^No run is finished\.\nStopped after 0 of 2 runs/);
    assert.match(stderr, / step \d+\/800000, loss [\d.e-]+, [\d:]+ left/);
    assert.equal(await Deno.readTextFile(join(directory, "runs.jsonl")), "");
  });
});

Deno.test("compare: with its defaults, every optimizer finds a rate that learns a regression", async () => {
  await withTempDir(async (directory) => {
    const rows = Array.from({ length: 80 }, (_, i) => {
      const [a, b, c] = [(i * 7) % 11, (i * 5) % 13, (i * 3) % 7];
      return `${a},${b},${c},${3 * a - 2 * b + c * c + 0.5}`;
    });
    const data = join(directory, "x.csv");
    await Deno.writeTextFile(data, `a,b,c,y\n${rows.join("\n")}\n`);
    const { code, stdout } = await runCommand(compare, [
      ...["--data", data, "--seeds", "1", "--epochs", "20", "--backend", "cpu", "--json"],
      ...["--record", join(directory, "r.jsonl"), "--out", join(directory, "c.svg")],
    ]);
    assert.equal(code, 0);
    const { summaries } = JSON.parse(stdout) as {
      summaries: { optimizer: string; isBestRate: boolean; test: { mean: number } }[];
    };
    assert.equal(summaries.length, 12, "four optimizers at three rates");
    const best = summaries.filter(({ isBestRate }) => isBestRate);
    assert.equal(best.length, 4);
    // The mean alone would be off by the deviation of y, about 17.
    for (const { optimizer, test } of best) assert.ok(test.mean < 8, `${optimizer}: ${test.mean}`);
  });
});

Deno.test("compare: several models share the data, each from the same weights", async () => {
  await withTempDir(async (directory) => {
    const { stdout, stderr } = await compared(
      directory,
      ...["--model", "mlp,linear", "--optimizers", "adamf:lr=0.01", "--seeds", "2"],
      ...["--epochs", "1", "--json"],
    );
    const { models, summaries } = JSON.parse(stdout);
    assert.deepEqual(models.map(({ model }: { model: string }) => model), ["mlp", "linear"]);
    assert.deepEqual(
      summaries.map(({ optimizer, runs }: Record<string, unknown>) => [optimizer, runs]),
      [["adamf, mlp", 2], ["adamf, linear", 2]],
    );
    assert.match(stderr, /^\[4\/4\] adamf, linear at 0\.01, seed 2: loss/m);
  });
});

Deno.test("compare: a rate at which the loss is NaN comes last, and the others are compared", async () => {
  const warn = console.warn;
  console.warn = () => {};
  try {
    await withTempDir(async (directory) => {
      const { code, stdout } = await compared(
        directory,
        ...["--optimizers", "sgd", "--learning-rates", "0.01,1e30"],
        ...["--seeds", "2", "--epochs", "1"],
      );
      assert.equal(code, 0);
      assert.match(stdout, /│ ★ │ sgd +│ +0\.01 │/);
      assert.match(stdout, /│ +│ sgd +│ +1e\+30 │ +diverged │.*│ 2, 2 diverged │/);
      assertWellFormed(await Deno.readTextFile(join(directory, "c.svg")));
    });
  } finally {
    console.warn = warn;
  }
});

Deno.test("compare: an option that some optimizers lack is told of; one that none has is wrong", async () => {
  await withTempDir(async (directory) => {
    const args = ["--optimizers", "sgdf,adam,sgd", "--seeds", "1", "--epochs", "1"];
    const { stderr } = await compared(directory, ...args, "--gamma", "1", "--schedule", "cosine");
    assert.match(stderr, /^Without --gamma, which they do not have: adam, sgd$/m);
    assert.match(stderr, /^Without the schedule, which tfjs's optimizers do not take: adam, sgd$/m);
    await assert.rejects(compared(directory, ...args, "--nesterov"), {
      name: "UsageError",
      message: /None of these optimizers has the option --nesterov/,
    });
    await assert.rejects(
      compared(directory, "--optimizers", "sgdf:gama=1", "--seeds", "1"),
      { name: "UsageError", message: /sgdf has no option --gama; did you mean --gamma\?/ },
    );
    await assert.rejects(compared(directory, "--optimizers", "sgdf:gamma=-1"), {
      name: "UsageError",
      message: /gamma must be a finite number > 0, got -1/,
    });
  });
});
