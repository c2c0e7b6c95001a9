import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { decode } from "fast-png";
import { failure, Refusal } from "../../src/io/failure.ts";
import { type DiffusionData, type ImageShape, isPng } from "./data.ts";

/** A PNG file as numbers. */
interface Picture {
  readonly shape: ImageShape;
  /** Brightness from -1 to 1. */
  readonly values: Float32Array;
}

/**
 * Reads a directory of PNG files of one size, gray or in colors. Those in a directory below it are of a
 * class by that directory's name.
 *
 * @throws {Error} naming the file that cannot be used, and what was expected
 */
export async function readPictures(directory: string): Promise<DiffusionData> {
  const files = await filesOf(directory);
  if (files.length === 0) {
    throw new Error(`Cannot use ${directory}: expected IDX or PNG files in it, got none`);
  }
  const classes = [...new Set(files.map(({ group }) => group))];
  const { shape, values: one } = await readPicture(files[0]!.path);
  const values = new Float32Array(files.length * one.length);
  for (const [index, { path }] of files.entries()) {
    const picture = await readPicture(path);
    if (picture.shape.join() !== shape.join()) {
      throw new Error(
        `Cannot use ${path}: expected ${words(shape)}, as ${files[0]!.path} has, ` +
          `got ${words(picture.shape)}`,
      );
    }
    values.set(picture.values, index * one.length);
  }
  return {
    name: basename(directory),
    shape,
    count: files.length,
    values,
    labels: Uint16Array.from(files, ({ group }) => classes.indexOf(group)),
    classes,
    columns: [],
  };
}

/** All PNG files, by name; those in directories below with the directory's name. */
async function filesOf(directory: string): Promise<{ path: string; group: string }[]> {
  try {
    const entries = (await readdir(directory, { withFileTypes: true }))
      .toSorted((a, b) => a.name < b.name ? -1 : 1);
    const own = entries.filter((entry) => entry.isFile() && isPng(entry.name));
    if (own.length > 0) {
      return own.map(({ name }) => ({ path: join(directory, name), group: "all" }));
    }
    const groups = await Promise.all(
      entries.filter((entry) => entry.isDirectory()).map(async ({ name: group }) =>
        (await readdir(join(directory, group))).filter(isPng).toSorted()
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
    return picture(await readFile(path));
  } catch (error) {
    throw failure("Cannot read", path, error);
  }
}

/** Transparent pixels count with the colors that they have. */
function picture(bytes: Uint8Array): Picture {
  let png: ReturnType<typeof decode>;
  try {
    png = decode(bytes);
  } catch (cause) {
    throw new Refusal(
      `expected a PNG file, got another or a damaged one (${(cause as Error).message})`,
      {
        cause,
      },
    );
  }
  const { width, height, channels, depth, data, palette } = png;
  if (depth !== 8 && depth !== 16) {
    throw new Refusal(`expected 8 or 16 bits a channel, got ${depth}`);
  }
  const kept = palette !== undefined || channels >= 3 ? 3 : 1;
  const values = new Float32Array(width * height * kept), most = 2 ** depth - 1;
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < kept; channel++) {
      const value = palette === undefined
        ? data[pixel * channels + channel]! / most
        : palette[data[pixel]!]![channel]! / 255;
      values[pixel * kept + channel] = 2 * value - 1;
    }
  }
  return { shape: [height, width, kept], values };
}

function words([rows, columns, channels]: ImageShape): string {
  return `${columns} x ${rows} pixels ${channels === 1 ? "in gray" : "in colors"}`;
}
