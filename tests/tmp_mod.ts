export * from "../mod.ts";
export { ERD, type ERDBin, type ERDReport, type LossFunction } from "../callbacks/erd.ts";
export type { ERDMode, ERDOptions } from "../callbacks/erd_options.ts";
export { EmaWeights, type EmaWeightsOptions } from "../callbacks/ema_weights.ts";
export { sample } from "../src/diffusion/sampler.ts";
