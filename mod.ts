/**
 * Signalfit: training add-ons for TensorFlow.js. Optimizers that denoise the gradient by an optimal
 * linear filter (SGDF, AdamF), with state that survives saving and resuming bit for bit.
 *
 * @module
 */
export {
  type BackendName,
  type BackendReport,
  initBackend,
  type InitBackendOptions,
} from "./src/backends/init_backend.ts";
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
