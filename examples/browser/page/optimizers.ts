import { adamf, adamw, lion, type RuleOptimizer, sgdf } from "@signalfit/tfjs";

/** The optimizers to choose from, each with the learning rate that it begins with. */
export const OPTIMIZERS = {
  AdamF: { rate: 2e-3, create: (learningRate: number) => adamf({ learningRate }) },
  SGDF: { rate: 0.2, create: (learningRate: number) => sgdf({ learningRate }) },
  AdamW: { rate: 2e-3, create: (learningRate: number) => adamw({ learningRate }) },
  Lion: { rate: 3e-4, create: (learningRate: number) => lion({ learningRate }) },
} as const satisfies Record<string, OptimizerEntry>;

interface OptimizerEntry {
  readonly rate: number;
  create(learningRate: number): RuleOptimizer;
}

/** Name of an optimizer. */
export type OptimizerName = keyof typeof OPTIMIZERS;

/** All names. */
export const OPTIMIZER_NAMES = Object.keys(OPTIMIZERS) as OptimizerName[];
