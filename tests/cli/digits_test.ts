import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { trainingBatches } from "@signalfit/tfjs";
import { diffuse, digits } from "../../cli/diffuse/command.ts";
import { firstOfEach, loadData } from "../../cli/diffuse/data.ts";
import type { Outcome } from "../../cli/diffuse/outcome.ts";
import { resultsPage } from "../../cli/diffuse/results_page.ts";
import { Stages } from "../../cli/diffuse/stages.ts";
import { inDirectory, smallDataSet } from "../examples/fixtures.ts";
import { assertWellFormed } from "../examples/well_formed.ts";
import { counts, useBackend } from "../support/backends.ts";
import { runCommand } from "./in_process.ts";

/** Images of 14 x 14 in two classes or more, few and quickly trained on. */
const IMAGES = smallDataSet({ train: 60, test: 10, side: 14 });

/** A small run in a directory that holds the images. */
const tiny = (directory: string): string[] => [
  ...["--data", directory, "--out", join(directory, "run")],
  ...["--results", join(directory, "results.html"), "--backend", "cpu", "--width", "2"],
  ..."--steps 6 --batch-size 4 --samples 3 --sampler-steps 2".split(" "),
];

/** Names of what is in a directory. */
const namesIn = (directory: string): string[] =>
  [...Deno.readDirSync(directory)].map(({ name }) => name).toSorted();

/** What a page shows that another run of the same settings must show too: not the times. */
async function shown(path: string): Promise<string[]> {
  const html = await Deno.readTextFile(path);
  return html.match(/<img [^>]*>|<path [^>]*>|<td>[^<]*<\/td>/g)!;
}

Deno.test("digits: two weightings, their page, a live page; stopped and resumed it ends alike", () =>
  inDirectory(IMAGES, async (directory) => {
    const args = tiny(directory), page = join(directory, "results.html");
    const live = join(directory, "live.html");
    const whole = await runCommand(digits, [...args, "--report", live]);
    assert.equal(whole.code, 0, whole.stderr);
    assert.match(
      whole.stderr,
      /60 images of \d+ classes, 14 x 14 pixels; patch mixer of \d+ parameters/,
    );
    const lines = whole.stderr.match(/^\w+ +step .*$/gm)!;
    assert.deepEqual(
      lines.map((line) => /^(\w+) +step (\d)\/6 raw loss \d+\.\d{4} on/.exec(line)?.slice(1)),
      ["uniform", "erd"].flatMap((name) => ["2", "4", "6"].map((step) => [name, step])),
      "each line has a loss",
    );
    assert.match(whole.stdout, /^uniform: raw loss .*^erd: raw loss .*Samples and curves: /ms);
    const samples = ["checkpoints", "data.png", "samples-erd.png", "samples-uniform.png"];
    assert.deepEqual(namesIn(join(directory, "run")), samples);
    for (const name of ["uniform", "erd"]) {
      const left = namesIn(join(directory, "run", "checkpoints", name));
      assert.deepEqual(left, ["run.json"], "no checkpoints are left");
    }
    const html = await Deno.readTextFile(page);
    assertPage(html, /raw loss (\S+)/.exec(lines.at(-1)!)![1]!);
    assertLivePage(await Deno.readTextFile(live));

    const before = await shown(page);
    await Deno.remove(page);
    const stopped = await runCommand(digits, args, { stopAfter: /^uniform +step 2\/6/m });
    assert.equal(stopped.code, 130);
    assert.match(stopped.stdout, /^Stopped after 3 steps and saved in .*uniform\. To go on:\n/);
    assert.deepEqual(namesIn(join(directory, "run", "checkpoints")).includes("uniform"), true);
    await assert.rejects(Deno.stat(page), Deno.errors.NotFound);
    await assert.rejects(runCommand(digits, args), /has checkpoints of another run: add --resume/);
    await assert.rejects(
      runCommand(digits, [...args, "--resume", "--seed", "3"]),
      /Cannot go on with the run in .*uniform: --seed was 1, now 3$/,
    );
    const resumed = await runCommand(digits, [...args, "--resume"]);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.doesNotMatch(resumed.stderr, /^uniform +step 2/m, "it begins anew");
    assert.deepEqual(await shown(page), before);
    assert.deepEqual(namesIn(join(directory, "run")), samples);
  }));

