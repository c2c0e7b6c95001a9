import { createHash } from "node:crypto";
import type { LabelledImages } from "../../cli/data/mnist.ts";

/** Images for a diffusion model. */
export interface Digits {
  /** Number of images. */
  readonly count: number;
  /** Rows and columns of an image. */
  readonly size: number;
  /** Brightness from -1, black, to 1, white; image after image, row-major. */
  readonly values: Float32Array;
  /** Class of each image. */
  readonly labels: Uint8Array;
}

/**
 * Images brought to `size` x `size` pixels, each the mean of those that it covers, in [-1, 1].
 *
 * @throws {Error} if the images are not square, or their size is no multiple
 */
export function toDigits(images: LabelledImages, size: number): Digits {
  const { count, size: [rows, columns], pixels, labels } = images;
  if (rows !== columns || rows % size !== 0) {
    throw new Error(
      `Cannot make images of ${size} x ${size} pixels: they must be square and ${size} times a ` +
        `whole number wide, got ${rows} x ${columns}`,
    );
  }
  const factor = rows / size, values = new Float32Array(count * size * size);
  const unit = 2 / (255 * factor * factor);
  for (let from = 0, image = 0; image < count; image++) {
    const to = image * size * size;
    for (let row = 0; row < rows; row++) {
      const line = to + Math.floor(row / factor) * size;
      for (let column = 0; column < columns; column++) {
        const at = line + Math.floor(column / factor);
        values[at] = values[at]! + unit * pixels[from++]!;
      }
    }
  }
  return { count, size, values: values.map((value) => value - 1), labels };
}

/** The images at some places. */
export function pick({ size, values, labels }: Digits, indices: ArrayLike<number>): Digits {
  const count = indices.length, length = size * size;
  const picked = new Float32Array(count * length);
  for (let i = 0; i < count; i++) {
    picked.set(values.subarray(indices[i]! * length, (indices[i]! + 1) * length), i * length);
  }
  return { count, size, values: picked, labels: Uint8Array.from(indices, (i) => labels[i]!) };
}

/** For each label asked for the first image of its class that has not been taken yet. */
export function firstOf(digits: Digits, labels: ArrayLike<number>): Digits {
  const next = new Map<number, number>();
  const indices = Array.from(labels, (label) => {
    const index = digits.labels.indexOf(label, next.get(label) ?? 0);
    next.set(label, index + 1);
    return index;
  });
  return pick(digits, indices.filter((index) => index >= 0));
}

/** A few words that tell images apart from others. */
export function fingerprintOf({ count, size, pixels }: LabelledImages): string {
  const hash = createHash("sha256").update(pixels).digest("hex").slice(0, 12);
  return `${count} of ${size.join(" x ")} pixels with a SHA-256 of ${hash}...`;
}
