import assert from "node:assert/strict";
import { scheduleChart } from "../../examples/lib/schedule_chart.ts";
import { assertWellFormed } from "./well_formed.ts";

Deno.test("the picture of the schedules is well formed and has all of them", () => {
  const picture = scheduleChart();
  assertWellFormed(picture);
  assert.doesNotMatch(picture, /NaN|Infinity|undefined/);
  assert.equal(picture.match(/<path class="curve color-\d" d="M[\d.,ML]+"/g)?.length, 18);
  const names = "stepDecay multiStep exponentialDecay polynomialDecay cosineDecay cosineRestarts " +
    "linearWarmup cosineWarmup oneCycle inverseSquareRoot join";
  for (const name of names.split(" ")) {
    assert.match(picture, new RegExp(`class="head">[^<]*\\b${name}\\b`), name);
  }
});

Deno.test("the picture in the documentation is the one that is drawn", async () => {
  const file = new URL("../../docs/images/schedules.svg", import.meta.url);
  assert.ok(await Deno.readTextFile(file) === scheduleChart(), "run `deno task schedules`");
});
