import assert from "node:assert/strict";
import fc from "fast-check";
import { OwnMemory } from "../../../src/engines/simd/own_memory.ts";

const PAGE = 65536;

Deno.test("OwnMemory: blocks in use never overlap, and keep what was written", () => {
  const actions = fc.array(
    fc.oneof(
      fc.record({ bytes: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 3 * PAGE })) }),
      fc.record({ free: fc.nat() }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(actions, (actions) => {
      const own = new OwnMemory();
      const used: { start: number; length: number; mark: number }[] = [];
      actions.forEach((action, mark) => {
        if ("free" in action) {
          const [block] = used.splice(action.free % (used.length + 1), 1);
          if (block !== undefined) own.free(block.start);
          return;
        }
        const start = own.allocate(action.bytes);
        assert.equal(start % 16, 0);
        const length = Math.ceil(action.bytes / 4);
        own.floats.fill(mark, start / 4, start / 4 + length);
        used.push({ start, length, mark });
      });
      for (const { start, length, mark } of used) {
        assert.ok(own.floats.length >= start / 4 + length);
        const block = own.floats.subarray(start / 4, start / 4 + length);
        assert.ok(block.every((value) => value === mark));
      }
      // Whatever was freed is joined again: all of it can be had in one piece.
      for (const { start } of used) own.free(start);
      const size = own.memory.buffer.byteLength;
      if (size > 0) own.allocate(size);
      assert.equal(own.memory.buffer.byteLength, size);
    }),
    { seed: 6, numRuns: 300 },
  );
});

Deno.test("OwnMemory: what was freed is used again", () => {
  const own = new OwnMemory();
  const keeper = own.allocate(100);
  own.floats.fill(7, keeper / 4, keeper / 4 + 25);
  const first = own.allocate(1e6);
  const size = own.memory.buffer.byteLength;
  own.free(first);
  for (let round = 0; round < 1000; round++) {
    const blocks = [1000, 300_000, 20, 600_000].map((bytes) => own.allocate(bytes));
    for (const block of round % 2 === 0 ? blocks : blocks.reverse()) own.free(block);
  }
  assert.equal(own.memory.buffer.byteLength, size);
  assert.ok(own.floats.subarray(keeper / 4, keeper / 4 + 25).every((value) => value === 7));
});

Deno.test("OwnMemory: where it cannot grow is an error, and what there is stays usable", () => {
  const own = new OwnMemory(2);
  const first = own.allocate(PAGE);
  assert.throws(() => own.allocate(2 * PAGE), {
    message: "Cannot allocate 131072 bytes for the state of the SIMD engine: " +
      "its memory of 65536 bytes cannot grow so far",
  });
  assert.throws(() => own.allocate(2 ** 50), /cannot grow so far/);
  const second = own.allocate(PAGE);
  assert.notEqual(first, second);
  assert.throws(() => own.allocate(1), /cannot grow so far/);
  own.free(first);
  assert.equal(own.allocate(1), first);
});

Deno.test("OwnMemory: freeing twice, or what is no block, changes nothing", () => {
  const own = new OwnMemory();
  const [a, b] = [own.allocate(16), own.allocate(16)];
  own.free(a);
  own.free(a);
  own.free(b + 4);
  assert.equal(own.allocate(16), a);
  assert.notEqual(own.allocate(16), b);
});

Deno.test("OwnMemory: a block of nothing is still one of its own", () => {
  const own = new OwnMemory();
  assert.notEqual(own.allocate(0), own.allocate(0));
});
