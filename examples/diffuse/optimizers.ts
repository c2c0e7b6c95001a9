import { adamf, adamw, momentum, type RuleOptimizer, type Schedule, sgdf } from "@signalfit/tfjs";

/** An optimizer whose state a checkpoint can hold. */
export interface OptimizerEntry {
  /** Highest learning rate, unless another is asked for. */
  readonly learningRate: number;
  /** Makes one, with its own defaults for the rest. */
  create(learningRate: Schedule): RuleOptimizer;
}

/** The optimizers by name. */
export const OPTIMIZERS = {
  adamf: { learningRate: 0.01, create: (learningRate) => adamf({ learningRate }) },
  adamw: { learningRate: 0.01, create: (learningRate) => adamw({ learningRate }) },
  sgdf: { learningRate: 0.5, create: (learningRate) => sgdf({ learningRate }) },
  momentum: { learningRate: 0.1, create: (learningRate) => momentum({ learningRate }) },
} as const satisfies Record<string, OptimizerEntry>;

/** Name of an optimizer. */
export type OptimizerName = keyof typeof OPTIMIZERS;

/** The names. */
export const OPTIMIZER_NAMES = Object.keys(OPTIMIZERS) as OptimizerName[];
