import * as tf from "@tensorflow/tfjs-core";
import { adamf, sgdf } from "@signalfit/tfjs";

/** An optimizer that the demo can train with. */
export interface OptimizerEntry {
  /** Whose it is. */
  readonly from: "signalfit" | "tfjs";
  /** Learning rate used unless another is asked for. */
  readonly learningRate: number;
  /** Makes one, with its own defaults for the rest. */
  create(learningRate: number): tf.Optimizer;
}

/**
 * The optimizers by name. The learning rates are each one's usual: 0.5 is SGDF's in its papers, 1e-3
 * that of the Adam family, and SGD with momentum is mostly run at 0.1. They were not searched for.
 */
export const OPTIMIZERS = {
  sgdf: {
    from: "signalfit",
    learningRate: 0.5,
    create: (learningRate) => sgdf({ learningRate }),
  },
  adamf: {
    from: "signalfit",
    learningRate: 1e-3,
    create: (learningRate) => adamf({ learningRate }),
  },
  momentum: {
    from: "tfjs",
    learningRate: 0.1,
    create: (learningRate) => tf.train.momentum(learningRate, 0.9),
  },
  adam: {
    from: "tfjs",
    learningRate: 1e-3,
    create: (learningRate) => tf.train.adam(learningRate),
  },
} as const satisfies Record<string, OptimizerEntry>;

/** Name of an optimizer. */
export type OptimizerName = keyof typeof OPTIMIZERS;

/** The names, in the order in which they run. */
export const OPTIMIZER_NAMES = Object.keys(OPTIMIZERS) as OptimizerName[];
