import type { ERDMode } from "./erd_options.ts";

/** What is known of one noise level; NaN where nothing is. */
export interface ERDBin {
  /** Middle of the bin. */
  readonly t: number;
  /** Training samples so far. */
  readonly count: number;
  /** Running mean of the raw loss. */
  readonly loss: number;
  /** Running mean of the target's variance, the loss of a network that ignores its input. */
  readonly variance: number;
  /** Part of the target that the denoiser recovers from its input, `1 - loss / variance` in [0, 1]. */
  readonly recoverability: number;
  /** Mean weight of the loss that is in force. */
  readonly weight: number;
}

/** What `ERD.report` gives. */
export interface ERDReport {
  readonly mode: ERDMode;
  /** Training batches so far. */
  readonly step: number;
  readonly bins: readonly ERDBin[];
}
