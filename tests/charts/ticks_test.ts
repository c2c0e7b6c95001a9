import assert from "node:assert/strict";
import fc from "fast-check";
import { linearTicks, logTicks, timeTicks } from "../../src/charts/ticks.js";

/** Numbers from 1e-12 to 1e12, each decade as likely as the others. */
const size = fc.double({ min: -12, max: 12, noNaN: true }).map((power) => 10 ** power);
const count = fc.integer({ min: 2, max: 20 });

function assertRound(ticks: readonly number[], low: number, high: number, most: number): void {
  assert.ok(ticks.length <= most, `${ticks.length} marks`);
  ticks.forEach((tick, i) => {
    const slack = 1e-8 * Math.max(Math.abs(low), Math.abs(high));
    assert.ok(tick >= low - slack && tick <= high + slack, `${tick} in ${low} to ${high}`);
    assert.ok(i === 0 || tick > ticks[i - 1]!, `${ticks}`);
  });
}

Deno.test("ticks on a linear axis are few, round and within its ends", () => {
  fc.assert(fc.property(size, size, fc.boolean(), count, (a, b, isBelow, count) => {
    const [low, high] = isBelow ? [-a, b] : [Math.min(a, b), Math.max(a, b)];
    if (!(high > low * (1 + 1e-12))) return;
    const ticks = linearTicks(low, high, count);
    assertRound(ticks, low, high, count + 1);
    assert.ok(ticks.length >= 1);
  }));
});

Deno.test("ticks on a logarithmic axis are few, round and within its ends", () => {
  fc.assert(fc.property(size, size, count, (a, b, count) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    if (!(high > low * (1 + 1e-12))) return;
    const ticks = logTicks(low, high, count);
    assertRound(ticks, low, high, 2 * count + 2);
    if (high > 1000 * low && count > 3) assert.ok(ticks.length >= 2, `${low} ${high}: ${ticks}`);
  }));
});

Deno.test("ticks where the least value lies just below a power of ten", () => {
  for (let least = 0.095; least < 0.12; least += 1e-4) {
    const ticks = logTicks(least / 1.15, 2.5 * 1.15, 9);
    assert.deepEqual(ticks, [0.1, 0.2, 0.5, 1, 2].filter((tick) => tick >= least / 1.15));
  }
  assert.deepEqual(logTicks(0.3, 0.36, 6), [0.3, 0.31, 0.32, 0.33, 0.34, 0.35, 0.36].slice(0, 7));
  assert.deepEqual(logTicks(5, 5, 4), [5]);
});

Deno.test("ticks of time are round in seconds, minutes, hours or days", () => {
  assert.deepEqual(timeTicks(0, 14, 4), [0, 5, 10]);
  assert.deepEqual(timeTicks(0, 100, 4), [0, 30, 60, 90]);
  assert.deepEqual(timeTicks(4000, 9000, 3), [5400, 7200, 9000].filter((t) => t % 1800 === 0));
  assert.deepEqual(timeTicks(0, 10 * 86400, 4), [0, 3, 6, 9].map((day) => day * 86400));
  fc.assert(fc.property(size, count, (last, count) => {
    assertRound(timeTicks(0, last, count), 0, last, count + 1);
  }));
});
