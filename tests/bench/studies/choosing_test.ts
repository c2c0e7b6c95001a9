import assert from "node:assert/strict";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { choosingChart } from "../../../bench/studies/choosing/chart.ts";
import { loadDigits } from "../../../bench/studies/choosing/digits.ts";
import {
  type Choice,
  experiments,
  gammaAndRate,
  keyOf,
  type Outcome,
  runsOf,
} from "../../../bench/studies/choosing/plan.ts";
import { bestOf, cellOf, reportExperiment } from "../../../bench/studies/choosing/report.ts";
import { trainChoice } from "../../../bench/studies/choosing/train_choice.ts";
import { assertWellFormed } from "../../examples/well_formed.ts";

tf.enableProdMode();

const SETTINGS = { images: 160, epochs: 2, units: 4 } as const;
const CHOICE: Choice = {
  optimizer: "sgdf",
  learningRate: 0.3,
  gamma: 0.5,
  epsilon: 0,
  batchSize: 16,
  wrongLabels: 0.2,
  lossScale: 1,
};

Deno.test("choosing: every table has a choice for each of its columns, and no run comes twice", () => {
  for (const { title, columns, rows } of experiments()) {
    for (const { name, choices } of rows) {
      assert.equal(choices.length, columns.length, `${title}, ${name}`);
    }
  }
  const runs = runsOf(experiments(), 2);
  assert.equal(new Set(runs.map((run) => `${keyOf(run)} ${run.seed}`)).size, runs.length);
  assert.equal(runs.length % 2, 0);
});

Deno.test("choosing: a run depends on its seed alone, and leaves no tensor", async () => {
  await tf.setBackend("cpu");
  const all = await loadDigits(SETTINGS.images);
  const digits = {
    ...all,
    testImages: tf.slice2d(all.testImages, [0, 0], [200, 784]),
    testLabels: all.testLabels.subarray(0, 200),
  };
  const train = async (choice: Choice, seed: number) => {
    const { seconds: _, ...rest } = await trainChoice(choice, seed, SETTINGS, digits);
    return rest;
  };
  await train(CHOICE, 0); // what is made only once
  const tensors = tf.memory().numTensors;
  const [first, again, other] = [
    await train(CHOICE, 0),
    await train(CHOICE, 0),
    await train(CHOICE, 1),
  ];
  assert.equal(tf.memory().numTensors, tensors);
  assert.deepEqual(again, first);
  assert.notEqual(other.testLoss, first.testLoss);
  assert.ok(first.testLoss! > 0 && first.accuracy > 0 && first.accuracy < 1);

  // Without epsilon the loss may be measured in any unit.
  const scaled = await train({ ...CHOICE, lossScale: 1e-2 }, 0);
  assert.ok(Math.abs(scaled.testLoss! / first.testLoss! - 1) < 1e-4, `${scaled.testLoss}`);
  // With the usual one it may not: gradients of 1e-4 and less are no longer filtered.
  const tiny = { ...CHOICE, epsilon: 1e-8, lossScale: 1e-4 };
  const unfiltered = await train(tiny, 0);
  assert.ok(Math.abs(unfiltered.testLoss! / first.testLoss! - 1) > 1e-3);
  const diverged = await train({ ...CHOICE, optimizer: "sgd", learningRate: 1e38 }, 0);
  assert.equal(diverged.testLoss, null);
  tf.dispose([all.images, all.testImages, digits.testImages]);
});

Deno.test("choosing: labels are wrong as often as asked for, and never by chance right", async () => {
  await tf.setBackend("cpu");
  const digits = await loadDigits(5000);
  const classes = async (wrong: number) => {
    const labels = digits.labels(3, wrong);
    const found = await tf.tidy(() => tf.argMax(labels, 1)).data();
    labels.dispose();
    return found;
  };
  const [right, some, all] = [await classes(0), await classes(0.2), await classes(1)];
  const changed = (found: ArrayLike<number>) =>
    right.filter((label, i) => label !== found[i]).length;
  // Within four standard errors of a binomial distribution.
  assert.ok(Math.abs(changed(some) - 1000) < 4 * Math.sqrt(5000 * 0.2 * 0.8), `${changed(some)}`);
  assert.equal(changed(all), 5000);
  tf.dispose([digits.images, digits.testImages]);
});

Deno.test("choosing: the report marks the least loss of a row, and what is not finite", () => {
  const experiment = gammaAndRate("sgdf", 0);
  const choices = experiment.rows[0]!.choices;
  const outcome = (at: number, seed: number, testLoss: number | null): Outcome => ({
    ...choices[at]!,
    seed,
    settings: SETTINGS,
    testLoss,
    accuracy: 0.5 + 0.01 * seed,
    seconds: 1,
  });
  const outcomes = [
    ...[outcome(0, 0, 0.25), outcome(0, 1, 0.75)],
    ...[outcome(1, 0, 0.125), outcome(1, 1, 0.375)],
    ...[outcome(2, 0, 0.01), outcome(2, 1, null)],
  ];
  const cells = choices.map((choice) => cellOf(choice, outcomes));
  assert.equal(bestOf(cells), cells[1]);
  const row = reportExperiment(experiment, outcomes).split("\n")[4]!;
  assert.match(
    row,
    /^\| gamma 0\.25 +\| +0\.500 ± 0\.250 \| +\*\*0\.250 ± 0\.125\*\* \| not finite \|/,
  );
  assert.match(row, /\| +50\.50 ± 0\.50 \|$/);
  assertWellFormed(choosingChart(outcomes, "a < b"));
});
