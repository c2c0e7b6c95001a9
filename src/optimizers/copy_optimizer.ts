import * as tf from "@tensorflow/tfjs-core";
import { Filtered } from "./filtered.ts";
import { RuleOptimizer } from "./rule_optimizer.ts";
import { copied, isTfjsOptimizer, tensorsIn } from "./tfjs_fields.ts";

/** An optimizer that goes its own way from the state of another. */
export interface OptimizerCopy {
  readonly optimizer: tf.Optimizer;
  /** Frees the copy and its state. */
  dispose(): void;
}

/**
 * A copy of an optimizer with its whole state, bit for bit, that shares nothing with it.
 *
 * @param learningRate the copy's learning rate, whatever that of the original; rates of groups stay
 * @throws {Error} if it is neither tfjs's nor this library's and cannot give its state
 */
export async function copyOptimizer(
  original: tf.Optimizer,
  learningRate: number,
): Promise<OptimizerCopy> {
  if (isTfjsOptimizer(original)) return copyFields(original);
  if (original instanceof Filtered) return await copyFiltered(original, learningRate);
  const optimizer = fromOptions(original, learningRate);
  try {
    const weights = await original.getWeights();
    await optimizer.setWeights(weights);
    if (original instanceof RuleOptimizer) tf.dispose(weights.map(({ tensor }) => tensor));
  } catch (error) {
    optimizer.dispose();
    throw error;
  }
  return { optimizer, dispose: () => optimizer.dispose() };
}

/** A fresh optimizer with the same options, but that rate. */
function fromOptions(original: tf.Optimizer, learningRate: number): tf.Optimizer {
  if (original instanceof RuleOptimizer) {
    // Not from its configuration, which cannot hold functions. A gradient that is not finite will show
    // in the loss.
    const { options } = original as unknown as { options: object };
    const Own = original.constructor as new (options: object) => tf.Optimizer;
    return new Own({ ...options, learningRate, onNonFinite: "propagate" });
  }
  const Class = original.constructor as
    & tf.serialization.SerializableConstructor<tf.Optimizer>
    & typeof tf.serialization.Serializable;
  return Class.fromConfig(Class, { ...original.getConfig(), learningRate });
}

/** Copies the filter, and what is behind it as any optimizer. */
async function copyFiltered(original: Filtered, learningRate: number): Promise<OptimizerCopy> {
  const inner = await copyOptimizer(original.inner, learningRate);
  try {
    const optimizer = await original.copy(inner.optimizer);
    // Disposing of the filter disposes of what is behind it, but tfjs's own `dispose` forgets some.
    return {
      optimizer,
      dispose: () => {
        const fields = tensorsIn({ ...inner.optimizer });
        optimizer.dispose();
        tf.dispose(fields);
      },
    };
  } catch (error) {
    inner.dispose();
    throw error;
  }
}

function copyFields(original: tf.Optimizer): OptimizerCopy {
  const optimizer = Object.create(Object.getPrototypeOf(original)) as tf.Optimizer;
  Object.assign(optimizer, copied({ ...original }));
  // tfjs's own `dispose` forgets some.
  return { optimizer, dispose: () => tf.dispose(tensorsIn({ ...optimizer })) };
}
