import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { failure } from "@signalfit/tfjs/parts";
import { nearest } from "@signalfit/tfjs/parts";
import { type LabelledImages, loadImageData } from "../data/mnist.ts";
import { type ImageShape, type Pictures, readPictures } from "../data/pictures.ts";
import { UsageError } from "../exit_codes.ts";
import { fileInfo } from "../lib/file_info.ts";
import { readPoints } from "./points.ts";

export type { ImageShape } from "../data/pictures.ts";

/** Shape of an image or of a point. */
export type Shape = ImageShape | readonly [columns: number];

/** Whether it is that of an image. */
export function isImage(shape: Shape): shape is ImageShape {
  return shape.length === 3;
}

/** Images or points. */
export interface Rows {
  readonly count: number;
  /** Image after image, brightness from -1 to 1; or point after point, each column of mean 0 and deviation 1. */
  readonly values: Float32Array;
  /** Class of each, counted from 0; all 0 where there are none. */
  readonly labels: Uint16Array;
}

/** What a diffusion model is to learn. */
export interface DiffusionData extends Rows {
  /** What it is called, such as "MNIST" or the name of a directory. */
  readonly name: string;
  readonly shape: Shape;
  /** Others of the same kind that are not learned from; null where there are none. */
  readonly test: Rows | null;
  /** Names of the classes; one where there are none. */
  readonly classes: readonly string[];
  /** Of points: the columns with what was done to them, `(value - mean) / scale`. */
  readonly columns: readonly Column[];
}

/** A column of points. */
export interface Column {
  readonly name: string;
  readonly mean: number;
  readonly scale: number;
}

/** What to load. */
export interface DataChoice {
  /** "mnist", a directory of IDX files or of PNG or JPEG files, or a CSV file. */
  readonly data: string;
  /** Columns of a CSV file; all if undefined. */
  readonly columns?: readonly string[] | undefined;
  /** Use only the first so many. */
  readonly limit?: number | undefined;
  /** Rows and columns that images are brought to; as they are if undefined. */
  readonly size?: number | undefined;
}

/**
 * Loads what is to be learned.
 *
 * @throws {UsageError} if there are no such data, or an option does not go with them
 * @throws {Error} if a file cannot be used, naming it, the place and what was expected
 */
export async function loadData({ data, columns, limit, size }: DataChoice): Promise<DiffusionData> {
  const kind = await kindOf(data);
  if (columns !== undefined && kind !== "csv") {
    throw new UsageError("--columns is for points of a CSV file, not for images");
  }
  if (size !== undefined && kind === "csv") {
    throw new UsageError("--size is for images, not for points of a CSV file");
  }
  const read = kind === "csv"
    ? await readPoints(data, columns)
    : kind === "png"
    ? ofPictures(data, await readPictures(data))
    : ofImages(
      kind === "mnist" ? "MNIST" : basename(data),
      await loadImageData(kind === "mnist" ? {} : { directory: data }),
    );
  const loaded = size === undefined ? read : resized(read, size);
  if (loaded.count < 2) {
    throw new Error(`Cannot use ${data}: expected at least 2 images or points, got 1`);
  }
  return limit === undefined ? loaded : first(loaded, limit);
}

/** What data are, by their name. */
async function kindOf(data: string): Promise<"mnist" | "idx" | "png" | "csv"> {
  if (data === "mnist") return "mnist";
  const info = await fileInfo(data);
  if (info?.isFile()) return "csv";
  if (info?.isDirectory()) {
    const names = await readdir(data).catch((error) => {
      throw failure("Cannot read", data, error);
    });
    return names.some((name) => /ubyte(\.gz)?$/.test(name)) ? "idx" : "png";
  }
  const near = nearest(data, ["mnist"]);
  throw new UsageError(
    `There are no data "${data}": expected mnist, a directory of IDX, PNG or JPEG files, or a CSV file` +
      (near === undefined ? "" : `; did you mean "${near}"?`),
  );
}

function ofPictures(directory: string, pictures: Pictures): DiffusionData {
  const values = pictures.values.map((value) => 2 * value - 1);
  return { ...pictures, name: basename(directory), values, test: null, columns: [] };
}

function ofImages(
  name: string,
  { train, test, classes }: {
    readonly train: LabelledImages;
    readonly test: LabelledImages;
    readonly classes: number;
  },
): DiffusionData {
  const rowsOf = ({ count, pixels, labels }: LabelledImages): Rows => ({
    count,
    values: Float32Array.from(pixels, (pixel) => pixel / 127.5 - 1),
    labels: Uint16Array.from(labels),
  });
  return {
    ...rowsOf(train),
    name,
    shape: [...train.size, 1],
    test: rowsOf(test),
    classes: Array.from({ length: classes }, (_, i) => String(i)),
    columns: [],
  };
}

/** The same data, and of the rows the first `limit`. */
export function first<Data extends Rows>(data: Data, limit: number): Data {
  const count = Math.min(limit, data.count), each = data.values.length / data.count;
  return {
    ...data,
    count,
    values: data.values.subarray(0, count * each),
    labels: data.labels.subarray(0, count),
  };
}

/** For each label the first row of its class that has not been taken yet, while there are any. */
export function firstOfEach({ values, labels, count }: Rows, wanted: Uint16Array): Float32Array {
  const each = values.length / count, next = new Map<number, number>();
  const found: Float32Array[] = [];
  for (const label of wanted) {
    const index = labels.indexOf(label, next.get(label) ?? 0);
    if (index < 0) continue;
    next.set(label, index + 1);
    found.push(values.subarray(index * each, (index + 1) * each));
  }
  const joined = new Float32Array(found.length * each);
  found.forEach((row, i) => joined.set(row, i * each));
  return joined;
}

/**
 * Images brought to `size` x `size` pixels, each the mean of those that it covers.
 *
 * @throws {UsageError} if the images are not square, or their side is no multiple
 */
function resized(data: DiffusionData, size: number): DiffusionData {
  const [rows, columns, channels] = data.shape as ImageShape;
  if (rows !== columns || rows % size !== 0) {
    throw new UsageError(
      `--size ${size} needs square images whose side is ${size} times a whole number, not ` +
        `${columns} x ${rows}`,
    );
  }
  const of = <Part extends Rows>(part: Part): Part => ({
    ...part,
    values: averaged(part.values, rows, channels, rows / size),
  });
  return { ...of(data), shape: [size, size, channels], test: data.test && of(data.test) };
}

/** The mean of each square of `factor` x `factor` pixels, by channel. */
function averaged(
  values: Float32Array,
  side: number,
  channels: number,
  factor: number,
): Float32Array {
  const small = side / factor, area = factor * factor;
  const means = new Float32Array(values.length / area);
  for (let from = 0; from < values.length; from++) {
    const place = Math.floor(from / channels), line = Math.floor(place / side);
    const image = Math.floor(line / side), row = Math.floor(line % side / factor);
    const column = Math.floor(place % side / factor);
    const to = ((image * small + row) * small + column) * channels + from % channels;
    means[to] = means[to]! + values[from]! / area;
  }
  return means;
}

/** Sixteen hexadecimal digits that tell these data from any others. */
export function fingerprintOf({ shape, classes, values, labels }: DiffusionData): string {
  const hash = createHash("sha256").update(JSON.stringify([shape, classes]));
  for (const { buffer, byteOffset, byteLength } of [values, labels]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex").slice(0, 16);
}
