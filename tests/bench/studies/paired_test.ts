import assert from "node:assert/strict";
import { estimate, findingOf, pairedChange, verdictOf } from "../../../bench/studies/paired.ts";

Deno.test("study: mean and standard error", () => {
  const { mean, error, count } = estimate([1, 2, 3, 4]);
  assert.deepEqual([mean, count], [2.5, 4]);
  assert.ok(Math.abs(error - Math.sqrt(5 / 3 / 4)) < 1e-15);
  assert.ok(Number.isNaN(estimate([1]).error));
});

Deno.test("study: paired changes in % of the others' mean", () => {
  // Differences -1, -1, -4 around -2: variance 3, error 1; the others' mean is 20.
  const change = pairedChange([9, 19, 26], [10, 20, 30]);
  assert.ok(Math.abs(change.mean + 10) < 1e-12 && Math.abs(change.error - 5) < 1e-12);
  assert.equal(change.count, 3);
});

Deno.test("study: findings by two standard errors, verdicts by findings", () => {
  assert.equal(findingOf({ mean: -2.1, error: 1, count: 3 }), "better");
  assert.equal(findingOf({ mean: 2.1, error: 1, count: 3 }), "worse");
  assert.equal(findingOf({ mean: -1.9, error: 1, count: 3 }), "undecided");
  assert.equal(findingOf({ mean: -9, error: 1, count: 2 }), "too few seeds");
  assert.equal(findingOf(estimate([])), "too few seeds");
  assert.equal(verdictOf(["better", "better"]), "reproduced");
  assert.equal(verdictOf(["better", "undecided"]), "reproduced in part");
  assert.equal(verdictOf(["better", "worse"]), "not reproduced");
  assert.equal(verdictOf(["better", "too few seeds"]), "not tested, too few seeds");
  assert.equal(verdictOf(["undecided"]), "not reproduced");
  assert.equal(verdictOf([]), "not tested, too few seeds");
});
