import { ENGINE_CHOICES, type EngineChoice } from "../engines/choose.ts";
import { flag, nonNegative, oneOf, type OptionTable, positive } from "./options.ts";

/** Options that every optimizer has. */
export interface CommonOptions {
  /** Step size, a finite number > 0. Its default is the optimizer's own. */
  learningRate?: number;
  /**
   * Weight decay, a finite number >= 0; 0 is none.
   * @default 0, and 0.004 for AdamW
   */
  weightDecay?: number;
  /**
   * Whether the decay shrinks the parameter by `1 - learningRate * weightDecay` (true, as AdamW
   * does) or adds `weightDecay * parameter` to the gradient (false, L2).
   * @default false, and true for AdamW
   */
  decoupledWeightDecay?: boolean;
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
    learningRate: positive(defaults.learningRate),
    weightDecay: nonNegative(defaults.weightDecay ?? 0),
    decoupledWeightDecay: flag(defaults.decoupledWeightDecay ?? false),
    onNonFinite: oneOf("propagate", "error", "skip"),
    engine: oneOf(...ENGINE_CHOICES),
  };
}
