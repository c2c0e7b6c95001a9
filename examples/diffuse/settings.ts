import type { Target } from "@signalfit/tfjs/diffusion";
import type { DenoiserName } from "../../cli/diffuse/denoiser_names.ts";
import { DENOISERS } from "./denoisers.ts";
import { type OptimizerName, OPTIMIZERS } from "./optimizers.ts";

/** Weightings of the loss that can be trained, by the names of the command line. */
export const WEIGHTINGS = ["erd", "online", "uniform", "min-snr", "p2"] as const;
/** Noise paths by name. */
export const PATHS = ["linear", "cosine", "linear-logsnr"] as const;
/** Sizes of the images, in pixels. */
export const SIZES = [14, 28] as const;

/** A weighting by name. */
export type WeightingName = typeof WEIGHTINGS[number];

/** Everything that decides what comes out, plain data for JSON; the images are not part of it. */
export interface Settings {
  /** Network. */
  readonly model: DenoiserName;
  /** Width of its layers. */
  readonly width: number;
  /** Steps of training with each weighting. */
  readonly steps: number;
  /** Images in a batch. */
  readonly batchSize: number;
  /** Weighting that is trained against the uniform one. */
  readonly weighting: WeightingName;
  /** What the denoiser predicts. */
  readonly target: Target;
  /** How noise grows with t. */
  readonly path: typeof PATHS[number];
  /** Optimizer. */
  readonly optimizer: OptimizerName;
  /** Learning rate at its highest. */
  readonly lr: number;
  /** Rows and columns of an image. */
  readonly size: typeof SIZES[number];
  /** Seed of weights, order of the images, noise and samples. */
  readonly seed: number;
  /** Samples in a grid. */
  readonly samples: number;
  /** Steps of the sampler, "heun", which calls the denoiser twice a step. */
  readonly samplerSteps: number;
}

/** Settings without those that depend on others. */
export const DEFAULTS = {
  model: "mixer",
  weighting: "erd",
  target: "x0",
  path: "cosine",
  optimizer: "adamf",
  size: 14,
  seed: 1,
  samples: 40,
  samplerSteps: 25,
} as const satisfies Partial<Settings>;

/** What of the settings is given; the rest is undefined. */
export type GivenSettings = { readonly [Name in keyof Settings]?: Settings[Name] | undefined };

/** Fills in what is not given. */
export function completeSettings(given: GivenSettings): Settings {
  const { model = DEFAULTS.model, optimizer = DEFAULTS.optimizer } = given;
  return {
    model,
    width: given.width ?? DENOISERS[model].width,
    steps: given.steps ?? DENOISERS[model].steps,
    batchSize: given.batchSize ?? DENOISERS[model].batchSize,
    weighting: given.weighting ?? DEFAULTS.weighting,
    target: given.target ?? DEFAULTS.target,
    path: given.path ?? DEFAULTS.path,
    optimizer,
    lr: given.lr ?? OPTIMIZERS[optimizer].learningRate,
    size: given.size ?? DEFAULTS.size,
    seed: given.seed ?? DEFAULTS.seed,
    samples: given.samples ?? DEFAULTS.samples,
    samplerSteps: given.samplerSteps ?? DEFAULTS.samplerSteps,
  };
}

/** The weightings that are trained: uniform, and another one beside it. */
export function weightingsOf({ weighting }: Settings): WeightingName[] {
  return weighting === "uniform" ? ["uniform"] : ["uniform", weighting];
}
