import { encode } from "fast-png";
import type { ImageShape } from "./data.ts";
import type { Grid } from "./outcome.ts";

/** Brightness of the lines between the images, 0 to 255. */
const LINE = 96;

/** Pixels that the longer side of a magnified image has at least. */
const LEAST = 64;

/** A picture as bytes, 0 to 255, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/**
 * Images in rows of `columns`, a line of one pixel between them.
 *
 * @param values brightness from -1 to 1, image after image
 */
export function gridOf(
  values: Float32Array,
  [high, wide, channels]: ImageShape,
  columns: number,
): Picture {
  const each = high * wide * channels, count = values.length / each;
  const rows = Math.ceil(count / columns);
  const width = columns * (wide + 1) - 1, height = rows * (high + 1) - 1;
  const data = new Uint8Array(width * height * channels).fill(LINE);
  for (let image = 0; image < count; image++) {
    const top = (high + 1) * Math.floor(image / columns), left = (wide + 1) * (image % columns);
    for (let row = 0; row < high; row++) {
      const to = ((top + row) * width + left) * channels,
        from = image * each + row * wide * channels;
      for (let i = 0; i < wide * channels; i++) data[to + i] = byte(values[from + i]!);
    }
  }
  return { width, height, channels, data };
}

/** The whole number of times that small images are magnified, so that they can be seen. */
export function magnification([high, wide]: ImageShape): number {
  return Math.max(1, Math.ceil(LEAST / Math.max(high, wide)));
}

/** A picture with each pixel as a square of `times` x `times`. */
export function magnified({ width, height, channels, data }: Picture, times: number): Picture {
  const wide = width * times, high = height * times;
  const large = new Uint8Array(wide * high * channels);
  for (let to = 0; to < large.length; to++) {
    const place = Math.floor(to / channels), row = Math.floor(Math.floor(place / wide) / times);
    const column = Math.floor(place % wide / times);
    large[to] = data[(row * width + column) * channels + to % channels]!;
  }
  return { width: wide, height: high, channels, data: large };
}

/** A picture as the bytes of a PNG file. */
export function png({ width, height, channels, data }: Picture): Uint8Array {
  return encode({ width, height, data, channels: channels as 1 | 3, depth: 8 });
}

/** A picture as a data URL. */
export function urlOf(picture: Picture): Grid {
  const bytes = Array.from(png(picture), (byte) => String.fromCharCode(byte)).join("");
  const { width, height } = picture;
  return { url: `data:image/png;base64,${btoa(bytes)}`, width, height };
}

function byte(value: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, (value + 1) / 2)));
}
