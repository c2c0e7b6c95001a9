import * as tf from "@tensorflow/tfjs-core";
import { adamf, type CommonOptions, cosineDecay, oneCycle, sgdf } from "@signalfit/tfjs";

/** What the optimizers of signalfit can do beside stepping. */
export interface OptimizerExtras {
  readonly schedule: ScheduleName;
  /** Steps of the whole training, for the schedule. */
  readonly steps: number;
  /** Largest norm of all gradients together; no limit if undefined. */
  readonly clip: number | undefined;
}

/** Shapes of the learning rate over the training, from its largest value. */
export const SCHEDULES = {
  constant: (rate: number) => rate,
  cosine: (rate: number, steps: number) => cosineDecay({ initialRate: rate, decaySteps: steps }),
  "one-cycle": (rate: number, steps: number) => oneCycle({ maxRate: rate, totalSteps: steps }),
} as const;

/** Name of a schedule. */
export type ScheduleName = keyof typeof SCHEDULES;

function optionsOf(rate: number, { schedule, steps, clip }: OptimizerExtras): CommonOptions {
  return { learningRate: SCHEDULES[schedule](rate, steps), globalClipNorm: clip ?? null };
}

/** An optimizer that the demo can train with. */
export interface OptimizerEntry {
  /** Whose it is. */
  readonly from: "signalfit" | "tfjs";
  /** Learning rate used unless another is asked for. */
  readonly learningRate: number;
  /** Makes one, with its own defaults for the rest; those of tfjs take no extras. */
  create(learningRate: number, extras: OptimizerExtras): tf.Optimizer;
}

/**
 * The optimizers by name. The learning rates are each one's usual: 0.5 is SGDF's in its papers, 1e-3
 * that of the Adam family, and SGD with momentum is mostly run at 0.1. They were not searched for.
 */
export const OPTIMIZERS = {
  sgdf: {
    from: "signalfit",
    learningRate: 0.5,
    create: (learningRate, extras) => sgdf(optionsOf(learningRate, extras)),
  },
  adamf: {
    from: "signalfit",
    learningRate: 1e-3,
    create: (learningRate, extras) => adamf(optionsOf(learningRate, extras)),
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
