import assert from "node:assert/strict";
import crc32Peer from "crc-32";
import crc32cPeer from "crc-32/crc32c.js";
import fc from "fast-check";
import { decode } from "fast-png";
import * as tf from "@tensorflow/tfjs-core";
import { crc32, crc32c } from "../../src/tensorboard/crc.ts";
import { scalarValue, summaryEvent } from "../../src/tensorboard/events.ts";
import { histogramOf } from "../../src/tensorboard/histogram.ts";
import { pixelsOf } from "../../src/tensorboard/pixels.ts";
import { encodePng, readPngHeader } from "../../src/tensorboard/png.ts";
import { backendTest } from "../support/test.ts";
import { eventsOf, recordsOf } from "./event_reader.ts";

Deno.test("crc - published values, and another package's", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  assert.equal(crc32c(bytes("123456789")), 0xe3069283);
  assert.equal(crc32(bytes("123456789")), 0xcbf43926);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa, "RFC 3720, B.4");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
      assert.equal(crc32c(data), crc32cPeer.buf(data) >>> 0);
      assert.equal(crc32(data), crc32Peer.buf(data) >>> 0);
    }),
  );
});

Deno.test("events - any step, time, tag and value come back through protobufjs", () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      fc.double({ min: 0, max: 1e10, noNaN: true }),
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.float(),
      (step, seconds, tag, value) => {
        const [event] = eventsOf(summaryEvent(seconds, step, [scalarValue(tag, value)]));
        assert.equal(event!.step, step);
        assert.ok(event!.wall_time === seconds);
        const [read] = event!.summary!.value;
        assert.equal(read!.tag, tag);
        assert.ok(Object.is(read!.simple_value, value));
      },
    ),
  );
});

Deno.test("events - the reader notices a byte that changed", () => {
  const file = summaryEvent(1, 2, [scalarValue("loss", 3)]);
  for (let i = 0; i < file.length; i++) {
    const damaged = Uint8Array.from(file);
    damaged[i]! ^= 4;
    assert.throws(() => [...recordsOf(damaged)], `byte ${i}`);
  }
});

Deno.test("histogram - counts by value, sums, ends", () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) ** 3);
  const { min, max, count, sum, squares, limits, counts, nonFinite } = histogramOf(values);
  assert.deepEqual([min, max], [Math.min(...values), Math.max(...values)]);
  assert.deepEqual([count, nonFinite, limits.length, counts.length], [1000, 0, 30, 30]);
  assert.equal(limits.at(-1), max);
  const total = values.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - total) < 1e-9);
  assert.ok(Math.abs(squares - values.reduce((a, b) => a + b * b, 0)) < 1e-9);
  let below = min;
  limits.forEach((limit, b) => {
    // Rounding may put a value that is an edge on either side.
    const [least, most] = [1, -1].map((sign) =>
      values.filter((value) =>
        value >= below + sign * 1e-12 && (value < limit - sign * 1e-12 || b === 29)
      ).length
    ).toSorted((x, y) => x - y);
    assert.ok(counts[b]! >= least! && counts[b]! <= most!, `bucket ${b}`);
    below = limit;
  });
  assert.equal(counts.reduce((a, b) => a + b), 1000);
});

Deno.test("histogram - nothing, one value, what is not finite", () => {
  assert.deepEqual(histogramOf([]), {
    ...{ min: 0, max: 0, count: 0, sum: 0, squares: 0, limits: [0], counts: [0], nonFinite: 0 },
  });
  assert.deepEqual(histogramOf([NaN, Infinity]).nonFinite, 2);
  const { limits, counts, count, nonFinite } = histogramOf([2, NaN, 2, -Infinity]);
  assert.deepEqual([limits, counts, count, nonFinite], [[2], [2], 2, 2]);
  const wide = histogramOf([-3e38, 3e38, 0]);
  const middle = wide.counts[14]! + wide.counts[15]!; // 0 is an edge
  assert.deepEqual([wide.counts[0], middle, wide.counts[29]], [1, 1, 1]);
});

for (const channels of [1, 2, 3, 4]) {
  Deno.test(`png - read by another package: ${channels} channels`, async () => {
    const [width, height] = [37, 11];
    const bytes = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * i) % 251);
    const png = await encodePng({ width, height, channels, bytes });
    const image = decode(png, { checkCrc: true });
    assert.deepEqual([image.width, image.height, image.channels], [width, height, channels]);
    assert.equal(image.depth, 8);
    assert.deepEqual(Uint8Array.from(image.data), bytes);
    assert.deepEqual(readPngHeader(png), { width, height, channels });
  });
}

backendTest("pixels - shapes, ranges, types, a grid", "cpu", async () => {
  const bytesOf = async (tensor: tf.Tensor, range?: [number, number]) => {
    const { width, height, channels, bytes } = await pixelsOf(tensor, range);
    tensor.dispose();
    return [width, height, channels, [...bytes]];
  };
  assert.deepEqual(await bytesOf(tf.tensor2d([[0, 0.5, 1], [-1, 2, NaN]])), [
    ...[3, 2, 1, [0, 128, 255, 0, 255, 0]],
  ]);
  assert.deepEqual(await bytesOf(tf.tensor3d([[[-1, 0, 1]]]), [-1, 1]), [1, 1, 3, [0, 128, 255]]);
  assert.deepEqual(await bytesOf(tf.tensor2d([[0, 7, 255, 300]], [1, 4], "int32")), [
    ...[4, 1, 1, [0, 7, 255, 255]],
  ]);
  assert.deepEqual(await bytesOf(tf.tensor2d([[true, false]], [1, 2], "bool")), [2, 1, 1, [
    255,
    0,
  ]]);
  // Three pictures of 1x2 in a grid of 2x2.
  const grid = tf.tensor4d([1, 2, 3, 4, 5, 6], [3, 1, 2, 1], "int32");
  assert.deepEqual(await bytesOf(grid), [4, 2, 1, [1, 2, 3, 4, 5, 6, 0, 0]]);
  for (const shape of [[4], [2, 2, 5], [1, 2, 2, 2, 1], [0, 2], [2, 2, 0]]) {
    await assert.rejects(() => pixelsOf(tf.zeros(shape)), /the shape must be/, `${shape}`);
  }
  await assert.rejects(() => pixelsOf(tf.zeros([2, 2]), [1, 1]), /black < white, got \[1,1\]/);
  assert.throws(() => readPngHeader(new Uint8Array(40)), /the bytes must be a PNG, got 40/);
});
