import type { Optimizer } from "@tensorflow/tfjs-core";
import type { OptionSpec, OptionTable } from "../options/options.ts";
import { pure } from "../pure.ts";
import { AdaBelief, adabelief, OPTIONS as ADABELIEF } from "./adabelief.ts";
import { AdamF, adamf, OPTIONS as ADAMF } from "./adamf.ts";
import { AdamW, adamw, OPTIONS as ADAMW } from "./adamw.ts";
import { Lion, lion, OPTIONS as LION } from "./lion.ts";
import { Momentum, momentum, OPTIONS as MOMENTUM } from "./momentum.ts";
import { NAdam, nadam, OPTIONS as NADAM } from "./nadam.ts";
import { OPTIONS as RADAM, RAdam, radam } from "./radam.ts";
import { OPTIONS as RMSPROP, RMSprop, rmsprop } from "./rmsprop.ts";
import type { RuleOptimizer } from "./rule_optimizer.ts";
import { OPTIONS as SGDF_OPTIONS, SGDF, sgdf } from "./sgdf.ts";

/** One of the library's optimizers, as programs that offer a choice of them need it. */
export interface OptimizerEntry {
  /** The class; its `className` is the name in saved models. */
  readonly type: new (options?: never) => RuleOptimizer & Optimizer;
  /** What each option may be, and what it is where it is not given. */
  readonly options: Readonly<Record<string, OptionSpec<unknown>>>;
  /** What it is good for, in a few words. */
  readonly goodFor: string;
  /**
   * Makes one, as its factory does.
   *
   * @param options learning rate, and whatever {@linkcode OptimizerEntry.options} names
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  create(options?: Readonly<Record<string, unknown>>): RuleOptimizer;
}

/** The name of an optimizer of this library: that of its factory. */
export type OptimizerName =
  | "sgdf"
  | "adamf"
  | "adamw"
  | "momentum"
  | "nadam"
  | "radam"
  | "adabelief"
  | "rmsprop"
  | "lion";

const entry = <Options extends object>(
  type: OptimizerEntry["type"],
  create: (options?: Options) => RuleOptimizer,
  options: OptionTable<Required<Options>>,
  goodFor: string,
): OptimizerEntry => ({
  type,
  options: options as OptimizerEntry["options"],
  goodFor,
  create: (given) => create(given as Options | undefined),
});

/**
 * All optimizers of the library by name: the one table that the program, its doctor and the tests go by. A
 * bundle that uses it holds all of them.
 *
 * @example
 * ```ts
 * import { OPTIMIZERS } from "@signalfit/tfjs";
 *
 * const { create, options } = OPTIMIZERS.adamf;
 * console.log(options.learningRate!.fallback, create({ beta1: 0.8 }).learningRate); // 0.001 0.001
 * ```
 */
export const OPTIMIZERS: Readonly<Record<OptimizerName, OptimizerEntry>> = /* @__PURE__ */ pure(
  () => ({
    sgdf: entry(
      SGDF,
      sgdf,
      SGDF_OPTIONS,
      "long trainings with a tuned rate and schedule, in SGD's place",
    ),
    adamf: entry(AdamF, adamf, ADAMF, "most things at the default rate; noisy gradients"),
    adamw: entry(AdamW, adamw, ADAMW, "most things at the default rate; the usual reference"),
    momentum: entry(
      Momentum,
      momentum,
      MOMENTUM,
      "image classifiers with a tuned rate and schedule",
    ),
    nadam: entry(NAdam, nadam, NADAM, "as adamw, looking ahead by a step"),
    radam: entry(RAdam, radam, RADAM, "as adamw, without a warm-up"),
    adabelief: entry(
      AdaBelief,
      adabelief,
      ADABELIEF,
      "as adamw, longer steps where gradients agree",
    ),
    rmsprop: entry(RMSprop, rmsprop, RMSPROP, "recurrent networks, reinforcement learning"),
    lion: entry(
      Lion,
      lion,
      LION,
      "large batches, at a third of adamw's rate or less; half its state",
    ),
  }),
);
