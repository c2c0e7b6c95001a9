import assert from "node:assert/strict";
import { linearScale, logScale, tickText } from "../../src/charts/scale.ts";

Deno.test("linearScale() places values and marks round ones", () => {
  const scale = linearScale([0, 10], [100, 300]);
  assert.deepEqual([0, 5, 10].map(scale), [100, 200, 300]);
  assert.deepEqual(scale.ticks, [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(linearScale([0, 1], [0, 1]).ticks, [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(linearScale([0.1, 0.35], [0, 1], 5).ticks, [0.1, 0.15, 0.2, 0.25, 0.3, 0.35]);
  assert.deepEqual(linearScale([-3, 3], [0, 1], 3).ticks, [-2, 0, 2]);
  assert.deepEqual(linearScale([0, 3e-9], [0, 1], 3).ticks, [0, 1e-9, 2e-9, 3e-9]);
  assert.deepEqual(linearScale([5e6, 9e6], [0, 1], 4).ticks, [5e6, 6e6, 7e6, 8e6, 9e6]);
});

Deno.test("logScale() places values and marks powers of ten", () => {
  const scale = logScale([0.01, 100], [0, 400]);
  for (const [i, value] of [0.01, 0.1, 1, 10, 100].entries()) {
    assert.ok(Math.abs(scale(value) - 100 * i) < 1e-9);
  }
  assert.deepEqual(scale.ticks, [0.01, 0.1, 1, 10, 100]);
  assert.deepEqual(logScale([1e-7, 10], [0, 1]).ticks, [
    1e-7,
    1e-6,
    1e-5,
    1e-4,
    1e-3,
    .01,
    .1,
    1,
    10,
  ]);
  assert.deepEqual(logScale([1e-20, 1], [0, 1], 5).ticks, [1e-20, 1e-16, 1e-12, 1e-8, 1e-4, 1]);
  assert.deepEqual(logScale([0.3, 30], [0, 1], 9).ticks, [0.5, 1, 2, 5, 10, 20]);
});

Deno.test("scales of one value stay finite", () => {
  for (const scale of [linearScale([2, 2], [0, 9]), logScale([2, 2], [0, 9])]) {
    assert.ok(Number.isFinite(scale(2)));
    assert.ok(scale.ticks.every(Number.isFinite));
  }
});

Deno.test("tickText() is short", () => {
  const ticks = [0, 0.001, 0.25, -3, 120000, 1e6, 1e-4, 2.5e-7, -1e9];
  const texts = ["0", "0.001", "0.25", "-3", "120000", "1e6", "1e-4", "2.5e-7", "-1e9"];
  assert.deepEqual(ticks.map(tickText), texts);
});
