import assert from "node:assert/strict";
import { join } from "node:path";
import { curveOf, type Outcome } from "../../cli/compare/outcome.ts";
import { type Contestant, contestantsOf, parseVariant } from "../../cli/compare/plan.ts";
import { CompareProgress } from "../../cli/compare/progress.ts";
import { Records } from "../../cli/compare/records.ts";
import { meanOf } from "../../cli/compare/statistics.ts";
import { summarize } from "../../cli/compare/summary.ts";
import { summaryTable } from "../../cli/compare/table.ts";
import { withTempDir } from "../support/temp_dir.ts";

Deno.test("meanOf(): the standard error of the mean", () => {
  assert.deepEqual(meanOf([5]), { mean: 5, error: null, count: 1 });
  // R: sd(c(1, 2, 4)) / sqrt(3)
  const { mean, error } = meanOf([1, 2, 4]);
  assert.ok(Math.abs(mean - 7 / 3) < 1e-12 && Math.abs(error! - 0.8819171036881969) < 1e-12);
});

Deno.test("curveOf(): means of stretches that end at their last step", () => {
  assert.deepEqual(curveOf([3, 1]), [[1, 3], [2, 1]]);
  const long = curveOf(Array.from({ length: 1201 }, (_, i) => i));
  assert.deepEqual(long.slice(0, 2), [[21, 10], [42, 31]]);
  assert.deepEqual([long.length, long.at(-1)![0]], [58, 1201]);
  assert.deepEqual(curveOf([]), []);
});

Deno.test("parseVariant(): an optimizer and options of its own", () => {
  assert.deepEqual(parseVariant("nadam:filter:beta1=0.8:clip-norm=1"), {
    text: "nadam:filter:beta1=0.8:clip-norm=1",
    label: "nadam:filter:beta1=0.8:clip-norm=1",
    optimizer: "nadam",
    given: { filter: true, beta1: 0.8, clipNorm: 1 },
  });
  const { label, given } = parseVariant(" adamf:lr=0.01:gamma=1 ");
  assert.deepEqual({ label, given }, {
    label: "adamf:gamma=1",
    given: { learningRate: 0.01, gamma: 1 },
  });
  assert.throws(() => parseVariant("adagard"), /no optimizer "adagard"; did you mean "adagrad"\?/);
});

const contestant = (label: string, learningRate: number): Contestant => ({
  label,
  variant: label,
  optimizer: "sgdf",
  learningRate,
  options: {},
});

const outcome = (accuracy: number | null, validation?: number): Outcome => ({
  test: accuracy === null ? null : { loss: 1 - accuracy, accuracy },
  validation: validation === undefined ? null : { loss: 1, accuracy: validation },
  trainingLoss: accuracy === null ? null : 0.5,
  diverged: accuracy === null,
  steps: 1,
  seconds: 0.004,
  optimizerMs: 0.5,
  curve: [],
});

const CONTESTANTS = [contestant("a", 0.1), contestant("a", 1), contestant("b", 0.1)];

/** Runs of each contestant in turn. */
const runs = (...of: readonly (readonly Outcome[])[]) =>
  of.flatMap((outcomes, i) =>
    outcomes.map((outcome, seed) => ({ contestant: CONTESTANTS[i]!, seed, outcome }))
  );

Deno.test("summarize() marks the best of all and the best rate of each optimizer", () => {
  const finished = runs(
    [outcome(0.9), outcome(0.8)],
    [outcome(0.99), outcome(null)], // one that diverges comes after all that do not
    [outcome(0.86), outcome(0.86)],
  );
  const marks = summarize(CONTESTANTS, finished, true).map(({ isBest, isBestRate, diverged }) => [
    isBest,
    isBestRate,
    diverged,
  ]);
  assert.deepEqual(marks, [[false, true, 0], [false, false, 1], [true, true, 0]]);
  const lower = summarize(CONTESTANTS, finished, false);
  assert.deepEqual(lower.map(({ isBest }) => isBest), [true, false, false]);
});

Deno.test("summarize() goes by the validation rows where there are some, and by what is finished", () => {
  const finished = runs([outcome(0.9, 0.5)], [outcome(0.8, 0.7)]);
  const summaries = summarize(CONTESTANTS, finished, true);
  assert.deepEqual(summaries.map(({ isBest }) => isBest), [false, true]);
  assert.deepEqual(summarize(CONTESTANTS, [], true), []);
  const table = summaryTable(summaries, { isClasses: true, hasColors: false });
  assert.match(table, /│ ★ │ a +│ +1 │ +70\.00 │ +80\.00 │/);
});

Deno.test("summaryTable() gives an error two digits, and the mean as many places", () => {
  const finished = runs([outcome(0.9), outcome(0.8)]);
  const summaries = summarize(CONTESTANTS, finished, true);
  assert.match(
    summaryTable(summaries, { isClasses: true, hasColors: false }),
    /│ ★ │ a +│ +0\.1 │ +85\.00 ± 5\.00 │ +0\.150 ± 0\.050 │ +0\.5000 ± 0\.0000 │ +0\.50 │ +4\.00 │ +2 │/,
  );
});

