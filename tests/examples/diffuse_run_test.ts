import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import assert from "node:assert/strict";
import { fileSystem, trainingBatches } from "@signalfit/tfjs";
import { ERD } from "@signalfit/tfjs/diffusion";
import { firstOf, toDigits } from "../../examples/diffuse/digits.ts";
import { experiment, samplesOf } from "../../examples/diffuse/experiment.ts";
import type { Outcome } from "../../examples/diffuse/outcome.ts";
import { resultsPage } from "../../examples/diffuse/page.ts";
import { completeSettings } from "../../examples/diffuse/settings.ts";
import { Stages } from "../../cli/diffuse/stages.ts";
import { counts, useBackend } from "../support/backends.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { backendTest } from "../support/test.ts";
import { assertWellFormed } from "./well_formed.ts";

/** Images of `size` x `size` with noise on them, in two classes. */
function digits(count: number, size = 14) {
  const values = Float32Array.from({ length: count * size * size }, (_, i) => Math.sin(i * i));
  return { count, size, values, labels: Uint8Array.from({ length: count }, (_, i) => i % 2) };
}

const DATA = { train: digits(10), test: digits(6), classes: 2, fingerprint: "waves" };
const SETTINGS = completeSettings({
  width: 2,
  steps: 8,
  batchSize: 4,
  samples: 3,
  samplerSteps: 2,
  weighting: "online",
});
const SAMPLES = samplesOf(SETTINGS, DATA);

/** Carries an experiment out in a directory, and stops it after so many steps. */
async function carryOut(directory: string, stopAfter = Infinity) {
  const stop = new AbortController();
  const steps: number[] = [];
  const end = await experiment({
    settings: SETTINGS,
    data: DATA,
    samples: SAMPLES,
    directory,
    signal: stop.signal,
    onProgress: ({ done, isSnapshot }) => {
      if (!isSnapshot) steps.push(done);
      if (done === stopAfter) stop.abort();
    },
  });
  return { ...end, steps };
}

/** Outcomes without the times. */
function lasting(outcomes: readonly Outcome[]): unknown[] {
  return outcomes.map(({ seconds: _, ...rest }) => rest);
}

backendTest(
  "diffuse: stopped anywhere and resumed, the outcome is the same",
  "wasm",
  () =>
    withTempDir(async (directory) => {
      const before = counts();
      const whole = await carryOut(`${directory}/whole`);
      assert.deepEqual(counts(), before);
      assert.ok(whole.isDone);
      assert.deepEqual(whole.steps, Array.from({ length: 16 }, (_, i) => i + 1));
      const { snapshots, weights } = whole.outcomes[1]!;
      assert.deepEqual(snapshots.map(({ step }) => step), [2, 4, 6, 8]);
      assert.ok(snapshots.every(({ heldOut }) => heldOut.loss > 0));
      assert.equal(weights.length, 64);
      // In the middle of a stage, at its end, at the end of a run, and again in the next.
      const done: number[] = [];
      for (const stopAfter of [3, 8, 14]) {
        const part = await carryOut(`${directory}/parts`, stopAfter);
        assert.ok(!part.isDone);
        done.push(...part.steps);
      }
      const last = await carryOut(`${directory}/parts`);
      assert.deepEqual([...done, ...last.steps], whole.steps);
      assert.deepEqual(lasting(last.outcomes), lasting(whole.outcomes));
      const nothing = await carryOut(`${directory}/parts`);
      assert.deepEqual(nothing.steps, []);
      assert.deepEqual(lasting(nothing.outcomes), lasting(whole.outcomes));
      assert.deepEqual(counts(), before);
    }),
);

Deno.test("diffuse: the model of a checkpoint can be loaded without the rest", () =>
  withTempDir(async (directory) => {
    await useBackend("wasm");
    await carryOut(directory, 1);
    const before = counts();
    const [folder] = [...Deno.readDirSync(`${directory}/uniform`)];
    const files = fileSystem(`${directory}/uniform/${folder!.name}`);
    const model = new ERD({ target: SETTINGS.target, path: SETTINGS.path }).wrap(
      await tfl.loadLayersModel(files),
    );
    assert.deepEqual(model.inputs.map(({ shape }) => shape), [[null, 14, 14, 1], [null, 2]]);
    const inputs = [tf.ones([3, 14, 14, 1]), tf.ones([3, 2])];
    const rows = model.predict(inputs) as tf.Tensor;
    assert.equal(rows.shape[0], 3);
    tf.dispose([...inputs, rows]);
    model.dispose();
    assert.deepEqual(counts(), before);
  }));

