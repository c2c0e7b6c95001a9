import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { failure } from "../../src/io/failure.ts";
import { nearest } from "../../src/options/nearest.ts";
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

/** What a diffusion model is to learn. */
export interface DiffusionData {
  /** What it is called, such as "MNIST" or the name of a directory. */
  readonly name: string;
  readonly shape: Shape;
  readonly count: number;
  /** Image after image, brightness from -1 to 1; or point after point, each column of mean 0 and deviation 1. */
  readonly values: Float32Array;
  /** Class of each, counted from 0; all 0 where there are none. */
  readonly labels: Uint16Array;
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
}

/**
 * Loads what is to be learned.
 *
 * @throws {UsageError} if there are no such data, or an option does not go with them
 * @throws {Error} if a file cannot be used, naming it, the place and what was expected
 */
export async function loadData({ data, columns, limit }: DataChoice): Promise<DiffusionData> {
  const kind = await kindOf(data);
  if (columns !== undefined && kind !== "csv") {
    throw new UsageError("--columns is for points of a CSV file, not for images");
  }
  const loaded = kind === "csv"
    ? await readPoints(data, columns)
    : kind === "png"
    ? ofPictures(data, await readPictures(data))
    : ofImages(
      kind === "mnist" ? "MNIST" : basename(data),
      await loadImageData(kind === "mnist" ? {} : { directory: data }),
    );
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
  return { ...pictures, name: basename(directory), values, columns: [] };
}

function ofImages(
  name: string,
  { train, classes }: { readonly train: LabelledImages; readonly classes: number },
): DiffusionData {
  const { count, size, pixels, labels } = train;
  return {
    name,
    shape: [...size, 1],
    count,
    values: Float32Array.from(pixels, (pixel) => pixel / 127.5 - 1),
    labels: Uint16Array.from(labels),
    classes: Array.from({ length: classes }, (_, i) => String(i)),
    columns: [],
  };
}

function first(data: DiffusionData, limit: number): DiffusionData {
  const count = Math.min(limit, data.count), each = data.values.length / data.count;
  return {
    ...data,
    count,
    values: data.values.subarray(0, count * each),
    labels: data.labels.subarray(0, count),
  };
}

/** Sixteen hexadecimal digits that tell these data from any others. */
export function fingerprintOf({ shape, classes, values, labels }: DiffusionData): string {
  const hash = createHash("sha256").update(JSON.stringify([shape, classes]));
  for (const { buffer, byteOffset, byteLength } of [values, labels]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex").slice(0, 16);
}
