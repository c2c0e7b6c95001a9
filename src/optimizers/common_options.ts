import { ENGINE_CHOICES, type EngineChoice } from "../engines/choose.ts";
import { type LearningRate, learningRateOption } from "./learning_rate.ts";
import { type Matcher, matcherOption } from "./matcher.ts";
import {
  decayRate,
  flag,
  nonNegative,
  oneOf,
  type OptionTable,
  orNull,
  positive,
  whole,
} from "../options/options.ts";
import { type Override, overridesOption } from "./overrides.ts";

/** Options that every optimizer has. */
export interface CommonOptions {
  /**
   * Step size, a finite number > 0, or a schedule: a function from the number of steps made so far
   * (0 at the first) to a finite number >= 0. Its default is the optimizer's own.
   */
  learningRate?: LearningRate;
  /**
   * Weight decay, a finite number >= 0; 0 is none.
   * @default 0, and 0.004 for AdamW
   */
  weightDecay?: number;
  /**
   * Whether the decay shrinks the parameter by `1 - learningRate * weightDecay` (true, as AdamW
   * does) or adds `weightDecay * parameter` to the gradient (false, L2).
   * @default false, and true for AdamW, AdaBelief and Lion
   */
  decoupledWeightDecay?: boolean;
  /**
   * Variables without weight decay: names, regular expressions or predicates, see {@link Matcher};
   * "bias-and-norm" stands for biases and the weights of normalization layers.
   * @default none
   */
  exclude?: Matcher | null;
  /**
   * Groups of variables with options of their own: each variable takes those of the first group
   * that matches it. A group that matches no variable is an error at the first step.
   * @default none
   */
  overrides?: readonly Override[] | null;
  /**
   * Limits each element of the gradient to [-clipValue, clipValue]; > 0. At most one of `clipValue`,
   * `clipNorm` and `globalClipNorm` may be given.
   * @default none
   */
  clipValue?: number | null;
  /**
   * Limits the Euclidean norm of each variable's gradient, by a factor; > 0.
   * @default none
   */
  clipNorm?: number | null;
  /**
   * Limits the Euclidean norm of all gradients together, by one factor; > 0.
   * @default none
   */
  globalClipNorm?: number | null;
  /**
   * Gradients that a step is the mean of: parameters, state and counts move at every so many
   * calls, a whole number >= 1. Limits apply to the mean. A group that is not full when training
   * ends is kept, and saved with the state.
   * @default 1
   */
  gradientAccumulationSteps?: number;
  /**
   * Whether an exponential moving average of the parameters is kept, one number a parameter more;
   * see `swapIn`.
   * @default false
   */
  useEma?: boolean;
  /**
   * Share of the average that a step keeps, in [0, 1). The first average is the parameter itself.
   * @default 0.99
   */
  emaMomentum?: number;
  /**
   * What to do when a gradient holds a NaN or an infinity. "propagate" applies it like any other
   * and costs nothing. "error" throws, "skip" leaves out the step and counts it in `skippedSteps`;
   * both look at every gradient first, one more pass over them. On a device that gives its numbers
   * only to those who wait (webgpu in Deno) they are refused at the first step.
   * @default "propagate"
   */
  onNonFinite?: "propagate" | "error" | "skip";
  /**
   * How the rule runs: "webgpu" is one dispatch of printed WGSL for all small variables, "simd" a
   * WebAssembly module of vector instructions for the cpu and wasm backends, "loop" one compiled
   * JavaScript loop for the same, "portable" a chain of tfjs operations on any backend, "auto" the
   * fastest that the current backend allows.
   * @default "auto"
   */
  engine?: EngineChoice;
}

/** The table entries of {@link CommonOptions}. */
export function commonOptions(
  defaults: { learningRate: number; weightDecay?: number; decoupledWeightDecay?: boolean },
): OptionTable<Required<CommonOptions>> {
  return {
    learningRate: learningRateOption(defaults.learningRate),
    weightDecay: nonNegative(defaults.weightDecay ?? 0),
    decoupledWeightDecay: flag(defaults.decoupledWeightDecay ?? false),
    exclude: matcherOption,
    overrides: overridesOption,
    clipValue: orNull(positive(1)),
    clipNorm: orNull(positive(1)),
    globalClipNorm: orNull(positive(1)),
    gradientAccumulationSteps: whole(1),
    useEma: flag(false),
    emaMomentum: decayRate(0.99),
    onNonFinite: oneOf("propagate", "error", "skip"),
    engine: oneOf(...ENGINE_CHOICES),
  };
}
