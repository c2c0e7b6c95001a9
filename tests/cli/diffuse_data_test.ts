import assert from "node:assert/strict";
import { encode } from "fast-png";
import { loadData } from "../../cli/diffuse/data.ts";
import { patchSide } from "../../cli/diffuse/mixer.ts";
import { withTempDir } from "../support/temp_dir.ts";

/** A PNG whose numbers count upwards from `start`. */
function png(
  width: number,
  height: number,
  { channels = 1, depth = 8, start = 0 }: {
    channels?: 1 | 2 | 3 | 4;
    depth?: 8 | 16;
    start?: number;
  } = {},
): Uint8Array {
  const length = width * height * channels;
  const values = Array.from({ length }, (_, i) => start + i);
  const data = depth === 8 ? Uint8Array.from(values) : Uint16Array.from(values);
  return encode({ width, height, channels, depth, data });
}

Deno.test("diffuse data: a directory of PNG files, gray, in the order of their names", async () => {
  await withTempDir(async (directory) => {
    await Deno.writeFile(`${directory}/b.png`, png(3, 2, { start: 250 }));
    await Deno.writeFile(`${directory}/a.PNG`, png(3, 2));
    await Deno.writeFile(`${directory}/c.png`, png(3, 2, { channels: 2, start: 10 }));
    await Deno.writeTextFile(`${directory}/notes.txt`, "passed over");
    const data = await loadData({ data: directory });
    assert.deepEqual([data.shape, data.count, data.classes], [[2, 3, 1], 3, ["all"]]);
    const bytes = [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255, 10, 12, 14, 16, 18, 20];
    data.values.forEach((value, i) => assert.ok(Math.abs(value - (bytes[i]! / 127.5 - 1)) < 1e-6));
    assert.equal(data.values.length, bytes.length);
    const first = await loadData({ data: directory, limit: 2 });
    assert.deepEqual([first.count, first.values.length], [2, 12]);
  });
});

Deno.test("diffuse data: colors with 16 bits, a class for each directory", async () => {
  await withTempDir(async (directory) => {
    for (const [group, start] of [["cats", 0], ["dogs", 65529]] as const) {
      await Deno.mkdir(`${directory}/${group}`);
      const file = png(1, 2, { channels: 3, depth: 16, start });
      await Deno.writeFile(`${directory}/${group}/1.png`, file);
    }
    await Deno.writeFile(`${directory}/dogs/2.png`, png(1, 2, { channels: 4, start: 0 }));
    const data = await loadData({ data: directory });
    assert.deepEqual(data.shape, [2, 1, 3]);
    assert.deepEqual(data.classes, ["cats", "dogs"]);
    assert.deepEqual([...data.labels], [0, 1, 1]);
    const parts = [0, 1, 2, 3, 4, 5, 65529, 65530, 65531, 65532, 65533, 65534]
      .map((value) => value / 65535)
      .concat([0, 1, 2, 4, 5, 6].map((value) => value / 255)); // without the transparency
    data.values.forEach((value, i) => assert.ok(Math.abs(value - (2 * parts[i]! - 1)) < 1e-6));
  });
});

Deno.test("diffuse data: points, each column of mean 0 and deviation 1", async () => {
  await withTempDir(async (directory) => {
    const file = `${directory}/points.csv`;
    await Deno.writeTextFile(file, "x,label,y\n1,a,5\n3,b,5\n5,a,5\n");
    const data = await loadData({ data: file, columns: ["y", "x"] });
    assert.deepEqual([data.shape, data.count], [[2], 3]);
    const scale = Math.sqrt(8 / 3);
    assert.deepEqual(data.columns, [
      { name: "y", mean: 5, scale: 1 },
      { name: "x", mean: 3, scale },
    ]);
    assert.deepEqual([...data.values], [0, -2 / scale, 0, 0, 0, 2 / scale].map(Math.fround));
  });
});

/** Files that cannot be used, and what is said about them. */
const WRONG: Readonly<Record<string, { write: (path: string) => Promise<void>; said: RegExp }>> = {
  "no number": {
    write: (path) => Deno.writeTextFile(path, "x,y\n1,2\n\n3,z\n"),
    said: /line 4, column "y": expected a number, got "z"; columns that are points can be named by/,
  },
  "an empty field": {
    write: (path) => Deno.writeTextFile(path, "x,y\n,2\n"),
    said: /line 2, column "x": expected a number, got nothing/,
  },
  "pictures of two sizes": {
    write: async (path) => {
      await Deno.mkdir(path);
      await Deno.writeFile(`${path}/a.png`, png(3, 2));
      await Deno.writeFile(`${path}/b.png`, png(2, 2, { channels: 3 }));
    },
    said: /b\.png: expected 3 x 2 pixels in gray, as .*a\.png has, got 2 x 2 pixels in colors$/,
  },
  "a damaged picture": {
    write: async (path) => {
      await Deno.mkdir(path);
      await Deno.writeFile(`${path}/a.png`, png(9, 9).subarray(0, 50));
    },
    said: /a\.png: expected a PNG file, got another or a damaged one/,
  },
  "no pictures": {
    write: (path) => Deno.mkdir(path),
    said: /: expected IDX, PNG or JPEG files in it, got none$/,
  },
};

for (const [what, { write, said }] of Object.entries(WRONG)) {
  Deno.test(`diffuse data: ${what}, the error names file and place`, async () => {
    await withTempDir(async (directory) => {
      const path = `${directory}/data`;
      await write(path);
      await assert.rejects(loadData({ data: path }), (error: Error) => {
        assert.ok(error.message.includes(path));
        assert.match(error.message, said);
        return true;
      });
    });
  });
}

Deno.test("diffuse data: what is not there gets the nearest name", async () => {
  await assert.rejects(loadData({ data: "mnst" }), /no data "mnst": .*did you mean "mnist"\?$/);
  await withTempDir(async (directory) => {
    const file = `${directory}/p.csv`;
    await Deno.writeTextFile(file, "height,width\n1,2\n");
    const columns = ["heigth"];
    await assert.rejects(loadData({ data: file, columns }), /"heigth"; did you mean "height"\?$/);
    await Deno.writeFile(`${directory}/a.png`, png(3, 2));
    await assert.rejects(loadData({ data: directory, columns }), /--columns is for points/);
  });
});

Deno.test("patchSide: the smallest squares that cut an image in at most 64", () => {
  const sides = [[14, 14, 2], [28, 28, 4], [8, 8, 1], [32, 48, 8], [31, 62, 31], [13, 11, 1]];
  for (const [rows, columns, side] of sides) {
    assert.equal(patchSide(rows!, columns!), side, `${rows} x ${columns}`);
  }
});