Deno.test("summaryTable() fits in the terminal, and says what it left out", () => {
  const long = contestant("nadam:filter:beta1=0.8:clip-norm=1:weight-decay=0.01", 0.1);
  const contestants = [...CONTESTANTS, long];
  const finished = [
    ...runs([outcome(0.9, 0.9), outcome(0.8, 0.7)], [outcome(0.7, 0.6)], [outcome(null)]),
    { contestant: long, seed: 0, outcome: outcome(0.5, 0.4) },
  ];
  const summaries = summarize(contestants, finished, true);
  const tableFor = (columns?: number) =>
    summaryTable(summaries, {
      isClasses: true,
      hasColors: false,
      ...columns === undefined ? {} : { columns },
    });
  assert.doesNotMatch(tableFor(), /For want of room/);
  assert.equal(tableFor(300), tableFor());
  for (const columns of [60, 72, 80, 100, 140]) {
    const text = tableFor(columns);
    for (const line of text.split("\n")) assert.ok(line.length <= columns, `${columns}: ${line}`);
    assert.match(text.replaceAll(/\s+/g, " "), /For want of room without: .*optimizer ms\/step/);
    assert.match(text, /│ ★ │ a +│ +0\.1 │/);
    assert.match(text, /diverged/);
    for (const part of long.label.split(":")) assert.ok(text.includes(part), part);
  }
});

/** A terminal of so many columns that keeps the last line. */
function terminal(columns: number) {
  const output = {
    isTerminal: true,
    hasColors: false,
    columns,
    text: "",
    write: (text: string) => void (output.text = text),
  };
  return output;
}

Deno.test("CompareProgress: loss and time left are there on any terminal", () => {
  for (const columns of [40, 60, 80, 120]) {
    const output = terminal(columns);
    const work = { model: "mlp", steps: 2345, epochs: 5 };
    const progress = new CompareProgress(output, [work, work]);
    progress.begin("nadam:filter:beta1=0.8 at 0.001, seed 3");
    for (const step of [700, 1400]) {
      progress.step({ step, epoch: 3, loss: 0.123456, means: {} });
    }
    // deno-lint-ignore no-control-regex -- what clears the line
    const line = output.text.replace(/^\r\x1b\[K/, "");
    assert.ok(line.length < columns, line);
    assert.match(line, /^\[1\/2\].*loss 0\.1235, \d+:\d\d left$/);
    assert.equal(/step 1400\/2345/.test(line), columns >= 60, line);
    assert.equal(/━+╌+/.test(line), columns >= 100, line);
    progress.clear();
  }
});

Deno.test("contestantsOf(): three rates that suit each optimizer, or its own", () => {
  const rates = (choice: "sweep" | "own", ...names: string[]) =>
    contestantsOf(names.map(parseVariant), choice, {}, () => {})
      .map(({ learningRate }) => learningRate);
  assert.deepEqual(rates("sweep", "sgdf"), [0.005, 0.05, 0.5]);
  assert.deepEqual(rates("sweep", "adamf", "lion"), [0.001, 0.003, 0.01, 1e-4, 3e-4, 1e-3]);
  assert.deepEqual(rates("sweep", "adam:lr=0.2", "tfjs-momentum"), [0.2, 0.001, 0.01, 0.1]);
  assert.deepEqual(rates("own", "sgdf", "adam"), [0.5, 0.001]);
});

Deno.test("Records: a line that was cut off is dropped, and the run is made again", async () => {
  await withTempDir(async (directory) => {
    const path = join(directory, "runs.jsonl");
    const first = await Records.open<{ settings: { seed: number }; value: number }>(path);
    await first.add({ settings: { seed: 1 }, value: 10 });
    await first.add({ settings: { seed: 2 }, value: 20 });
    const whole = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, whole.slice(0, -4));
    const second = await Records.open<{ settings: { seed: number }; value: number }>(path);
    assert.equal(second.find({ seed: 1 })?.value, 10);
    assert.equal(second.find({ seed: 2 }), undefined);
    await second.add({ settings: { seed: 2 }, value: 20 });
    assert.equal(await Deno.readTextFile(path), whole);
  });
});

Deno.test("Records: a file of another kind is refused and stays as it is", async () => {
  await withTempDir(async (directory) => {
    const path = join(directory, "notes.txt");
    const text = '{"settings":{}}\n{"other":1}\nno line end';
    await Deno.writeTextFile(path, text);
    await assert.rejects(Records.open(path), {
      message: /Cannot read .*notes\.txt: line 2: expected a run that "signalfit compare" has/,
    });
    assert.equal(await Deno.readTextFile(path), text);
  });
});
