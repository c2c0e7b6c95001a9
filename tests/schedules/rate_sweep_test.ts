import assert from "node:assert/strict";
import {
  DivergenceWatch,
  smoothed,
  startLevel,
  suggestRates,
  sweepRates,
} from "../../src/schedules/rate_sweep.ts";

Deno.test("sweepRates() grows by the same factor, from end to end", () => {
  const rates = sweepRates(1e-7, 10, 101);
  assert.equal(rates.length, 101);
  assert.deepEqual([rates[0], rates.at(-1)], [1e-7, 10]);
  const factor = 1e8 ** (1 / 100);
  rates.slice(1).forEach((rate, i) => assert.ok(Math.abs(rate / rates[i]! / factor - 1) < 1e-12));
});

Deno.test("smoothed() keeps constants and lines, and does not lag", () => {
  const line = Array.from({ length: 41 }, (_, i) => 100 - i);
  for (const smoothing of [0, 0.5, 0.9]) {
    smoothed(Array(7).fill(2), smoothing).forEach((value) =>
      assert.ok(Math.abs(value - 2) < 1e-14)
    );
    assert.ok(Math.abs(smoothed(line, smoothing)[20]! - line[20]!) < 1e-12, "in the middle");
  }
  assert.deepEqual(smoothed([3, 1, 2], 0), [3, 1, 2]);
  assert.deepEqual(smoothed([], 0.5), []);
  // Weights 1/4, 1/2, 1, 1/2, 1/4 around the middle.
  const [, , middle] = smoothed([1, 0, 0, 0, 0], 0.5);
  assert.ok(Math.abs(middle! - 0.25 / 2.5) < 1e-15);
});

Deno.test("smoothed() counts explosions as the level of the start", () => {
  const losses = [1, 2, ...Array(18).fill(0.5), 1e30];
  assert.equal(startLevel(losses), 2);
  assert.deepEqual(smoothed(losses, 0.8), smoothed([...losses.slice(0, -1), 2], 0.8));
  assert.equal(startLevel([5]), 5);
});

/** Loss over the logarithm of the rate: flat at 1, a fall to 0.2 around `at`, an explosion from 1 on. */
function fall(rates: readonly number[], at: number): number[] {
  return rates.map((rate) => 1 - 0.8 / (1 + (rate / at) ** -2) + (rate > 1 ? 100 * (rate - 1) : 0));
}

Deno.test("suggestRates() finds where the loss falls", () => {
  const rates = sweepRates(1e-7, 10, 801);
  for (const at of [1e-4, 1e-3, 1e-2]) {
    const { steepest, valley, minimum } = suggestRates(rates, fall(rates, at));
    const near = (found: number | null, rate: number) =>
      assert.ok(found !== null && Math.abs(Math.log(found / rate)) < 0.06, `${found}, not ${rate}`);
    near(steepest, at);
    near(minimum, 0.1); // the loss falls, if ever so little, until it explodes at 1
    near(valley, at); // 5 % and 95 % lie as far from the middle
  }
});

Deno.test("suggestRates() has nothing to suggest where the loss never falls", () => {
  const none = { steepest: null, valley: null, minimum: null };
  assert.deepEqual(suggestRates([1, 2, 3], [1, 2, 3]), none);
  assert.deepEqual(suggestRates([1, 2, 3], [1, 1, 1]), none);
  assert.deepEqual(suggestRates([], []), none);
  assert.deepEqual(suggestRates([1], [1]), none);
});

Deno.test("suggestRates() leaves the first tenth of the steps out of the steepest descent", () => {
  const rates = sweepRates(1e-3, 1, 40), losses = rates.map((_, i) => 10 - 0.1 * i);
  losses[0] = 20;
  losses[25]! -= 0.05;
  assert.equal(suggestRates(rates, losses).steepest, rates[24]);
});

Deno.test("DivergenceWatch tells an explosion from noise, losses below 0 too", () => {
  const first = (losses: number[], smoothing = 0, divergence = 4) => {
    const watch = new DivergenceWatch(smoothing, divergence);
    return losses.findIndex((loss) => watch.see(loss));
  };
  assert.equal(first([1, 3.9, 0.5, 1.9, 2.1]), 4);
  assert.equal(first([1, 1, NaN]), 2);
  assert.equal(first([1, Infinity]), 1);
  assert.equal(first([-10, -9, 15, 19, 21]), 4, "-10 + 3 * 10");
  assert.equal(first([1, 1, 1, 1, 9, 1]), 4);
  assert.equal(first([1, 1, 1, 1, 9, 1], 0.8), -1, "smoothed");
  assert.equal(first([1, 1, 1.2], 0, 1.1), 2);
});
