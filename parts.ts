/**
 * Pieces that the library is made of, for programs built on it: pictures as SVG, errors and files,
 * turns of the event loop, option tables, and what a bench or a test of the engines needs. The program
 * `signalfit` (`@signalfit/cli`) is made of these; a training needs none of them.
 *
 * @module
 */
export { describeAdapter, findAdapter } from "./src/backends/adapter.ts";
export { trainingKernels } from "./src/backends/training_kernels.ts";
export { xAxis, yAxis } from "./src/charts/axes.ts";
export { legend, legendRows, panel, type PanelCurve } from "./src/charts/panel.ts";
export { type Interval, linearScale, logScale, type Scale } from "./src/charts/scale.ts";
export {
  COLORS,
  curve,
  escapeText,
  line,
  pixel,
  type Point,
  type Rectangle,
  svg,
  text,
} from "./src/charts/svg.ts";
export { randomStream } from "./src/diffusion/numeric/random.ts";
export { ENGINES } from "./src/engines/choose.ts";
export type { Work } from "./src/engines/engine.ts";
export { wasmSupport } from "./src/engines/simd/capability.ts";
export {
  bufferOf,
  flush,
  freshTensor,
  type GpuBackend,
  gpuBackend,
} from "./src/engines/webgpu/backend.ts";
export type { Algebra } from "./src/expr/algebra.ts";
export { float64 } from "./src/expr/numbers.ts";
export { AppendFile } from "./src/io/append_file.ts";
export { errorCode, failure, Refusal } from "./src/io/failure.ts";
export { BatchReader, type Row } from "./src/logs/batch_reader.ts";
export { csvRecord } from "./src/logs/csv.ts";
export { clockTime, shortNumber } from "./src/logs/format.ts";
export { learningRateOption } from "./src/optimizers/learning_rate.ts";
export { isMatcher, showMatcher } from "./src/optimizers/matcher.ts";
export { nearest } from "./src/options/nearest.ts";
export {
  decayRate,
  flag,
  nonNegative,
  type OptionSpec,
  type OptionTable,
  resolveOptions,
} from "./src/options/options.ts";
export { writeOnFirstRank } from "./src/parallel/team_fit.ts";
export { type PlainHyper, type PlainRule, plainRules } from "./src/rules/plain.ts";
export type { Rule, Scalars } from "./src/rules/rule.ts";
export { SCHEDULE_KINDS } from "./src/schedules/schedule.ts";
export { Turns } from "./src/training/stop_signals.ts";
export { VERSION } from "./src/version.ts";
