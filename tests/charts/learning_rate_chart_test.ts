import assert from "node:assert/strict";
import { learningRateChart, type SweepPoints } from "../../src/charts/learning_rate_chart.ts";
import { smoothed, suggestRates, sweepRates } from "../../src/schedules/rate_sweep.ts";
import { assertWellFormed } from "../examples/well_formed.ts";

function sweep(losses: readonly number[]): SweepPoints {
  const rates = sweepRates(1e-6, 1, losses.length), curve = smoothed(losses, 0.5);
  const { steepest: suggestion, valley, minimum } = suggestRates(rates, curve);
  return { rates, losses, smoothed: curve, suggestion, valley, minimum, diverged: true };
}

const LOSSES = Array.from(
  { length: 60 },
  (_, i) => 2 - 1 / (1 + Math.exp(6 - 0.2 * i)) + 0.01 * (i % 3),
);

Deno.test("learningRateChart() has both curves, the axes, and a mark at each suggestion", () => {
  const points = sweep([...LOSSES, 50, 1e6]), picture = learningRateChart(points);
  assertWellFormed(picture);
  assert.equal(picture.match(/<path class="curve (raw )?color-3" d="M[\d.,ML-]+"/g)?.length, 2);
  for (const word of ["learning rate", "loss", "1e-6", "0.001", "1"]) {
    assert.ok(picture.includes(`>${word}</text>`), word);
  }
  const marks = [...picture.matchAll(/<line class="mark color-(\d)" x1="([\d.]+)" y1="84"/g)];
  const place = (rate: number) =>
    Math.round(10 * (84 + 648 * Math.log(rate / 1e-6) / Math.log(1e6))) / 10;
  assert.deepEqual(
    marks.map(([, color, x]) => [Number(color), Number(x)]),
    [points.suggestion, points.valley, points.minimum].map((rate, i) => [i, place(rate!)]),
  );
  assert.ok(picture.includes(`>steepest ${points.suggestion!.toPrecision(2)}</text>`));
  assert.match(picture, /62 steps, the thick line smoothed; stopped because the loss exploded/);
});

Deno.test("learningRateChart() gives its room to what does not explode", () => {
  const heights = (losses: number[]) => {
    const picture = learningRateChart(sweep(losses));
    assert.doesNotMatch(picture, /e\+\d/, "places are near the picture");
    const [path] = picture.match(/raw color-3" d="[^"]+/)!;
    return [...path.matchAll(/,([-\d.]+)/g)].slice(0, 60).map(([, y]) => Number(y));
  };
  for (const losses of [LOSSES, [...LOSSES, 1e30]]) {
    const all = heights(losses), [top, bottom] = [Math.min(...all), Math.max(...all)];
    assert.ok(top > 84 && bottom < 378 && bottom - top > 230, `${top} to ${bottom}`);
  }
});

const ODD: readonly [name: string, losses: number[]][] = [
  ["no losses", []],
  ["one loss", [1]],
  ["equal losses", [1, 1, 1, 1]],
  ["losses of zero", [0, 0, 0]],
  ["losses below zero", [-1, -2, -3, -2]],
  ["rising losses", [1, 2, 3]],
];

for (const [name, losses] of ODD) {
  Deno.test(`learningRateChart() copes with ${name}`, () => {
    const picture = learningRateChart(sweep(losses));
    assertWellFormed(picture);
    assert.doesNotMatch(picture, /NaN|Infinity|undefined|null/);
  });
}
