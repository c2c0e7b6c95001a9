import { adamf, adamw, momentum, type RuleOptimizer, sgdf } from "@signalfit/tfjs";

/** An optimizer whose state a checkpoint can hold. */
export interface OptimizerEntry {
  /** Learning rate at its highest, unless another is asked for. */
  readonly learningRate: number;
  /** Makes one, with its own defaults for the rest. */
  create(learningRate: number): RuleOptimizer;
}

/** The optimizers by name. */
export const OPTIMIZERS = {
  adamf: { learningRate: 2e-3, create: (learningRate) => adamf({ learningRate }) },
  adamw: { learningRate: 2e-3, create: (learningRate) => adamw({ learningRate }) },
  sgdf: { learningRate: 0.5, create: (learningRate) => sgdf({ learningRate }) },
  momentum: { learningRate: 0.05, create: (learningRate) => momentum({ learningRate }) },
} as const satisfies Record<string, OptimizerEntry>;

/** Name of an optimizer. */
export type OptimizerName = keyof typeof OPTIMIZERS;

/** The names. */
export const OPTIMIZER_NAMES = Object.keys(OPTIMIZERS) as OptimizerName[];
