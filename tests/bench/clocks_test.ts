import assert from "node:assert/strict";
import { perStep, timed } from "../../cli/bench/clocks.ts";

/** Keeps the processor busy. */
function work(milliseconds: number): void {
  const start = performance.now();
  while (performance.now() - start < milliseconds);
}

Deno.test("timed: work that is done when it returns", () => {
  const { wall, processor, calls } = timed(() => work(5));
  assert.equal(calls, wall);
  assert.ok(wall >= 5 && processor > 0);
});

// The processor's clock is the whole process's, other tests' threads included: nothing to assert.
Deno.test("timed: waiting counts on the wall, not as calls", async () => {
  const { wall, calls } = await timed(
    () => work(2),
    async () => {
      const start = performance.now();
      while (performance.now() - start < 10) await new Promise((resolve) => setTimeout(resolve));
    },
  );
  assert.ok(calls >= 2 && wall - calls >= 10);
});

Deno.test("perStep: all clocks are divided", () => {
  const timing = { wall: 8, processor: 6, calls: 4 };
  assert.deepEqual(perStep(timing, 2), { wall: 4, processor: 3, calls: 2 });
});
