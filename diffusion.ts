/**
 * Diffusion training by `model.fit`: the ERD callback, noise paths, loss weights, samplers, averaged
 * weights and diagnostics.
 *
 * @module
 */
export type {
  DiagnosticsBin,
  DiagnosticsRecord,
  DiagnosticsState,
} from "./callbacks/diagnostics_record.ts";
export {
  DiffusionDiagnostics,
  type DiffusionDiagnosticsOptions,
} from "./callbacks/diffusion_diagnostics.ts";
export {
  EmaWeights,
  type EmaWeightsOptions,
  type EmaWeightsState,
} from "./callbacks/ema_weights.ts";
export { ERD, type LossFunction } from "./callbacks/erd.ts";
export type { ERDMode, ERDOptions } from "./callbacks/erd.ts";
export type { ERDBin, ERDReport } from "./callbacks/erd.ts";
export type { ERDState } from "./callbacks/erd.ts";
export {
  type ChartRecord,
  diagnosticsChart,
  type DiagnosticsChartOptions,
} from "./src/charts/diagnostics_chart.ts";
export {
  diffusionReport,
  type NoiseLevelReport,
  type NTKReport,
} from "./src/diffusion/diagnostics/diffusion_report.ts";
export type { DiffusionReportOptions } from "./src/diffusion/diagnostics/diffusion_report_options.ts";
export { effectiveRank } from "./src/diffusion/diagnostics/effective_rank.ts";
export type { NoiseLevel } from "./src/diffusion/noise/level.ts";
export type { LogSnrRange } from "./src/diffusion/noise/logsnr.ts";
export {
  meanWeight,
  type NormalizedWeightOptions,
  normalizeWeights,
  type PathWeight,
  pathWeight,
  scheduleWeights,
} from "./src/diffusion/weights/mean_weight.ts";
export {
  type NTKOptions,
  type NTKOutput,
  type NTKSpectrum,
  ntkSpectrum,
} from "./src/diffusion/diagnostics/ntk.ts";
export {
  NOISE_PATHS,
  type NoisePath,
  noisePath,
  type NoisePathKind,
  type NoisePathOptions,
  type OwnPath,
  type PathPoint,
} from "./src/diffusion/noise/path.ts";
export type { PathOption } from "./src/diffusion/noise/process.ts";
export {
  type Recoverability,
  recoverability,
  recoverabilityFromMmse,
} from "./src/diffusion/weights/recoverability.ts";
export {
  type Denoiser,
  drawSamples,
  type DrawSamplesOptions,
  type DrawSamplesProgress,
  SAMPLING_METHODS,
  type SamplingMethod,
  type WeightSwap,
} from "./src/diffusion/sampling/sampler.ts";
export {
  type SamplingDisagreement,
  samplingDisagreement,
  type SamplingDisagreementOptions,
} from "./src/diffusion/times/sampling_disagreement.ts";
export {
  DDPM_SCHEDULES,
  type DdpmSchedule,
  ddpmSchedule,
  type DdpmScheduleKind,
  type DdpmScheduleOptions,
} from "./src/diffusion/noise/schedule.ts";
export {
  addNoise,
  type ConversionCoefficients,
  conversionCoefficients,
  convertPrediction,
  type Target,
  type TargetCoefficients,
  targetCoefficients,
  TARGETS,
  targetValue,
} from "./src/diffusion/noise/target.ts";
export type {
  MeasurementsState,
  MeasuringOptions,
  WaitingRows,
} from "./src/diffusion/training/measurements.ts";
export type { BinSums } from "./src/diffusion/weights/bin_statistics.ts";
export { ERD_MODES } from "./src/diffusion/weights/modes.ts";
export type { LogitNormal, TimeDistribution } from "./src/diffusion/times/time_distribution.ts";
export {
  lossWeight,
  type LossWeightOptions,
  type P2Weighting,
  PLAIN_WEIGHTINGS,
  type SnrWeighting,
  type Weighting,
  weightSource,
} from "./src/diffusion/weights/loss_weight.ts";
export type { OwnCallback } from "./src/training/own_callback.ts";
