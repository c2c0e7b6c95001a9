import {
  ERD_MODES,
  type ERDMode,
  type NoisePathKind,
  type Target,
} from "@signalfit/tfjs/diffusion";
import type { GivenOptions, OptimizerName } from "../train/optimizers.ts";

/** A weighting of the loss by the name of the command line. */
export type WeightingName = "erd" | Exclude<typeof ERD_MODES[number], "closed">;

/** All weightings by these names. */
export const WEIGHTINGS: readonly WeightingName[] = ERD_MODES.map((mode) =>
  mode === "closed" ? "erd" : mode
);

/** The library's name of a weighting. */
export function modeOf(weighting: WeightingName): ERDMode {
  return weighting === "erd" ? "closed" : weighting;
}

/** What a weighting is called where there is room. */
export function titleOf(weighting: WeightingName): string {
  const titles: Partial<Record<WeightingName, string>> = {
    uniform: "uniform weights",
    erd: "ERD, closed form",
    online: "ERD, online",
    "min-snr": "Min-SNR",
    p2: "P2",
  };
  return titles[weighting] ?? weighting;
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
