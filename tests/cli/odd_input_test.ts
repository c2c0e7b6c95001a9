import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertWellFormed } from "../examples/well_formed.ts";
import { bench } from "../../cli/bench/command.ts";
import type { Command } from "../../cli/command.ts";
import { compare } from "../../cli/compare/command.ts";
import { contestantsOf, parseVariant } from "../../cli/compare/plan.ts";
import { summarize } from "../../cli/compare/summary.ts";
import { loadDataset } from "../../cli/data/load.ts";
import { diffuse } from "../../cli/diffuse/command.ts";
import { loadData } from "../../cli/diffuse/data.ts";
import { writeWhole } from "../../cli/lib/write_whole.ts";
import { train } from "../../cli/train/command.ts";
import type { TrainResult } from "../../cli/train/learn.ts";
import { idxBytes, inDirectory } from "../examples/fixtures.ts";
import { runCommand } from "./in_process.ts";
import { signalfit } from "./program.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const table = (...rows: string[]) => bytes(`a,b,y\n${rows.join("\n")}\n`);

/** Twelve rows of fractions. */
const ROWS = Array.from({ length: 12 }, (_, i) => `${i},${7 * i % 5},${3 * i + 1.5}`);
const QUICK = ["--model", "linear", "--epochs", "1", "--backend", "cpu"];

const UNUSABLE: readonly [name: string, last: string, message: RegExp][] = [
  ["more than float32 holds", "1e44,2,3.5", /14, column "a": .* "1e44", too great for float32/],
  ["infinite", "1e400,2,3.5", /line 14, column "a": expected a number, got "1e400"$/],
];

for (const [name, last, message] of UNUSABLE) {
  Deno.test(`a number that is ${name} is told of with its place`, async () => {
    await inDirectory({ "x.csv": table(...ROWS, last) }, async (directory) => {
      const data = join(directory, "x.csv");
      await assert.rejects(loadDataset({ data }), { message });
      await assert.rejects(loadData({ data, columns: ["a"] }), { message });
    });
  });
}

Deno.test("a test whose loss is infinite is a failure: nothing is saved or printed", async () => {
  // The row in question is one of those for the test.
  await inDirectory({ "x.csv": table(...ROWS, "1e38,2,3.5") }, async (directory) => {
    const args = ["--data", join(directory, "x.csv"), "--save", join(directory, "m"), ...QUICK];
    await assert.rejects(runCommand(train, args), {
      message: /the loss is Infinity on the rows for the test/,
    });
    assert.deepEqual([...Deno.readDirSync(join(directory, "m"))], []);
  });
});