Deno.test("diffuse: a rate that leads to NaN is an error, and no picture is handed over", () =>
  inDirectory(IMAGES, async (directory) => {
    for (const command of [diffuse, digits]) {
      const args = tiny(directory).filter((_, i, all) => {
        return command === digits || (all[i] !== "--results" && all[i - 1] !== "--results");
      });
      await assert.rejects(
        runCommand(command, [...args, "--lr", "1e20"]),
        /^Error: Training went wrong: .*Try a lower --learning-rate$/s,
      );
      await Deno.remove(join(directory, "run"), { recursive: true });
    }
    assert.deepEqual(namesIn(directory), Object.keys(IMAGES).toSorted());
  }));

/** Fails unless the page is whole and has what it promises. */
function assertPage(html: string, erdLoss: string): void {
  assertWellFormed(html.replace(/^<!doctype html>/, "").replace(/<style>.*?<\/style>/s, ""));
  const count = (pattern: RegExp) => html.match(pattern)?.length ?? 0;
  // The last samples, three on the way there for both weightings, and the data.
  assert.equal(count(/<img src="data:image\/png;base64,[\w+/=]+" width="447" /g), 2 + 6 + 1);
  assert.equal(count(/<figcaption><b>4<\/b> steps</g), 2);
  assert.equal(count(/<svg /g), 4);
  assert.doesNotMatch(html, /NaN|undefined|null/);
  assert.ok(html.includes(`<b>ERD, closed form</b> raw loss ${erdLoss}<`), erdLoss);
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
    assert.deepEqual(
      grids.items.map(({ step, count }) => [step, count]),
      [[0, 3], [2, 3], [4, 3], [6, 3]],
    );
    assert.ok(noise.seen > 0);
  }
}

Deno.test("Stages - cut passes over the data into equal parts, and begin anywhere", async () => {
  await useBackend("cpu");
  const before = counts();
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
  assert.equal(counts().tensors, before.tensors);
});

Deno.test("digits: a page of losses that are not finite is whole", () => {
  const grid = { url: "data:,", width: 14, height: 14 };
  const bins = [0.25, 0.5, 0.75].map((t) => ({ t, loss: NaN, recovered: NaN }));
  const html = resultsPage({
    title: "a < b & c",
    setting: 'the "setting"',
    seconds: 1,
    data: grid,
    isTested: true,
    outcomes: (["uniform", "p2"] as const).map((weighting): Outcome => ({
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

Deno.test("diffuse data: images are brought to a size, each pixel the mean of those it covers", () =>
  inDirectory(smallDataSet({ train: 6, test: 4, side: 4 }), async (directory) => {
    const [own, small] = [
      await loadData({ data: directory }),
      await loadData({ data: directory, size: 2 }),
    ];
    assert.deepEqual([small.shape, small.count, small.test!.count], [[2, 2, 1], 6, 4]);
    for (const [large, means] of [[own, small], [own.test!, small.test!]] as const) {
      for (let i = 0; i < means.values.length; i++) {
        const image = Math.floor(i / 4), row = Math.floor(i % 4 / 2), column = i % 2;
        const at = (r: number, c: number) =>
          large.values[16 * image + 4 * (2 * row + r) + 2 * column + c]!;
        const mean = (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4;
        assert.ok(Math.abs(means.values[i]! - mean) <= 4 * 2 ** -24, `${i}`);
      }
    }
    await assert.rejects(
      loadData({ data: directory, size: 3 }),
      /--size 3 needs square images whose side is 3 times a whole number, not 4 x 4$/,
    );
    const labels = Uint16Array.of(1, 0, 1, 1, 1);
    const first = firstOfEach(own, labels), each = 16;
    const found = own.labels.reduce((n, label) => n + Number(label === 1), 0);
    assert.equal(first.length / each, 1 + Math.min(4, found), "as many as there are");
    const place = own.labels.indexOf(1);
    assert.deepEqual(first.slice(0, each), own.values.slice(place * each, (place + 1) * each));
  }));
