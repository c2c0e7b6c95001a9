/**
 * Signalfit: training add-ons for TensorFlow.js. Optimizers that denoise the gradient by an optimal
 * linear filter (SGDF, AdamF), with state that survives saving and resuming bit for bit.
 *
 * @module
 */
export {
  BestWeights,
  type BestWeightsOptions,
  type BestWeightsState,
} from "./callbacks/best_weights.ts";
export { type BestCheckpoint, Checkpoint, type CheckpointStart } from "./callbacks/checkpoint.ts";
export type { CheckpointOptions } from "./callbacks/checkpoint.ts";
export { CsvLogger, type CsvLoggerOptions } from "./callbacks/csv_logger.ts";
export { findLearningRate, type LearningRateSweep } from "./callbacks/find_learning_rate.ts";
export type { FindLearningRateOptions } from "./callbacks/find_learning_rate.ts";
export type { SweepPoints } from "./src/charts/learning_rate_chart.ts";
export type { Logs } from "./src/logs/resolve_logs.ts";
export {
  JsonlLogger,
  type JsonlLoggerOptions,
  type JsonlNumber,
  type JsonlRecord,
} from "./callbacks/jsonl_logger.ts";
export { LearningRateLogger, type RateChange } from "./callbacks/learning_rate_logger.ts";
export { Progress, type ProgressOptions } from "./callbacks/progress.ts";
export {
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
  type ReduceLROnPlateauState,
} from "./callbacks/reduce_lr_on_plateau.ts";
export {
  type ResumedTraining,
  resumeTraining,
  type ResumeTrainingOptions,
} from "./callbacks/resume_training.ts";
export { TensorBoard } from "./callbacks/tensorboard.ts";
export type {
  TensorBoardImages,
  TensorBoardOptions,
  TensorBoardState,
} from "./callbacks/tensorboard.ts";
export {
  type NonFiniteReport,
  TerminateOnNaN,
  type TerminateOnNaNOptions,
} from "./callbacks/terminate_on_nan.ts";
export {
  type Distribution,
  GainMonitor,
  type GainMonitorOptions,
  type GainRecord,
  type VariableGain,
} from "./callbacks/gain_monitor.ts";
export {
  type BackendName,
  type BackendReport,
  initBackend,
  type InitBackendOptions,
} from "./src/backends/init_backend.ts";
export { installTrainingKernels, type TrainingKernels } from "./src/kernels/install.ts";
export type { EngineChoice } from "./src/engines/choose.ts";
export type { EngineName } from "./src/engines/engine.ts";
export { fileSystem } from "./src/io/file_system.ts";
export { AdaBelief, adabelief, type AdaBeliefOptions } from "./src/optimizers/adabelief.ts";
export type { NonFiniteWeight } from "./src/logs/find_non_finite.ts";
export type { LogState } from "./src/logs/line_log.ts";
export type { MonitorMode } from "./src/logs/monitor.ts";
export type { TextOutput } from "./src/logs/terminal.ts";
export type { ClockState } from "./src/logs/training_clock.ts";
export { AdamF, adamf, type AdamFOptions } from "./src/optimizers/adamf.ts";
export { AdamW, adamw, type AdamWOptions } from "./src/optimizers/adamw.ts";
export type { Description, EngineSpeed, VariableDescription } from "./src/optimizers/describe.ts";
export { Filtered, filtered, type FilteredOptions } from "./src/optimizers/filtered.ts";
export { FilterOptimizer, type FilterOptions } from "./src/optimizers/filter_options.ts";
export type { NamedGradients } from "./src/optimizers/gradients.ts";
export { Lion, lion, type LionOptions } from "./src/optimizers/lion.ts";
export type { MomentOptions } from "./src/optimizers/moment_options.ts";
export { Momentum, momentum, type MomentumOptions } from "./src/optimizers/momentum.ts";
export { NAdam, nadam, type NAdamOptions } from "./src/optimizers/nadam.ts";
export { RAdam, radam, type RAdamOptions } from "./src/optimizers/radam.ts";
export { RMSprop, rmsprop, type RMSpropOptions } from "./src/optimizers/rmsprop.ts";
export type { MatchedVariable, Matcher } from "./src/optimizers/matcher.ts";
export {
  type OptimizerEntry,
  type OptimizerName,
  OPTIMIZERS,
} from "./src/optimizers/optimizers.ts";
export type { OptionSpec } from "./src/options/options.ts";
export type { Override } from "./src/optimizers/overrides.ts";
export type { LearningRate } from "./src/optimizers/learning_rate.ts";
export type { InForce, RuleOf } from "./src/optimizers/rule_of.ts";
export type { CommonOptions } from "./src/optimizers/common_options.ts";
export { RuleOptimizer } from "./src/optimizers/rule_optimizer.ts";
export type { NamedTensor } from "./src/optimizers/saved_weights.ts";
export { SGDF, sgdf, type SGDFOptions } from "./src/optimizers/sgdf.ts";
export { constantRate } from "./src/schedules/constant_rate.ts";
export { cosineDecay, type CosineDecayOptions } from "./src/schedules/cosine_decay.ts";
export { cosineRestarts, type CosineRestartsOptions } from "./src/schedules/cosine_restarts.ts";
export {
  exponentialDecay,
  type ExponentialDecayOptions,
} from "./src/schedules/exponential_decay.ts";
export {
  inverseSquareRoot,
  type InverseSquareRootOptions,
} from "./src/schedules/inverse_square_root.ts";
export { joinSchedules } from "./src/schedules/join_schedules.ts";
export { multiStep, type MultiStepOptions } from "./src/schedules/multi_step.ts";
export { oneCycle, type OneCycleOptions } from "./src/schedules/one_cycle.ts";
export { polynomialDecay, type PolynomialDecayOptions } from "./src/schedules/polynomial_decay.ts";
export type {
  Schedule,
  ScheduleConfig,
  ScheduleKind,
  ScheduleOption,
} from "./src/schedules/schedule.ts";
export { scheduleFrom } from "./src/schedules/schedule_from.ts";
export { stepDecay, type StepDecayOptions } from "./src/schedules/step_decay.ts";
export { cosineWarmup, linearWarmup } from "./src/schedules/warmup.ts";
export type { Tensors, TrainingData } from "./src/training/batches.ts";
export type { StopSignal } from "./src/training/stop_signals.ts";
export {
  type ResumableData,
  type TrainingBatch,
  TrainingBatches,
  trainingBatches,
  type TrainingBatchesOptions,
} from "./src/training/training_batches.ts";
export type { BestEntry, TrainingPosition } from "./src/training/training_state.ts";
export type { EventFilePosition } from "./src/tensorboard/event_file.ts";
export type { PixelRange } from "./src/tensorboard/pixels.ts";
export type { OwnCallback } from "./src/training/own_callback.ts";
