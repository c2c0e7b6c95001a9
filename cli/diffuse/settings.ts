import type { ERDMode } from "@signalfit/tfjs/diffusion";
import type { NoisePathKind } from "@signalfit/tfjs/diffusion";
import type { Target } from "@signalfit/tfjs/diffusion";
import type { GivenOptions, OptimizerName } from "../train/optimizers.ts";

/** Weightings of the loss by the names of the command line. */
export const WEIGHTINGS = ["erd", "online", "uniform", "debias", "min-snr", "p2"] as const;

/** A weighting by name. */
export type WeightingName = typeof WEIGHTINGS[number];

/** The library's name of a weighting. */
export function modeOf(weighting: WeightingName): ERDMode {
  return weighting === "erd" ? "closed" : weighting;
}

/** Everything that decides what is learned, beside the data. */
export interface Settings {
  /** Network. */
  readonly model: string;
  /** Width of its layers. */
  readonly width: number;
  /** Steps of training. */
  readonly steps: number;
  /** Rows in a batch. */
  readonly batchSize: number;
  readonly weighting: WeightingName;
  /** What the denoiser predicts. */
  readonly target: Target;
  /** How noise grows with t. */
  readonly path: NoisePathKind;
  readonly optimizer: OptimizerName;
  /** All its options, the highest learning rate among them. */
  readonly optimizerOptions: GivenOptions;
  /** How much of the averaged weights each step keeps. */
  readonly emaDecay: number;
  /** Seed of weights, order of the data, noise and samples. */
  readonly seed: number;
}
