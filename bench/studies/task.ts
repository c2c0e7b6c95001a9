import type { Denoiser } from "./denoiser.ts";
import type { Run } from "./plan.ts";

/** A data set and how samples are compared with it. */
export interface Task {
  /** Numbers in a sample. */
  readonly dimensions: number;
  /** Range that estimates of the data are cut to while sampling. */
  readonly clip: readonly [min: number, max: number];
  /** So many training samples, from the `first`-th on: the same ones for a seed. */
  data(seed: number, first: number, count: number): Float32Array;
  /** So many samples that are in no training batch. */
  fresh(seed: number, count: number): Float32Array;
  /** The distance of samples from the data. */
  distance(samples: Float32Array, seed: number): number;
  /** The mean loss over t beyond the best denoiser's, if that is known. */
  excess(run: Run, denoiser: Denoiser): number | null;
}

/** What tells the random streams of the study apart; the library's own are below 100. */
export const STREAM = { training: 100, fresh: 101, probe: 102, classifier: 103 } as const;
