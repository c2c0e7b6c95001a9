import fc from "fast-check";
import assert from "node:assert/strict";
import type { Series } from "../../src/live/data.ts";
import { chartsOf } from "../../src/live/page/lines.js";
import { apply, emptyState } from "../../src/live/page/state.js";
import { newView } from "../../src/live/page/view.js";
import {
  addPoint,
  emptySeries,
  lastOf,
  MOST_POINTS,
  pointsOf,
} from "../../src/live/page/series.js";

function seriesOf(values: readonly (number | null)[]): Series {
  const series = emptySeries("loss");
  values.forEach((value, i) => addPoint(series, i + 1, value));
  return series;
}

const wave = (count: number) =>
  Array.from({ length: count }, (_, i) => Math.sin(i / 100) + i / count);

Deno.test("series: up to the bound, every point is kept as it is", () => {
  const values = wave(MOST_POINTS - 1);
  const { x, y, low, high } = pointsOf(seriesOf(values));
  assert.deepEqual(x, values.map((_, i) => i + 1));
  assert.deepEqual([y, low, high], [values, values, values]);
});

Deno.test("series: however long, it is bounded, and nothing is lost from mean and extremes", () => {
  for (const count of [MOST_POINTS, MOST_POINTS + 1, 3 * MOST_POINTS + 7, 50_000]) {
    const values = wave(count), series = seriesOf(values);
    const { x, y, low, high } = pointsOf(series);
    assert.ok(x.length <= MOST_POINTS, `${x.length} points`);
    assert.ok(x.length > MOST_POINTS / 4, `${x.length} points`);
    assert.equal(x.at(-1), count);
    assert.ok(x.every((step, i) => i === 0 || step > x[i - 1]!));
    let from = 0;
    x.forEach((step, i) => {
      const part = values.slice(from, step);
      const mean = part.reduce((sum, value) => sum + value) / part.length;
      assert.ok(Math.abs(y[i]! - mean) < 1e-5, `${y[i]} instead of ${mean}`);
      assert.deepEqual([low[i], high[i]], [Math.min(...part), Math.max(...part)]);
      from = step;
    });
  }
});

Deno.test("series: a copy by JSON at any moment goes on to the same points", () => {
  const value = fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(null));
  fc.assert(
    fc.property(fc.nat(9000), fc.nat(9000), fc.array(value, { minLength: 1 }), (a, b, values) => {
      const at = (i: number) => values[i % values.length]!;
      const all = Array.from({ length: a + b }, (_, i) => at(i));
      const whole = seriesOf(all);
      const copy: Series = JSON.parse(JSON.stringify(seriesOf(all.slice(0, a))));
      all.slice(a).forEach((value, i) => addPoint(copy, a + i + 1, value));
      assert.deepEqual(JSON.parse(JSON.stringify(copy)), JSON.parse(JSON.stringify(whole)));
    }),
    { numRuns: 30, seed: 1 },
  );
});

Deno.test("series: values that are not known make no others unknown", () => {
  const values = wave(2 * MOST_POINTS).map((value, i) => i % 2 === 0 ? null : value);
  const { y, low } = pointsOf(seriesOf(values));
  assert.ok(y.every((value) => value !== null) && low.every((value) => value !== null));
  assert.equal(lastOf(seriesOf([1, null])), null);
  assert.equal(lastOf(seriesOf([null, 2])), 2);
  assert.equal(lastOf(undefined), null);
});

Deno.test("lines: a metric may have any name", () => {
  const names = ["constructor", "toString", "__proto__", "val_constructor"];
  const state = emptyState("A title", false);
  apply(state, { run: "a", begin: { name: "a", started: 1 } });
  apply(state, { run: "a", step: 1, points: names.map((name) => [name, [1], [2]]) });
  const charts = chartsOf(state.runs, newView());
  assert.deepEqual(charts.map(({ id, title, unit }) => [id, title, unit]), [
    ["constructor", "constructor", "number"],
    ["toString", "toString", "number"],
    ["__proto__", "__proto__", "number"],
  ]);
  assert.deepEqual(charts.map(({ lines }) => lines.map(({ label }) => label)), [
    ["a", "a, validation"],
    ["a"],
    ["a"],
  ]);
});
