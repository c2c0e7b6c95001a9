import type * as tfl from "@tensorflow/tfjs-layers";
import { buildMixer } from "../../src/cli/diffuse/mixer.ts";
import { buildUnet } from "../../src/cli/diffuse/unet.ts";

/** What a denoiser is built for. */
export interface DenoiserOptions {
  /** Rows and columns of an image. */
  readonly size: number;
  /** Number of classes. */
  readonly classes: number;
  /** Width of the layers. */
  readonly width: number;
  /** Seed of the initial weights. */
  readonly seed: number;
}

/** A network that can be trained as a denoiser. */
export interface DenoiserEntry {
  /** What it is, in a few words. */
  readonly title: string;
  /** Kernels without which a backend cannot train it. */
  readonly kernels: readonly string[];
  /** Width of its layers, steps of training, images in a batch, unless others are asked for. */
  readonly width: number;
  readonly steps: number;
  readonly batchSize: number;
  /** Inputs [x_t, t, one-hot class], output like x_t. The same seed gives the same weights. */
  build(options: DenoiserOptions): tfl.LayersModel;
}

/** The denoisers by name. */
export const DENOISERS = {
  mixer: {
    title: "patch mixer",
    kernels: ["_FusedMatMul"],
    width: 32,
    steps: 2400,
    batchSize: 32,
    build: ({ size, ...rest }) => buildMixer({ shape: [size, size, 1], ...rest }),
  },
  unet: {
    title: "U-Net",
    kernels: ["Conv2D", "Conv2DBackpropFilter", "Conv2DBackpropInput"],
    width: 32,
    steps: 1000,
    batchSize: 32,
    build: ({ size, ...rest }) => buildUnet({ shape: [size, size, 1], ...rest }),
  },
} as const satisfies Record<string, DenoiserEntry>;

/** Name of a denoiser. */
export type DenoiserName = keyof typeof DENOISERS;

/** The names. */
export const DENOISER_NAMES = Object.keys(DENOISERS) as DenoiserName[];
