import assert from "node:assert/strict";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { encode } from "fast-png";
// @ts-types="../../cli/data/jpeg_js.d.ts"
import { encode as encodeJpeg } from "jpeg-js";
import { loadDataset } from "../../cli/data/load.ts";
import { readPictures } from "../../cli/data/pictures.ts";
import { train } from "../../cli/train/command.ts";
import type { TrainResult } from "../../cli/train/learn.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { runCommand } from "./in_process.ts";

/** A gray PNG of one brightness. */
const gray = (side: number, brightness: number): Uint8Array =>
  encode({
    width: side,
    height: side,
    channels: 1,
    depth: 8,
    data: new Uint8Array(side * side).fill(brightness),
  });

/** A JPEG of one color. */
function jpeg(side: number, color: readonly [number, number, number]): Uint8Array {
  const data = Uint8Array.from({ length: side * side * 4 }, (_, i) => color[i % 4] ?? 255);
  return encodeJpeg({ width: side, height: side, data }, 95).data;
}

/** The smallest gray JPEG, of 8 x 8 pixels: one frame of one component, and a block of its mean alone. */
function grayJpeg(): Uint8Array {
  const colors = jpeg(8, [200, 200, 200]);
  const at = colors.findIndex((byte, i) => byte === 0xff && colors[i + 1] === 0xc0);
  const frame = [0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0];
  const scan = colors.findIndex((byte, i) => byte === 0xff && colors[i + 1] === 0xda);
  const header = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0];
  const afterFrame = at + 2 + (colors[at + 2]! << 8 | colors[at + 3]!);
  const afterScan = scan + 2 + (colors[scan + 2]! << 8 | colors[scan + 3]!);
  return Uint8Array.from([
    ...colors.subarray(0, at),
    ...frame,
    ...colors.subarray(afterFrame, scan),
    ...header,
    ...colors.subarray(afterScan),
  ]);
}

async function write(
  directory: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(directory, name);
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await Deno.writeFile(path, bytes);
  }
}

Deno.test("readPictures(): JPEG beside PNG, in colors and in gray", async () => {
  await withTempDir(async (directory) => {
    const png = encode({ width: 8, height: 8, channels: 3, data: new Uint8Array(192).fill(51) });
    await write(directory, { "a.png": png, "b.JPEG": jpeg(8, [255, 0, 102]) });
    const { shape, values, classes } = await readPictures(directory);
    assert.deepEqual([shape, classes], [[8, 8, 3], ["all"]]);
    assert.ok(values.subarray(0, 192).every((value) => Math.abs(value - 0.2) < 1e-6));
    const wanted = [1, 0, 0.4];
    values.subarray(192).forEach((value, i) =>
      // JPEG rounds colors
      assert.ok(Math.abs(value - wanted[i % 3]!) < 0.02, `${value} at ${i}`)
    );
  });
  await withTempDir(async (directory) => {
    await write(directory, { "a.jpg": grayJpeg() });
    const { shape, values } = await readPictures(directory);
    assert.deepEqual(shape, [8, 8, 1]);
    assert.ok(values.every((value) => Math.abs(value - 200 / 255) < 0.02), values.join());
  });
});

Deno.test("folders of images, one a class: some are kept for the test, all are there once", async () => {
  await withTempDir(async (directory) => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 10; i++) {
      files[`dark/${i}.png`] = gray(4, i);
      files[`light/${i}.png`] = gray(4, 200 + i);
    }
    await write(directory, { ...files, "notes.txt": new Uint8Array() });
    const data = await loadDataset({ data: directory, testSplit: 0.3 });
    assert.deepEqual([data.inputShape, data.classes], [[4, 4, 1], ["dark", "light"]]);
    assert.deepEqual([data.train.count, data.test.count], [14, 6]);
    const seen: number[] = [];
    for (const { count, inputs, targets } of [data.train, data.test]) {
      for (let row = 0; row < count; row++) {
        const brightness = Math.round(255 * inputs[16 * row]!);
        assert.equal(targets[row], brightness >= 200 ? 1 : 0);
        seen.push(brightness);
      }
    }
    const all = Array.from({ length: 20 }, (_, i) => i < 10 ? i : 190 + i);
    assert.deepEqual(seen.toSorted((a, b) => a - b), all);
    assert.notDeepEqual([...data.train.targets], [...data.train.targets].sort(), "not in order");
  });
});

