/**
 * The live page: watch a training in a browser while it runs. It is apart from the main module because
 * it serves over HTTP, for which it needs Deno or Node.
 *
 * @module
 */
export type { ERDBin, ERDMode, ERDReport } from "./callbacks/erd.ts";
export { type LiveImages, LivePage, type LivePageOptions } from "./callbacks/live_page.ts";
export type { GainReport, GainSource, LayerGain } from "./src/live/sources.ts";
export type { P2Weighting, SnrWeighting } from "./src/diffusion/weights/loss_weight.ts";
export type {
  Bucket,
  Grid,
  LayerColumn,
  LiveState,
  NoiseColumn,
  Run,
  Series,
  Status,
  Track,
} from "./src/live/data.ts";
export type { OwnCallback } from "./src/training/own_callback.ts";
