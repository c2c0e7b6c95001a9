import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { failure } from "@signalfit/tfjs/parts";
import type { Dataset, Rows } from "./dataset.ts";
import { divide, shuffled } from "./divide.ts";
import { type Pictures, readPictures } from "./pictures.ts";

/**
 * Makes data to learn from of a directory with a folder of PNG and JPEG files for each class; or of two
 * such directories in it, called "train" and "test". Without those, some of the images are kept for the
 * test; which ones depends on their number alone.
 *
 * @param testSplit share of the images that are kept for the test
 * @throws {Error} naming the file that cannot be used, and what was expected
 */
export async function pictureDataset(directory: string, testSplit: number): Promise<Dataset> {
  const names = await readdir(directory).catch((error) => {
    throw failure("Cannot read", directory, error);
  });
  const isDivided = names.includes("train") && names.includes("test");
  const all = await readPictures(isDivided ? join(directory, "train") : directory);
  const { shape, classes, count } = all;
  if (classes.length < 2) {
    throw new Error(
      `Cannot use ${directory}: expected a folder of images for each of at least 2 classes, got ` +
        (classes[0] === "all" ? "images without folders" : `"${classes[0]}" alone`),
    );
  }
  const [learned, tested] = divide(count, testSplit);
  const test = isDivided ? await readPictures(join(directory, "test"), all) : undefined;
  return {
    name: basename(directory),
    task: "classification",
    inputShape: shape,
    classes,
    train: rowsOf(all, test === undefined ? learned : shuffled(count)),
    test: test === undefined ? rowsOf(all, tested) : rowsOf(test, shuffled(test.count)),
    table: null,
  };
}

/** Some of the images, in an order. */
function rowsOf({ count, values, labels }: Pictures, order: Uint32Array): Rows {
  const size = values.length / count, inputs = new Float32Array(order.length * size);
  order.forEach((image, at) =>
    inputs.set(values.subarray(image * size, (image + 1) * size), at * size)
  );
  return { count: order.length, inputs, targets: Float32Array.from(order, (at) => labels[at]!) };
}
