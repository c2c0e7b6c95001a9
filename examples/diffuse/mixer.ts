import * as tfl from "@tensorflow/tfjs-layers";
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

/** Patches in a row of an image, and in a column. */
const GRID = 7;
const PATCHES = GRID * GRID;
/** Numbers that the mixing of patches goes through. */
const HIDDEN_PATCHES = 64;
const BLOCKS = 3;

/**
 * A denoiser of dense layers alone, so that every backend trains it. It cuts an image in 7 x 7 patches
 * and mixes in turn across the patches and within each, as MLP-Mixer does (arXiv 2105.01601).
 */
export function buildMixer({ size, classes, width, seed }: DenoiserOptions): tfl.LayersModel {
  const [x, t] = [tfl.input({ shape: [size * size] }), tfl.input({ shape: [1] })];
  const label = tfl.input({ shape: [classes] });
  const parts = new Parts(seed), context = parts.context(t, label);
  const side = size / GRID, grid = [GRID, GRID] as const;
  const normed = (input: Symbolic): Symbolic => apply(new RmsNorm(), input);

  const pixels = permute(reshape(x, GRID, side, GRID, side), 1, 3, 2, 4);
  const around = apply(new Neighbours(), reshape(pixels, ...grid, side * side));
  // What each place is told, by one vector of all.
  const told = reshape(
    parts.dense("told", PATCHES * width, context, "zeros"),
    ...grid,
    width,
  );
  let hidden = reshape(sum(parts.dense("in", width, around), told), PATCHES, width);
  for (let block = 0; block < BLOCKS; block++) {
    const across = permute(normed(hidden), 2, 1);
    const mixed = parts.mix(`block${block}_patches`, HIDDEN_PATCHES, across);
    hidden = sum(hidden, permute(mixed, 2, 1));
    hidden = sum(hidden, parts.mix(`block${block}_channels`, 2 * width, normed(hidden)));
  }
  const patches = parts.dense("out", side * side, normed(hidden), "zeros");
  const found = reshape(
    permute(reshape(patches, GRID, GRID, side, side), 1, 3, 2, 4),
    size * size,
  );
  // Beside what the blocks find, each pixel of x_t times a factor of its own.
  const kept = product(x, parts.dense("gate", size * size, context, "zeros"));
  return tfl.model({ inputs: [x, t, label], outputs: sum(found, kept) });
}
