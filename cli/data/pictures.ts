import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { decode as decodePng } from "fast-png";
// @ts-types="./jpeg_js.d.ts"
import { decode as decodeJpeg } from "jpeg-js";
import { failure, Refusal } from "@signalfit/tfjs/parts";

/** Rows, columns and channels, 1 or 3, of an image. */
export type ImageShape = readonly [rows: number, columns: number, channels: number];

/** Images of one size. */
export interface Pictures {
  readonly shape: ImageShape;
  readonly count: number;
  /** Brightness from 0 to 1, image after image. */
  readonly values: Float32Array;
  /** Class of each, counted from 0; all 0 where there are none. */
  readonly labels: Uint16Array;
  /** Names of the classes; "all" alone where there are none. */
  readonly classes: readonly string[];
}

/** An image as numbers. */
interface Picture {
  readonly shape: ImageShape;
  /** Brightness from 0 to 1. */
  readonly values: Float32Array;
}

interface PictureFile {
  readonly path: string;
  readonly group: string;
}

/** What decodes a file, by the end of its name. */
const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => Picture>> = {
  ".png": png,
  ".jpg": jpeg,
  ".jpeg": jpeg,
};

/** Whether a file's name is that of a PNG or JPEG. */
export function isPicture(name: string): boolean {
  return Object.hasOwn(DECODERS, extname(name).toLowerCase());
}

/**
 * Reads a directory of PNG and JPEG files of one size, gray or in colors. Those in a directory below it
 * are of a class by that directory's name.
 *
 * @param like images that these are to go with: their size and classes
 * @throws {Error} naming the file that cannot be used, and what was expected
 */
export async function readPictures(directory: string, like?: Pictures): Promise<Pictures> {
  const files = await filesOf(directory);
  if (files.length === 0) {
    throw new Error(`Cannot use ${directory}: expected IDX, PNG or JPEG files in it, got none`);
  }
  const classes = like?.classes ?? [...new Set(files.map(({ group }) => group))];
  const first = await readPicture(files[0]!.path);
  const shape = like?.shape ?? first.shape;
  const size = shape.reduce((product, length) => product * length, 1);
  const values = new Float32Array(files.length * size);
  for (const [index, { path, group }] of files.entries()) {
    const picture = index === 0 ? first : await readPicture(path);
    if (picture.shape.join() !== shape.join()) {
      const others = like === undefined ? `as ${files[0]!.path} has` : "as the others have";
      throw new Error(
        `Cannot use ${path}: expected ${words(shape)}, ${others}, got ${words(picture.shape)}`,
      );
    }
    if (!classes.includes(group)) {
      throw new Error(`Cannot use ${path}: expected one of the classes ${classes.join(", ")}`);
    }
    values.set(picture.values, index * size);
  }
  const labels = Uint16Array.from(files, ({ group }) => classes.indexOf(group));
  return { shape, count: files.length, values, labels, classes };
}

/** All images, by name; those in directories below with the directory's name. */
async function filesOf(directory: string): Promise<PictureFile[]> {
  try {
    const entries = (await readdir(directory, { withFileTypes: true }))
      .toSorted((a, b) => a.name < b.name ? -1 : 1);
    const own = entries.filter((entry) => entry.isFile() && isPicture(entry.name));
    if (own.length > 0) {
      return own.map(({ name }) => ({ path: join(directory, name), group: "all" }));
    }
    const groups = await Promise.all(
      entries.filter((entry) => entry.isDirectory()).map(async ({ name: group }) =>
        (await readdir(join(directory, group))).filter(isPicture).toSorted()
          .map((name) => ({ path: join(directory, group, name), group }))
      ),
    );
    return groups.flat();
  } catch (error) {
    throw failure("Cannot read", directory, error);
  }
}

async function readPicture(path: string): Promise<Picture> {
  try {
    return DECODERS[extname(path).toLowerCase()]!(await readFile(path));
  } catch (error) {
    throw failure("Cannot read", path, error);
  }
}

/** Calls a decoder, whose errors name neither the file nor what was expected. */
function decoded<Image>(kind: string, decode: () => Image): Image {
  try {
    return decode();
  } catch (cause) {
    throw new Refusal(
      `expected a ${kind} file, got another or a damaged one (${(cause as Error).message})`,
      { cause },
    );
  }
}

/** Transparent pixels count with the colors that they have. */
function png(bytes: Uint8Array): Picture {
  const { width, height, channels, depth, data, palette } = decoded("PNG", () => decodePng(bytes));
  if (depth !== 8 && depth !== 16) {
    throw new Refusal(`expected 8 or 16 bits a channel, got ${depth}`);
  }
  const kept = palette !== undefined || channels >= 3 ? 3 : 1;
  const values = new Float32Array(width * height * kept), most = 2 ** depth - 1;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const color = palette?.[data[pixel]!];
    if (palette !== undefined && color === undefined) {
      throw new Refusal(
        `expected colors of its palette of ${palette.length}, got number ${data[pixel]} at ` +
          `row ${Math.floor(pixel / width)}, column ${pixel % width}`,
      );
    }
    for (let channel = 0; channel < kept; channel++) {
      values[pixel * kept + channel] = color === undefined
        ? data[pixel * channels + channel]! / most
        : color[channel]! / 255;
    }
  }
  return { shape: [height, width, kept], values };
}

function jpeg(bytes: Uint8Array): Picture {
  const { width, height, data } = decoded(
    "JPEG",
    () => decodeJpeg(bytes, { useTArray: true, formatAsRGBA: false }),
  );
  const kept = componentsOf(bytes) === 1 ? 1 : 3;
  const values = new Float32Array(width * height * kept);
  for (let i = 0; i < values.length; i++) values[i] = data[kept === 3 ? i : 3 * i]! / 255;
  return { shape: [height, width, kept], values };
}

/** Colors that a JPEG file has, from the header of its frame: 1 in gray. */
function componentsOf(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 < bytes.length; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1]!;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return bytes[at + 9];
  }
  return undefined;
}

function words([rows, columns, channels]: ImageShape): string {
  return `${columns} x ${rows} pixels ${channels === 1 ? "in gray" : "in colors"}`;
}
