import assert from "node:assert/strict";
import { type LossChart, lossChart } from "../../examples/lib/loss_chart.ts";
import { runningMean, thinned } from "../../examples/lib/smoothing.ts";
import { assertWellFormed } from "./well_formed.ts";

function falling(count: number, scale: number): number[] {
  return Array.from({ length: count }, (_, step) => scale / (1 + step / 20) + 0.01 * (step % 3));
}

const CHART: LossChart = {
  title: "Training loss on <this> & that",
  subtitle: "seed 1",
  stepsPerEpoch: 100,
  series: [
    { name: "sgdf", losses: falling(300, 2.3), isDashed: false },
    { name: "a<b", losses: falling(300, 2), isDashed: true },
  ],
};

Deno.test("lossChart() is well formed and has every curve, with its name and the axes", () => {
  const svg = lossChart(CHART);
  assertWellFormed(svg);
  assert.match(svg, /<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  for (const text of ["sgdf", "a&lt;b", "training step", "training loss, running mean"]) {
    assert.ok(svg.includes(`>${text}</text>`), text);
  }
  assert.match(svg, /on &lt;this&gt; &amp; that/);
  assert.equal(svg.match(/<path class="curve curve-\d( dashed)?" d="M[\d.,ML]+"/g)?.length, 2);
  assert.match(svg, /prefers-color-scheme:dark/);
  assert.match(svg, />1 epoch<.*>2 epochs</s);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
});

Deno.test("lossChart() draws inside its frame, lower losses lower", () => {
  const [path] = lossChart(CHART).match(/ d="M[^"]+"/)!;
  const points = [...path.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  assert.ok(points.every(([x, y]) => x! >= 0 && x! <= 840 && y! >= 0 && y! <= 500));
  assert.ok(points.at(-1)![1]! > points[0]![1]!);
});

const ODD: readonly [name: string, losses: number[]][] = [
  ["no losses", []],
  ["one loss", [1]],
  ["losses that are not numbers", [1, NaN, 2, Infinity, NaN]],
  ["no number at all", [NaN, NaN]],
  ["a loss of zero", [0, 0, 0]],
  ["equal losses", [1, 1, 1]],
  ["a loss that explodes", [1, 1e3, 1e30, 1e38]],
];

for (const [name, losses] of ODD) {
  Deno.test(`lossChart() copes with ${name}`, () => {
    const svg = lossChart({ ...CHART, series: [{ name: "sgdf", losses, isDashed: false }] });
    assertWellFormed(svg);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  });
}

Deno.test("lossChart() marks few of many epochs", () => {
  const svg = lossChart({ ...CHART, stepsPerEpoch: 1 });
  assert.ok(svg.match(/epochs?</g)!.length <= 12);
});

Deno.test("runningMean() is the value itself for a constant, from the first step", () => {
  for (const { value } of runningMean([3, 3, 3, 3], 50)) assert.ok(Math.abs(value - 3) < 1e-12);
});

Deno.test("runningMean() weighs old values down and leaves out what is not a number", () => {
  // With a window of 2 each value counts half of the next one: (0/2 + 3) / (1/2 + 1).
  assert.deepEqual(runningMean([0, NaN, 3], 2), [{ step: 1, value: 0 }, { step: 3, value: 2 }]);
});

Deno.test("thinned() keeps the first and the last point", () => {
  const points = Array.from({ length: 1001 }, (_, index) => ({ step: index + 1, value: 1 }));
  for (const count of [2, 7, 300, 2000]) {
    const few = thinned(points, count);
    assert.ok(few.length <= count + 1, `${few.length} for ${count}`);
    assert.deepEqual([few[0]!.step, few.at(-1)!.step], [1, 1001]);
  }
});
