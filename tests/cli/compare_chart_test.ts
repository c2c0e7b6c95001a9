import assert from "node:assert/strict";
import { type CompareChart, compareChart } from "../../cli/compare/chart.ts";
import { curveOf } from "../../cli/compare/outcome.ts";
import type { Contestant } from "../../cli/compare/plan.ts";
import { summarize } from "../../cli/compare/summary.ts";
import { assertWellFormed } from "../examples/well_formed.ts";

interface Entry {
  readonly label: string;
  readonly rate: number;
  /** One a seed; null where it diverged. */
  readonly accuracies: readonly (number | null)[];
  readonly losses?: readonly number[];
}

const falling = Array.from({ length: 300 }, (_, step) => 2 / (1 + step / 20));

function chartOf(entries: readonly Entry[], epochEnds: readonly number[] = []): CompareChart {
  const contestants = entries.map(({ label, rate }): Contestant => ({
    label,
    variant: label.split(",")[0]!,
    optimizer: "sgdf",
    learningRate: rate,
    options: {},
  }));
  const finished = entries.flatMap(({ accuracies, losses = falling }, i) =>
    accuracies.map((accuracy, seed) => ({
      contestant: contestants[i]!,
      seed,
      outcome: {
        test: accuracy === null ? null : { loss: 1 - accuracy, accuracy },
        validation: null,
        trainingLoss: accuracy === null ? null : 0.1,
        diverged: accuracy === null,
        steps: losses.length,
        seconds: 1,
        optimizerMs: 1,
        curve: curveOf(losses),
      },
    }))
  );
  return {
    title: "Optimizers on <this> & that",
    subtitle: "seeds: 2",
    summaries: summarize(contestants, finished, true),
    finished,
    isClasses: true,
    epochEnds,
  };
}

/** Places of elements with a class, by attribute. */
const attributes = (svg: string, element: RegExp, name: string): number[] =>
  [...svg.matchAll(element)].map(([tag]) => Number(new RegExp(` ${name}="([^"]+)"`).exec(tag)![1]));

const SWEEP: readonly Entry[] = [
  { label: "sgdf", rate: 0.1, accuracies: [0.8, 0.9] },
  { label: "sgdf", rate: 1, accuracies: [0.7, 0.72] },
  { label: "a<b", rate: 0.01, accuracies: [0.95, 0.9] },
];

Deno.test("compareChart(): rates, losses, legend and epochs; heads on one line", () => {
  const svg = compareChart(chartOf(SWEEP, [100, 200]));
  assertWellFormed(svg);
  assert.match(svg, /on &lt;this&gt; &amp; that/);
  for (const text of ["sgdf", "a&lt;b", "training step", "learning rate", "epoch 2"]) {
    assert.ok(svg.includes(`>${text}</text>`), text);
  }
  assert.match(svg, /style="max-width:100%;height:auto"/);
  assert.equal(svg.match(/<circle class="dot /g)?.length, 3);
  const heads = attributes(svg, /<text [^>]*class="head">/g, "y");
  assert.equal(heads.length, 2);
  assert.equal(heads[0], heads[1], "titles at different heights");
  assert.match(
    svg,
    /<desc[^>]*>seeds: 2\. Best: a&lt;b at 0\.01, test accuracy, % 92\.5\.<\/desc>/,
  );
});

Deno.test("compareChart(): one rate each is a row each, the best first", () => {
  const svg = compareChart(chartOf([
    { label: "sgdf, mlp", rate: 0.5, accuracies: [0.8] },
    { label: "adam, mlp", rate: 0.001, accuracies: [0.9] },
    { label: "sgdf, conv", rate: 0.5, accuracies: [0.99] },
  ]));
  assertWellFormed(svg);
  const rows = ["sgdf, conv at 0.5", "adam, mlp at 0.001", "sgdf, mlp at 0.5"]
    .map((name) => svg.indexOf(`>${name}</text>`));
  assert.ok(rows.every((at, i) => at > 0 && at > (rows[i - 1] ?? 0)), String(rows));
  assert.doesNotMatch(svg, />learning rate</);
  // One color for an optimizer, dashes for its second model.
  assert.match(svg, /<path class="curve color-0 dash-0"/);
  assert.match(svg, /<path class="curve color-0 dash-1"/);
  assert.match(svg, /<path class="curve color-1 dash-0"/);
});

Deno.test("compareChart(): what diverged is in the legend, with that word, and nowhere else", () => {
  const svg = compareChart(chartOf([
    ...SWEEP,
    { label: "lost", rate: 10, accuracies: [null, null], losses: [1, 1e30, NaN] },
  ]));
  assertWellFormed(svg);
  assert.ok(svg.includes(">lost (diverged)</text>"));
  assert.equal(svg.match(/<path class="curve color-2[^>]*d="M/g), null);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
});

Deno.test("compareChart(): a legend of many goes on in the next row, inside the picture", () => {
  const many = Array.from({ length: 14 }, (_, i): Entry => ({
    label: `optimizer:number=${i}`,
    rate: 0.1,
    accuracies: [0.5 + i / 100],
  }));
  const svg = compareChart(chartOf(many));
  assertWellFormed(svg);
  const texts = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" class="small" dy=".35em">/g)];
  assert.equal(texts.length, 14);
  assert.ok(texts.every(([, x]) => Number(x) < 1000));
  assert.ok(new Set(texts.map(([, , y]) => y)).size >= 2);
  const top = Math.max(...texts.map(([, , y]) => Number(y)));
  assert.ok(attributes(svg, /<text [^>]*class="head">/g, "y").every((y) => y > top + 10));
});

const ODD: readonly [name: string, entry: Partial<Entry>][] = [
  ["no losses", { losses: [] }],
  ["one loss", { losses: [1] }],
  ["losses of zero", { losses: [0, 0, 0] }],
  ["equal losses", { losses: [1, 1, 1] }],
  ["a loss that explodes", { losses: [1, 1e3, 1e30, 1e38] }],
  ["nothing but what diverged", { accuracies: [null] }],
  ["the same accuracy at each seed", { accuracies: [1, 1] }],
];

for (const [name, entry] of ODD) {
  Deno.test(`compareChart() copes with ${name}`, () => {
    const one = { label: "sgdf", rate: 0.1, accuracies: [0.5], ...entry };
    for (const entries of [[one], [one, { ...one, rate: 1 }]]) {
      const svg = compareChart(chartOf(entries));
      assertWellFormed(svg);
      assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
    }
  });
}
