import type { HeldOut } from "./held_out.ts";
import type { WeightingName } from "./settings.ts";

/** What is kept of a run after so many steps, plain data for JSON. */
export interface Snapshot {
  /** Steps done. */
  readonly step: number;
  /** The samples. */
  readonly grid: Grid;
  /** The raw loss on images that were not trained on, where there are such. */
  readonly heldOut: HeldOut;
}

/** A picture of images side by side, plain data for JSON. */
export interface Grid {
  /** The picture, a PNG as a data URL. */
  readonly url: string;
  /** Its width in pixels, each of an image or of the lines between them. */
  readonly width: number;
  /** Its height in the same. */
  readonly height: number;
}

/** What came of a weighting so far, plain data for JSON. */
export interface Outcome {
  readonly weighting: WeightingName;
  /** Steps done. */
  readonly step: number;
  /** At equal steps for all weightings. */
  readonly snapshots: readonly Snapshot[];
  /** Weight of the loss in force, by the middle of a noise level's bin. */
  readonly weights: readonly { readonly t: number; readonly weight: number }[];
  /** Seconds spent on training, and on samples and measurements. */
  readonly seconds: { readonly training: number; readonly looking: number };
}
