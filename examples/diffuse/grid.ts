import { encode } from "fast-png";
import type { Digits } from "./digits.ts";

/** A picture of images side by side. */
export interface Grid {
  /** The picture, a PNG as a data URL. */
  readonly url: string;
  /** Its size in pixels, each of an image or of the lines between them. */
  readonly width: number;
  readonly height: number;
}

/** Brightness of the lines between the images, 0 to 255. */
const LINE = 96;

/** Images in rows of `columns`, a line of one pixel between them. */
export function drawGrid({ count, size, values }: Digits, columns: number): Grid {
  const cell = size + 1, rows = Math.ceil(count / columns);
  const width = columns * cell - 1, height = rows * cell - 1;
  const data = new Uint8Array(width * height).fill(LINE);
  for (let image = 0; image < count; image++) {
    const top = cell * Math.floor(image / columns), left = cell * (image % columns);
    for (let pixel = 0; pixel < size * size; pixel++) {
      const at = (top + Math.floor(pixel / size)) * width + left + pixel % size;
      const value = values[image * size * size + pixel]!;
      data[at] = Math.round(255 * Math.min(1, Math.max(0, (value + 1) / 2)));
    }
  }
  const png = encode({ width, height, data, channels: 1, depth: 8 });
  return { url: `data:image/png;base64,${base64(png)}`, width, height };
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
