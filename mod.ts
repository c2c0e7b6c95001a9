/**
 * Signalfit: training add-ons for TensorFlow.js. Optimizers that denoise the gradient by an optimal
 * linear filter (SGDF, AdamF), with state that survives saving and resuming bit for bit.
 *
 * @module
 */
export { EmaWeights, type EmaWeightsOptions } from "./callbacks/ema_weights.ts";
export { ERD, type LossFunction } from "./callbacks/erd.ts";
export type { ERDMode, ERDOptions } from "./callbacks/erd_options.ts";
export type { ERDBin, ERDReport } from "./callbacks/erd_report.ts";
export type { ERDState } from "./callbacks/erd_state.ts";
export {
  type BackendName,
  type BackendReport,
  initBackend,
  type InitBackendOptions,
} from "./src/backends/init_backend.ts";
export type { NoiseLevel } from "./src/diffusion/level.ts";
export {
  meanWeight,
  type NormalizedWeightOptions,
  normalizeWeights,
  type PathWeight,
  pathWeight,
  scheduleWeights,
} from "./src/diffusion/normalize.ts";
export {
  NOISE_PATHS,
  type NoisePath,
  noisePath,
  type NoisePathKind,
  type NoisePathOptions,
  type OwnPath,
  type PathPoint,
} from "./src/diffusion/path.ts";
export type { PathOption } from "./src/diffusion/process.ts";
export {
  type Recoverability,
  recoverability,
  recoverabilityFromMmse,
} from "./src/diffusion/recoverability.ts";
export {
  type Denoiser,
  sample,
  type SampleOptions,
  type SampleProgress,
  SAMPLING_METHODS,
  type SamplingMethod,
  type WeightSwap,
} from "./src/diffusion/sampler.ts";
export {
  type SamplingDisagreement,
  samplingDisagreement,
  type SamplingDisagreementOptions,
} from "./src/diffusion/sampling_disagreement.ts";
export {
  DDPM_SCHEDULES,
  type DdpmSchedule,
  ddpmSchedule,
  type DdpmScheduleKind,
  type DdpmScheduleOptions,
} from "./src/diffusion/schedule.ts";
export {
  addNoise,
  type Conversion,
  convert,
  convertPrediction,
  type Target,
  type TargetCoefficients,
  targetCoefficients,
  TARGETS,
  targetValue,
} from "./src/diffusion/target.ts";
export type { LogitNormal, TimeDistribution } from "./src/diffusion/time_distribution.ts";
export {
  lossWeight,
  type LossWeightOptions,
  type MinSnrWeighting,
  type P2Weighting,
  type Weighting,
  weightSource,
} from "./src/diffusion/weighting.ts";
export type { EngineChoice } from "./src/engines/choose.ts";
export type { EngineName } from "./src/engines/engine.ts";
export { fileSystem } from "./src/io/file_system.ts";
export { AdamF, adamf, type AdamFOptions } from "./src/optimizers/adamf.ts";
export { AdamW, adamw, type AdamWOptions } from "./src/optimizers/adamw.ts";
export type { Description, EngineSpeed, VariableDescription } from "./src/optimizers/describe.ts";
export { FilterOptimizer, type FilterOptions } from "./src/optimizers/filter_options.ts";
export type { NamedGradients } from "./src/optimizers/gradients.ts";
export { Momentum, momentum, type MomentumOptions } from "./src/optimizers/momentum.ts";
export type { BoundRule } from "./src/optimizers/bound_rule.ts";
export type { CommonOptions } from "./src/optimizers/common_options.ts";
export { RuleOptimizer } from "./src/optimizers/rule_optimizer.ts";
export type { NamedTensor } from "./src/optimizers/saved_weights.ts";
export { SGDF, sgdf, type SGDFOptions } from "./src/optimizers/sgdf.ts";
