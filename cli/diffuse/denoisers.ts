import type * as tfl from "@tensorflow/tfjs-layers";
import type { Target } from "@signalfit/tfjs/diffusion";
import { UsageError } from "../exit_codes.ts";
import type { DenoiserName } from "./denoiser_names.ts";
import { type ImageShape, isImage, type Shape } from "./data.ts";
import { buildMixer } from "./mixer.ts";
import { buildPointNet } from "./point_net.ts";
import { buildUnet } from "./unet.ts";

/** What a denoiser is built for. */
export interface DenoiserOptions<Of extends Shape = Shape> {
  /** Shape of what is denoised. */
  readonly shape: Of;
  /** Number of classes; below 2 the denoiser is told of none. */
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
  /** What it predicts, unless something else is asked for. */
  readonly target: Target;
  /** The learning rate of Adam's kin, unless another is asked for. */
  readonly learningRate: number;
  /** Width of its layers, steps of training and rows in a batch, unless others are asked for. */
  readonly width: number;
  readonly steps: number;
  readonly batchSize: number;
  /** Inputs [x_t, t] and a one-hot class if there are any, output like x_t. */
  build(options: DenoiserOptions): tfl.LayersModel;
}

/** Networks of images, and that of points. */
export const ENTRIES: Readonly<Record<DenoiserName | "points", DenoiserEntry>> = {
  mixer: {
    title: "patch mixer",
    kernels: ["_FusedMatMul"],
    width: 32,
    target: "x0",
    learningRate: 0.01,
    steps: 1600,
    batchSize: 32,
    build: (options) => buildMixer(options as DenoiserOptions<ImageShape>),
  },
  unet: {
    title: "U-Net",
    kernels: ["Conv2D", "Conv2DBackpropFilter", "Conv2DBackpropInput"],
    width: 16,
    target: "x0",
    learningRate: 0.01,
    steps: 1600,
    batchSize: 32,
    build: (options) => buildUnet(options as DenoiserOptions<ImageShape>),
  },
  points: {
    title: "dense network",
    kernels: ["_FusedMatMul"],
    width: 64,
    target: "v",
    learningRate: 0.003,
    steps: 2000,
    batchSize: 128,
    build: buildPointNet,
  },
};

/**
 * The network for data of a shape.
 *
 * @throws {UsageError} if the one that is asked for cannot be had
 */
export function denoiserFor(
  shape: Shape,
  asked: DenoiserName | undefined,
): DenoiserEntry & { readonly name: string } {
  if (!isImage(shape)) {
    if (asked !== undefined) throw new UsageError(`--model ${asked} is for images, not for points`);
    return { name: "points", ...ENTRIES.points };
  }
  const isEven = shape[0] % 2 === 0 && shape[1] % 2 === 0;
  const name = asked ?? "mixer";
  if (name === "unet" && !isEven) {
    throw new UsageError(
      `--model unet needs images with even sides, which are halved, not ${shape[0]} x ${shape[1]}`,
    );
  }
  return { name, ...ENTRIES[name] };
}