Deno.test("R² is left out where all rows for the test have the same number", async () => {
  await inDirectory({ "x.csv": table(...ROWS.slice(0, 3)) }, async (directory) => {
    const args = ["--data", join(directory, "x.csv"), ...QUICK];
    const { stdout } = await runCommand(train, args);
    assert.match(stdout, /RMSE [\d.]+, mean absolute error [\d.]+ \(adamf/);
  });
});

Deno.test("the column to predict cannot be one that is left out", async () => {
  await inDirectory({ "x.csv": table(...ROWS) }, async (directory) => {
    await assert.rejects(loadDataset({ data: join(directory, "x.csv"), ignore: ["y"] }), {
      message: /x\.csv: line 1: expected a column to predict, got "y", which --ignore leaves out/,
    });
  });
});

Deno.test("diffuse: points need two rows, and columns that differ", async () => {
  await inDirectory({ "one.csv": table("1,2,3"), "x.csv": table(...ROWS) }, async (directory) => {
    const at = (name: string) => join(directory, name);
    await assert.rejects(loadData({ data: at("one.csv") }), {
      message: /Cannot use .*one\.csv: expected at least 2 images or points, got 1/,
    });
    await assert.rejects(loadData({ data: at("x.csv"), columns: ["a", "b", "a"] }), {
      name: "UsageError",
      message: '--columns has "a" twice',
    });
  });
});

for (
  const [name, size, label, message] of [
    ["of no pixels", 0, 1, /train-images-idx3-ubyte: its images are 0 x 0 pixels/],
    ["of one class", 2, 0, /expected at least 2 classes, got 0 alone as a label/],
  ] as const
) {
  Deno.test(`IDX files with images ${name} are refused`, async () => {
    const images = idxBytes([2, size, size], new Uint8Array(2 * size * size));
    const labels = idxBytes([2], [0, label]);
    const files = {
      "train-images-idx3-ubyte": images,
      "train-labels-idx1-ubyte": labels,
      "t10k-images-idx3-ubyte": images,
      "t10k-labels-idx1-ubyte": labels,
    };
    await inDirectory(files, async (directory) => {
      await assert.rejects(loadDataset({ data: directory }), { message });
    });
  });
}

Deno.test("options out of range are told of in words of the command line", async () => {
  const share = await signalfit(["train", "--test-split", "0"]);
  assert.match(share.stderr, /^Error: `--test-split`: This share is above 0, not "0"\.\n/);
  const huge = await signalfit(["train", "--batch-size", "99999999999999999999"]);
  assert.match(huge.stderr, /: "9+" is too great for a whole number\.\nHelp: signalfit train/);
  assert.deepEqual([share.code, huge.code, share.stdout, huge.stdout], [2, 2, "", ""]);
});

Deno.test("parseVariant() refuses an option without a name", () => {
  for (const text of ["sgdf:", "sgdf:=1"]) {
    assert.throws(() => parseVariant(text), { message: `An option of "${text}" has no name` });
  }
});

Deno.test("summarize(): no run is the best where all diverge", () => {
  const contestants = contestantsOf([parseVariant("sgdf")], [1, 2], {}, () => {});
  const none = { test: null, validation: null, trainingLoss: null, diverged: true };
  const finished = contestants.map((contestant) => ({
    contestant,
    seed: 1,
    outcome: { ...none, steps: 1, seconds: 1, optimizerMs: 1, curve: [] },
  }));
  for (const { isBest, isBestRate } of summarize(contestants, finished, true)) {
    assert.deepEqual([isBest, isBestRate], [false, false]);
  }
});

Deno.test("compare: it fails where every run diverged, and proposes a rate", async () => {
  await inDirectory({}, async (directory) => {
    const files = ["--record", join(directory, "r.jsonl"), "--out", join(directory, "x.svg")];
    const rates = ["--optimizers", "sgdf", "--lrs", "1e39", "--seeds", "1"];
    const args = ["--data", "iris", ...QUICK, ...rates, ...files];
    const { code, stdout } = await runCommand(compare, args);
    assert.equal(code, 1);
    assert.match(stdout, /^Every run diverged: try --learning-rates 1e\+37, or look for rows/m);
    assert.doesNotMatch(stdout, /★/);
    const svg = await Deno.readTextFile(join(directory, "x.svg"));
    assertWellFormed(svg);
    assert.match(svg, />sgdf \(diverged\)<\/text>/);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  });
});

/** A command whose file is a directory: what it needs beside that, and the option. */
const FILES: readonly [Command, option: string, args: readonly string[]][] = [
  [train, "--report", ["--data", "iris", ...QUICK]],
  [compare, "--out", ["--data", "iris", ...QUICK, "--record", "RECORD"]],
  [compare, "--csv", ["--data", "iris", ...QUICK, "--record", "RECORD"]],
  [diffuse, "--report", ["--data", "CSV", "--backend", "cpu", "--out", "RUN"]],
  [bench, "--out", ["--backend", "cpu", "--sizes", "6e3"]],
];

for (const [command, option, args] of FILES) {
  Deno.test(`${command.name} ${option}: a directory in its place is told of before the work`, async () => {
    await inDirectory({ "x.csv": table(...ROWS) }, async (directory) => {
      const name = option === "--report" ? "x.html" : command === bench ? "x.md" : "x.svg";
      const [path, record] = [join(directory, name), join(directory, "r.jsonl")];
      await Deno.mkdir(path);
      const own = args.map((arg) =>
        ({ RECORD: record, CSV: join(directory, "x.csv"), RUN: join(directory, "run") })[arg] ?? arg
      );
      await assert.rejects(runCommand(command, [...own, option, path]), {
        message: `Cannot write ${path}: a directory stands where a file is needed`,
      });
      assert.deepEqual([...Deno.readDirSync(path)], []);
      await assert.rejects(Deno.stat(record), Deno.errors.NotFound); // no run was made
    });
  });
}

Deno.test("train --save: a file in the place of the directory is told of before training", async () => {
  await inDirectory({ "file": bytes("mine") }, async (directory) => {
    const [save, csv] = [join(directory, "file"), join(directory, "h.csv")];
    const args = ["--data", "iris", ...QUICK, "--save", save, "--csv", csv];
    await assert.rejects(runCommand(train, args), {
      message: /^Cannot write to .*file: a file stands where a directory is needed/,
    });
    assert.equal(await Deno.readTextFile(save), "mine");
    await assert.rejects(Deno.stat(csv), Deno.errors.NotFound);
  });
});

Deno.test("writeWhole() names the file that it cannot write, and leaves nothing", async () => {
  await inDirectory({}, async (directory) => {
    await Deno.mkdir(join(directory, "x"));
    await assert.rejects(writeWhole(join(directory, "x"), "text"), {
      message: /^Cannot write .*x: a directory stands where a file is needed/,
    });
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["x"]);
  });
});

Deno.test("diffuse: Ctrl-C while samples are drawn ends it, and tells how to go on", async () => {
  await inDirectory({ "x.csv": table(...ROWS) }, async (directory) => {
    const [data, out] = [join(directory, "x.csv"), join(directory, "run")];
    const small = ["--width", "8", "--steps", "2", "--batch-size", "4", "--backend", "cpu"];
    const args = ["--data", data, "--out", out, ...small, "--samples", "2", "--sampler-steps", "2"];
    assert.equal((await runCommand(diffuse, args)).code, 0);
    await Deno.remove(join(out, "samples.csv"));
    const stopped = await runCommand(diffuse, [...args, "--resume"], { stopAfter: /points of/ });
    assert.equal(stopped.code, 130);
    assert.match(
      stopped.stdout,
      /^Stopped after 2 steps and saved in .*checkpoints.erd\. To go on:\n/,
    );
    await assert.rejects(Deno.stat(join(out, "samples.csv")), Deno.errors.NotFound);
  });
});

Deno.test("train: Ctrl-C comes through between batches that take less than a millisecond", async () => {
  const file = fileURLToPath(new URL("./interrupts_itself.ts", import.meta.url));
  const args = ["train", "--data", "iris", "--model", "linear", "--backend", "cpu", "--json"];
  const { code, stdout, stderr } = await signalfit([...args, "--epochs", "1000"], { file });
  assert.equal(code, 130, stderr);
  const { steps } = JSON.parse(stdout) as TrainResult;
  assert.ok(
    steps >= 1200 && steps < 3000,
    `stopped after ${steps} of 8000 steps, signalled at 1200`,
  );
});