Deno.test("diffuse: is not resumed with other images", () =>
  withTempDir(async (directory) => {
    await useBackend("wasm");
    await carryOut(directory, 1);
    const options = { settings: SETTINGS, samples: SAMPLES, directory, onProgress: () => {} };
    const before = counts();
    await assert.rejects(
      () =>
        experiment({
          ...options,
          data: { ...DATA, fingerprint: "clouds" },
          signal: new AbortController().signal,
        }),
      /Cannot resume from .*uniform: .*the data must have images waves, .*got clouds$/,
    );
    assert.deepEqual(counts(), before);
  }));

Deno.test("Stages - cut passes over the data into equal parts, and begin anywhere", async () => {
  await useBackend("cpu");
  const x = tf.range(0, 5), y = tf.range(0, 5);
  const stages = () =>
    new Stages(trainingBatches(x, y, { batchSize: 2, seed: 4 }), {
      steps: 10,
      stages: 3,
      images: "five",
    });
  /** The rows of each batch of the next stage. */
  async function rowsOf(cut: Stages): Promise<string[]> {
    const rows: string[] = [], stage = await cut.iterator();
    for (let next = await stage.next(); !next.done; next = await stage.next()) {
      const { xs, ys } = next.value as { xs: tf.Tensor; ys: tf.Tensor };
      rows.push(`${await xs.data()}`);
      tf.dispose([xs, ys]);
    }
    return rows;
  }
  const whole = stages(), parts: string[][] = [];
  for (let stage = 0; stage < whole.count; stage++) parts.push(await rowsOf(whole));
  assert.deepEqual(parts.map(({ length }) => length), [4, 4, 2]);
  assert.deepEqual([0, 1, 2].map((stage) => whole.endOf(stage)), [4, 8, 10]);
  const rows = parts.flat();
  for (const pass of [0, 3, 6]) {
    const seen = rows.slice(pass, pass + 3).join().split(",").map(Number);
    assert.deepEqual(seen.toSorted(), [0, 1, 2, 3, 4], "each pass has all");
  }
  assert.notDeepEqual(rows.slice(0, 3), rows.slice(3, 6));
  for (const [stage, step] of [[0, 0], [0, 3], [1, 0], [1, 2], [1, 4], [2, 1]] as const) {
    const other = stages();
    other.seek(stage, step);
    assert.deepEqual(await rowsOf(other), parts[stage]!.slice(step));
    assert.deepEqual(stage < 2 ? await rowsOf(other) : [], parts[stage + 1] ?? []);
  }
  tf.dispose([x, y]);
});

Deno.test("diffuse: a page of losses that are not finite is whole", () => {
  const grid = { url: "data:,", width: 14, height: 14 };
  const bins = [0.25, 0.5, 0.75].map((t) => ({ t, loss: NaN, recovered: NaN }));
  const html = resultsPage({
    title: "a < b & c",
    setting: 'the "setting"',
    seconds: 1,
    data: grid,
    outcomes: (["uniform", "p2"] as const).map((weighting) => ({
      weighting,
      step: 1,
      snapshots: [{ step: 1, grid, heldOut: { loss: NaN, bins } }],
      weights: [{ t: 0.5, weight: 1 }],
      seconds: { training: 1, looking: 1 },
    })),
  });
  assertWellFormed(html.replace(/^<!doctype html>/, "").replace(/<style>.*?<\/style>/s, ""));
  assert.doesNotMatch(html, /d="[^"]*NaN/);
  assert.match(html, /<h1>a &lt; b &amp; c<\/h1>/);
  assert.match(html, /<td>NaN<\/td>/);
});

Deno.test("diffuse: images are brought to a size, each pixel the mean of those it covers", () => {
  const pixels = Uint8Array.from([0, 255, 51, 51, 255, 255, 51, 51, ...Array(8).fill(255)]);
  const images = { count: 1, size: [4, 4], pixels, labels: Uint8Array.of(7) } as const;
  const { values, ...rest } = toDigits(images, 2);
  assert.deepEqual([...values].map((value) => value.toFixed(6)), [
    "0.500000",
    "-0.600000",
    "1.000000",
    "1.000000",
  ]);
  assert.deepEqual(rest, { count: 1, size: 2, labels: Uint8Array.of(7) });
  assert.throws(
    () => toDigits(images, 3),
    /images of 3 x 3 pixels: they must be square and 3 times a whole number wide, got 4 x 4$/,
  );
  const first = firstOf(digits(5, 1), [1, 0, 1, 1]);
  assert.deepEqual([...first.labels], [1, 0, 1], "there are two of class 1");
  assert.deepEqual(
    [...first.values],
    [1, 0, 3].map((i) => digits(5, 1).values[i]),
  );
});
