import * as tfl from "@tensorflow/tfjs-layers";
import type { ImageShape } from "./data.ts";
import type { DenoiserOptions } from "./denoisers.ts";
import {
  apply,
  Neighbours,
  Parts,
  permute,
  product,
  reshape,
  RmsNorm,
  sum,
  type Symbolic,
} from "./layers.ts";

/** Most patches that an image is cut in. */
const MOST_PATCHES = 64;
/** Numbers that the mixing of patches goes through. */
const HIDDEN_PATCHES = 64;
const BLOCKS = 3;

/**
 * A denoiser of dense layers alone, so that every backend trains it. It cuts an image in square patches
 * and mixes in turn across the patches and within each, as MLP-Mixer does (arXiv 2105.01601).
 */
export function buildMixer(
  { shape, classes, width, seed }: DenoiserOptions<ImageShape>,
): tfl.LayersModel {
  const [height, breadth, channels] = shape, pixels = height * breadth * channels;
  const [x, t] = [tfl.input({ shape: [...shape] }), tfl.input({ shape: [1] })];
  const labels = classes > 1 ? [tfl.input({ shape: [classes] })] : [];
  const parts = new Parts(seed), context = parts.context(t, ...labels);
  const side = patchSide(height, breadth), line = side * channels;
  const rows = height / side, columns = breadth / side, patches = rows * columns;
  const normed = (input: Symbolic): Symbolic => apply(new RmsNorm(), input);

  const cut = permute(reshape(x, rows, side, columns, line), 1, 3, 2, 4);
  const around = apply(new Neighbours(), reshape(cut, rows, columns, side * line));
  // What each place is told, by one vector of all.
  const told = reshape(
    parts.dense("told", patches * width, context, "zeros"),
    rows,
    columns,
    width,
  );
  let hidden = reshape(sum(parts.dense("in", width, around), told), patches, width);
  for (let block = 0; block < BLOCKS; block++) {
    const across = permute(normed(hidden), 2, 1);
    const mixed = parts.mix(`block${block}_patches`, HIDDEN_PATCHES, across);
    hidden = sum(hidden, permute(mixed, 2, 1));
    hidden = sum(hidden, parts.mix(`block${block}_channels`, 2 * width, normed(hidden)));
  }
  const found = parts.dense("out", side * line, normed(hidden), "zeros");
  const joined = permute(reshape(found, rows, columns, side, line), 1, 3, 2, 4);
  // Beside what the blocks find, each pixel of x_t times a factor of its own.
  const gate = reshape(parts.dense("gate", pixels, context, "zeros"), ...shape);
  const outputs = sum(reshape(joined, ...shape), product(x, gate));
  return tfl.model({ inputs: [x, t, ...labels], outputs });
}

/** The side of the smallest patches that an image can be cut in without there being too many. */
export function patchSide(height: number, breadth: number): number {
  for (let side = 1; side < Math.min(height, breadth); side++) {
    const fits = height % side === 0 && breadth % side === 0;
    if (fits && (height / side) * (breadth / side) <= MOST_PATCHES) return side;
  }
  return commonDivisor(height, breadth);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
