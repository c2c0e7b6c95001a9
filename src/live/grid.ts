import * as tf from "@tensorflow/tfjs-core";

/** The most bytes of a grid; of larger ones the first pictures are shown. */
const MOST_BYTES = 2 ** 18;

/** Pictures as the page takes them. */
export interface Pictures {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** A byte a channel, in base64. */
  readonly pixels: string;
}

/**
 * Reads pictures from the device.
 *
 * @param pictures [n, h, w, c] with c of 1 or 3; not disposed
 * @param range the values that are shown as black and white, or null for the least and the greatest
 * @throws {Error} if the shape is another one, or a single picture is too large
 */
export async function readPictures(
  pictures: tf.Tensor,
  range: readonly [number, number] | null,
): Promise<Pictures> {
  const [total = 0, height = 0, width = 0, channels = 0] = pictures.shape;
  const size = height * width * channels;
  if (pictures.rank !== 4 || size === 0 || ![1, 3].includes(channels)) {
    refuse("must give a tensor [n, h, w, 1] or [n, h, w, 3]", `shape [${pictures.shape}]`);
  }
  const count = Math.min(total, Math.floor(MOST_BYTES / size));
  if (count === 0) refuse(`must give pictures of at most ${MOST_BYTES} values`, String(size));
  const first = tf.tidy(() => tf.slice(pictures, 0, count));
  const values = await first.data();
  first.dispose();
  const [low, high] = range ?? extent(values);
  const scale = high > low ? 255 / (high - low) : 0;
  // A Uint8ClampedArray rounds, and makes 0 of NaN.
  const bytes = Uint8ClampedArray.from(values, (value) => (value - low) * scale);
  return { count, height, width, channels, pixels: base64(bytes) };
}

function refuse(rule: string, got: string): never {
  throw new Error(`Cannot show pictures: images.sample ${rule}, got ${got}`);
}

function extent(values: ArrayLike<number>): [number, number] {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function base64(bytes: Uint8ClampedArray): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 8192) {
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return btoa(text);
}