Deno.test("folders of images: those called train and test are taken as such", async () => {
  await withTempDir(async (directory) => {
    await write(directory, {
      "train/a/1.png": gray(4, 1),
      "train/b/1.png": gray(4, 2),
      "train/b/2.png": gray(4, 3),
      "test/b/1.png": gray(4, 9),
    });
    const { train, test, classes } = await loadDataset({ data: directory });
    assert.deepEqual([train.count, test.count, [...test.targets]], [3, 1, [1]]);
    assert.deepEqual(classes, ["a", "b"]);
    await write(directory, { "test/c/1.png": gray(4, 9) });
    await assert.rejects(loadDataset({ data: directory }), {
      message: /^Cannot use .*1\.png: expected one of the classes a, b$/,
    });
  });
});

/** A PNG with a palette of two colors, whose second pixel has the third. */
function paletted(): Uint8Array {
  const chunk = (type: string, data: readonly number[]): number[] => {
    const body = [...new TextEncoder().encode(type), ...data];
    return [...bytes32(data.length), ...body, ...bytes32(crc32(Uint8Array.from(body)))];
  };
  const pixels = [...deflateSync(Uint8Array.of(0, 1, 2))];
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", [...bytes32(2), ...bytes32(1), 8, 3, 0, 0, 0]),
    ...chunk("PLTE", [0, 0, 0, 9, 9, 9]),
    ...chunk("IDAT", pixels),
    ...chunk("IEND", []),
  ]);
}

const bytes32 = (value: number): number[] => [24, 16, 8, 0].map((shift) => value >>> shift & 255);

/** Directories that cannot be used. */
const WRONG: readonly [name: string, files: Record<string, Uint8Array>, message: RegExp][] = [
  ["one class", { "a/1.png": gray(4, 1) }, /at least 2 classes, got "a" alone$/],
  ["no folders", { "1.png": gray(4, 1) }, /at least 2 classes, got images without folders$/],
  ["nothing", { "a/x.txt": gray(4, 1) }, /expected IDX, PNG or JPEG files in it, got none$/],
  ["a damaged JPEG", { "a/1.jpg": jpeg(8, [1, 2, 3]).subarray(0, 90) }, /1\.jpg: expected a JPEG/],
  [
    "two sizes",
    { "a/1.png": gray(4, 1), "b/1.jpg": jpeg(8, [1, 2, 3]) },
    /1\.jpg: expected 4 x 4 pixels in gray, as .*1\.png has, got 8 x 8 pixels in colors$/,
  ],
];

for (const [name, files, message] of WRONG) {
  Deno.test(`folders of images: ${name} is told of`, async () => {
    await withTempDir(async (directory) => {
      await write(directory, files);
      await assert.rejects(loadDataset({ data: directory }), { message });
    });
  });
}

Deno.test("readPictures(): a color that the palette lacks is told of with its place", async () => {
  await withTempDir(async (directory) => {
    await write(directory, { "a.png": paletted() });
    await assert.rejects(readPictures(directory), {
      message: /a\.png: expected colors of its palette of 2, got number 2 at row 0, column 1$/,
    });
  });
});

Deno.test("train: learns images of one's own in colors, with the convolutional network", async () => {
  await withTempDir(async (directory) => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 20; i++) {
      files[`blue/${i}.jpg`] = jpeg(16, [2 * i, 3 * i, 255 - 2 * i]);
      files[`red/${i}.jpg`] = jpeg(16, [255 - 2 * i, 3 * i, 2 * i]);
    }
    await write(directory, files);
    const args = ["--data", directory, "--epochs", "8", "--batch-size", "8", "--backend", "cpu"];
    const { stdout } = await runCommand(train, [...args, "--json"]);
    const { model, test } = JSON.parse(stdout) as TrainResult;
    assert.equal(model, "conv");
    assert.equal(test!.accuracy, 1);
  });
});
