import assert from "node:assert/strict";
import fc from "fast-check";
import { matchNames } from "../../src/optimizers/match_names.ts";

const matched = (saved: string[], current: string[]) =>
  Object.fromEntries(matchNames(saved, current));

Deno.test("equal names belong together, in any order", () => {
  fc.assert(fc.property(
    fc.uniqueArray(fc.stringMatching(/^[a-c]{1,2}(\/[a-c]{1,2})?(_[1-9])?$/)),
    fc.func(fc.integer()),
    (names, order) => {
      const current = names.toSorted((a, b) => order(a) - order(b));
      assert.deepEqual(matched(names, current), Object.fromEntries(current.map((n) => [n, n])));
    },
  ));
});

Deno.test("a layer's weight may gain or lose a suffix", () => {
  assert.deepEqual(matched(["d/kernel", "d/bias"], ["d/bias_1", "d/kernel_3"]), {
    "d/bias_1": "d/bias",
    "d/kernel_3": "d/kernel",
  });
  assert.deepEqual(matched(["d/kernel_2"], ["d/kernel"]), { "d/kernel": "d/kernel_2" });
});

Deno.test("among names that differ by the suffix alone, its order decides", () => {
  assert.deepEqual(matched(["d/k", "d/k_1"], ["d/k_2", "d/k_1"]), {
    "d/k_1": "d/k",
    "d/k_2": "d/k_1",
  });
  assert.deepEqual(matched(["d/k_10", "d/k_9"], ["d/k_2", "d/k_11"]), {
    "d/k_2": "d/k_9",
    "d/k_11": "d/k_10",
  });
});

Deno.test("an added variable starts anew, a removed one is left waiting", () => {
  assert.deepEqual(matched(["d/k"], ["d/k", "e/k"]), { "d/k": "d/k" });
  assert.deepEqual(matched(["d/k", "d/k_1"], ["d/k_1"]), { "d/k_1": "d/k_1" });
  assert.deepEqual(matched(["d/k"], ["d/k", "d/k_1"]), { "d/k": "d/k" });
});

Deno.test("a name of the user's own must be equal", () => {
  assert.deepEqual(matched(["w_1", "w_2"], ["w_2", "w_3"]), { "w_2": "w_2" });
});

Deno.test("what cannot be told is an error that names both sides", () => {
  assert.throws(
    () => matchNames(["d/k", "d/k_1"], ["d/k_5"]),
    /saved were d\/k, d\/k_1, now there are d\/k_5/,
  );
});
