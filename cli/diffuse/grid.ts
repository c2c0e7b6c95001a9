import { encode } from "fast-png";
import type { ImageShape } from "./data.ts";

/** Brightness of the lines between the images, 0 to 255. */
const LINE = 96;

/**
 * A PNG of images in rows of `columns`, a line of one pixel between them.
 *
 * @param values brightness from -1 to 1, image after image
 */
export function gridPng(
  values: Float32Array,
  [high, wide, channels]: ImageShape,
  columns: number,
): Uint8Array {
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
  return encode({ width, height, data, channels: channels as 1 | 3, depth: 8 });
}

function byte(value: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, (value + 1) / 2)));
}
