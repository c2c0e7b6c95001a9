import assert from "node:assert/strict";
import { quantile, summarize } from "../../cli/bench/statistics.ts";

Deno.test("quantile: interpolates as NumPy does, whatever the order", () => {
  const samples = [7, 1, 3, 2];
  assert.equal(quantile(samples, 0), 1);
  assert.equal(quantile(samples, 0.25), 1.75);
  assert.equal(quantile(samples, 0.5), 2.5);
  assert.equal(quantile(samples, 0.75), 4);
  assert.equal(quantile(samples, 1), 7);
  assert.deepEqual(samples, [7, 1, 3, 2]);
});

Deno.test("quantile: numbers are not sorted as words", () => {
  assert.equal(quantile([9, 10, 100], 0.5), 10);
});

Deno.test("summarize: one sample is all there is, none is an error", () => {
  const five = { median: 5, lowerQuartile: 5, upperQuartile: 5, min: 5, max: 5 };
  assert.deepEqual(summarize([5]), five);
  assert.throws(() => summarize([]), /Cannot take a quantile of no samples/);
});
