import type { Tensor } from "@tensorflow/tfjs-core";
import type { Pixels } from "./png.ts";

/** The numbers that are black and white. */
export type PixelRange = readonly [number, number];

/**
 * A picture of a tensor: [height, width], [height, width, channels] with 1 to 4 channels, or
 * [count, height, width, channels], whose pictures stand side by side in a grid that is about square.
 *
 * @param range the numbers that are black and white; [0, 255] for int32, else [0, 1], if left out.
 * Numbers outside are clipped, NaN is black
 * @throws {RangeError} if the shape is another
 */
export async function pixelsOf(tensor: Tensor, range?: PixelRange): Promise<Pixels> {
  const [count, height, width, channels] = sizesOf(tensor.shape);
  const [black, white] = range ?? (tensor.dtype === "int32" ? [0, 255] : [0, 1]);
  if (!(white > black && Number.isFinite(white - black))) {
    throw new RangeError(
      `Cannot write an image: range must be [black, white] with black < white, got [${range}]`,
    );
  }
  const values = await tensor.data(), scale = 255 / (white - black);
  const across = Math.ceil(Math.sqrt(count)), down = Math.ceil(count / across);
  const bytes = new Uint8Array(across * width * down * height * channels);
  const stride = across * width * channels, row = width * channels;
  for (let i = 0; i < count * height; i++) {
    const picture = Math.floor(i / height), y = i % height;
    const column = picture % across, line = Math.floor(picture / across) * height + y;
    const start = line * stride + column * row;
    for (let j = 0; j < row; j++) {
      const value = Math.round((values[i * row + j]! - black) * scale);
      bytes[start + j] = value > 0 ? Math.min(255, value) : 0;
    }
  }
  return { width: across * width, height: down * height, channels, bytes };
}

/** Count, height, width, channels. */
function sizesOf(shape: readonly number[]): [number, number, number, number] {
  const [channels = 1, width = 0, height = 0, count = 1] = shape.length === 2
    ? [1, ...shape.toReversed()]
    : shape.toReversed();
  const isImage = shape.length >= 2 && shape.length <= 4 && channels >= 1 && channels <= 4 &&
    shape.every((size) => size > 0);
  if (isImage) return [count, height, width, channels];
  throw new RangeError(
    "Cannot write an image: the shape must be [height, width], [height, width, channels] or " +
      `[count, height, width, channels] with 1 to 4 channels, got [${shape}]`,
  );
}
