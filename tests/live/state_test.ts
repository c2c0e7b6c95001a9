import assert from "node:assert/strict";
import type { Grid } from "../../src/live/data.ts";
import {
  apply,
  emptyState,
  MOST_COLUMNS,
  MOST_NOTICES,
  MOST_PIXELS,
  MOST_RUNS,
  MOST_SERIES,
} from "../../src/live/page/state.js";
import { addItem, emptyTrack, itemsOf } from "../../src/live/page/track.js";

function begun(...ids: string[]) {
  const state = emptyState("A title", false);
  for (const run of ids) apply(state, { run, begin: { name: `run ${run}`, started: 1 } });
  return state;
}

Deno.test("state: a patch changes what it names, in its own run", () => {
  const state = begun("a", "b");
  apply(state, { run: "a", step: 3, epochs: 5, points: [["loss", [1, 2, 3], [3, null, 1]]] });
  apply(state, { run: "a", status: "paused" });
  apply(state, { run: "nobody", step: 9 });
  const [a, b] = state.runs;
  assert.deepEqual([a!.step, a!.epochs, a!.status, b!.step], [3, 5, "paused", 0]);
  assert.deepEqual(a!.series.map(({ name, x, y }) => [name, x, y]), [
    ["loss", [1, 2, 3], [3, null, 1]],
  ]);
  assert.deepEqual(b!.series, []);
});

Deno.test("state: names from outside are names, nothing else", () => {
  const state = begun("a");
  apply(state, { run: "a", points: [["__proto__", [1], [1]], ["constructor", [1], [2]]] });
  assert.deepEqual(state.runs[0]!.series.map(({ name }) => name), ["__proto__", "constructor"]);
});

Deno.test("state: runs, series, notices and columns are bounded", () => {
  const state = begun(...Array.from({ length: MOST_RUNS }, (_, i) => `${i}`));
  apply(state, { run: "4", status: "finished" });
  apply(state, { run: "new", begin: { name: "new", started: 2 } });
  assert.equal(state.runs.length, MOST_RUNS);
  assert.ok(!state.runs.some(({ id }) => id === "4"), "the one that is over goes");
  for (let i = 0; i < MOST_SERIES + 9; i++) {
    apply(state, { run: "new", points: [[`metric ${i}`, [1], [i]]] });
  }
  for (let step = 0; step < 1000; step++) {
    const noise = { step, t: [0.5], loss: [1], recoverability: [0], weight: [1] };
    apply(state, { run: "new", noise, notice: { step, text: `${step}` } });
  }
  const run = state.runs.at(-1)!;
  assert.equal(run.series.length, MOST_SERIES);
  assert.equal(run.notices.length, MOST_NOTICES);
  assert.equal(run.notices.at(-1)!.text, "999");
  const columns = itemsOf(run.noise).map(({ step }) => step);
  assert.ok(columns.length <= MOST_COLUMNS + 1 && columns.length > MOST_COLUMNS / 2);
  assert.deepEqual([columns[0], columns.at(-1)], [0, 999]);
});

Deno.test("state: pictures are bounded by their size; the first and the last stay", () => {
  const state = begun("a");
  const grid = (step: number): Grid => ({
    step,
    epoch: step,
    count: 1,
    height: 1,
    width: 1,
    channels: 1,
    pixels: "A".repeat(MOST_PIXELS / 8),
  });
  for (let step = 0; step < 50; step++) apply(state, { run: "a", grid: grid(step) });
  const steps = itemsOf(state.runs[0]!.grids).map(({ step }) => step);
  assert.ok(steps.length <= 9 && steps.length >= 5, `${steps}`);
  assert.deepEqual([steps[0], steps.at(-1)], [0, 49]);
});

Deno.test("track: of a long list every 2^k-th item stays, and the last one", () => {
  const track = emptyTrack();
  for (let i = 0; i < 77; i++) addItem(track, i, ({ length }: unknown[]) => length > 10);
  assert.deepEqual(itemsOf(track), [0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 76]);
});
