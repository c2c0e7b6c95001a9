import { findLearningRate } from "@signalfit/tfjs";
import { SWEEP_STEPS } from "./options.ts";
import { createOptimizer, type GivenOptions, type OptimizerName } from "./optimizers.ts";
import type { Prepared } from "./prepare.ts";
import { compile } from "./score.ts";
import { disposeParts, toParts } from "./tensors.ts";

/**
 * Looks for a learning rate by a range test on the rows to learn from, with two digits; null if the loss
 * falls at none. The same seed gives the same rate.
 */
export async function findRate(
  { dataset, source, batchSize }: Prepared,
  { optimizer: name, resolved, seed, validationSplit }: {
    readonly optimizer: OptimizerName;
    readonly resolved: GivenOptions;
    readonly seed: number;
    readonly validationSplit: number;
  },
): Promise<number | null> {
  const model = await source.build(seed);
  const optimizer = createOptimizer(name, resolved, resolved.learningRate as number);
  const parts = toParts(dataset, model, validationSplit);
  try {
    compile(model, optimizer, dataset);
    const { train: { x, y } } = parts;
    const steps = SWEEP_STEPS * Number(resolved.gradientAccumulationSteps ?? 1);
    // The steepest descent hangs on single batches where they are small; where the loss is least, less.
    const { minimum } = await findLearningRate(model, [x, y], { batchSize, seed, steps });
    return minimum === null ? null : Number(minimum.toPrecision(2));
  } finally {
    disposeParts(parts);
    model.dispose();
    optimizer.dispose();
  }
}
