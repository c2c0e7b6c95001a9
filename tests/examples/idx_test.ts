import assert from "node:assert/strict";
import { join } from "node:path";
import { parseIdx, readIdx } from "../../cli/data/idx.ts";
import { gzip, idxBytes, inDirectory } from "./fixtures.ts";

const IMAGES = idxBytes([2, 1, 3], [1, 2, 3, 4, 5, 6]);

Deno.test("parseIdx() gives the shape and the elements", () => {
  const { shape, data } = parseIdx(IMAGES, 3, "images");
  assert.deepEqual(shape, [2, 1, 3]);
  assert.deepEqual([...data], [1, 2, 3, 4, 5, 6]);
});

Deno.test("parseIdx() reads from the middle of a buffer", () => {
  const padded = new Uint8Array(IMAGES.length + 3);
  padded.set(IMAGES, 3);
  assert.deepEqual([...parseIdx(padded.subarray(3), 3, "images").data], [1, 2, 3, 4, 5, 6]);
});

Deno.test("parseIdx() takes sizes above 2^31 for what they are", () => {
  const bytes = idxBytes([0x80000000], []);
  assert.throws(() => parseIdx(bytes, 1, "labels"), /truncated, 0 elements.*2147483648/);
});

const FAULTS: readonly [name: string, bytes: Uint8Array, message: RegExp][] = [
  ["truncated elements", IMAGES.subarray(0, -1), /Cannot read x: truncated, 5 elements .* = 6/],
  ["a truncated header", IMAGES.subarray(0, 9), /Cannot read x: truncated, 9 bytes .* 16/],
  ["nothing", new Uint8Array(), /Cannot read x: truncated, 0 bytes/],
  ["too many elements", new Uint8Array([...IMAGES, 7]), /Cannot read x: too long, 7 elements/],
  [
    "another number of dimensions",
    idxBytes([12], new Array(12).fill(0)),
    /Cannot read x: .*0x00000801, expected 0x00000803/,
  ],
  [
    "another element type",
    new Uint8Array([0, 0, 0x0d, 3, ...IMAGES.subarray(4)]),
    /Cannot read x: .*0x00000d03, expected 0x00000803/,
  ],
  ["a web page", new TextEncoder().encode("<!DOCTYPE html><html>"), /Cannot read x: not an IDX/],
];

for (const [name, bytes, message] of FAULTS) {
  Deno.test(`parseIdx() refuses ${name}`, () => {
    assert.throws(() => parseIdx(bytes, 3, "x"), { message });
  });
}

Deno.test("readIdx() reads plain and gzipped files, whatever they are called", async () => {
  const files = { "plain.gz": IMAGES, "packed": await gzip(IMAGES) };
  await inDirectory(files, async (directory) => {
    for (const name of Object.keys(files)) {
      const { shape, data } = await readIdx(join(directory, name), 3);
      assert.deepEqual(shape, [2, 1, 3], name);
      assert.deepEqual([...data], [1, 2, 3, 4, 5, 6], name);
    }
  });
});

Deno.test("readIdx() names a gzipped file that is cut off", async () => {
  await inDirectory({ "cut.gz": (await gzip(IMAGES)).subarray(0, -9) }, async (directory) => {
    await assert.rejects(readIdx(join(directory, "cut.gz"), 3), {
      message: /Cannot read .*cut\.gz: its gzip stream is truncated or damaged/,
    });
  });
});
