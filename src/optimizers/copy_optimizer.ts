import * as tf from "@tensorflow/tfjs-core";
import { Filtered } from "./filtered.ts";
import { RuleOptimizer } from "./rule_optimizer.ts";

/** An optimizer that goes its own way from the state of another. */
export interface OptimizerCopy {
  readonly optimizer: tf.Optimizer;
  /** Frees the copy and its state. */
  dispose(): void;
}

/**
 * tfjs's own optimizers. Adamax can neither give nor take its state, and Adam's powers of beta come back
 * rounded differently; but all of them are plain fields.
 */
const OF_TFJS: readonly unknown[] = [
  tf.SGDOptimizer,
  tf.MomentumOptimizer,
  tf.RMSPropOptimizer,
  tf.AdagradOptimizer,
  tf.AdadeltaOptimizer,
  tf.AdamOptimizer,
  tf.AdamaxOptimizer,
];

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
  if (OF_TFJS.includes(original.constructor)) return copyFields(original);
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

/** Copies the filter by its saved state, and what is behind it as any optimizer. */
async function copyFiltered(original: Filtered, learningRate: number): Promise<OptimizerCopy> {
  const { inner: _, ...options } = original.getConfig();
  const nobody = new Nobody(), optimizer = new Filtered(nobody, options);
  const innerIs = (inner: tf.Optimizer) => Object.assign(optimizer, { inner });
  const inner = await copyOptimizer(original.inner, learningRate);
  const dispose = (): void => {
    innerIs(nobody).dispose();
    inner.dispose();
  };
  try {
    const weights = await original.getWeights();
    await optimizer.setWeights(weights);
    // tfjs's optimizers give their own variables, and one tensor made for the occasion.
    const made = weights.filter(({ name }) =>
      original.inner instanceof RuleOptimizer || /^(iter$|filtered\/)/.test(name)
    );
    tf.dispose(made.map(({ tensor }) => tensor));
    innerIs(inner.optimizer);
  } catch (error) {
    dispose();
    throw error;
  }
  return { optimizer, dispose };
}

/** Stands behind a filter whose state is set without its optimizer's. */
class Nobody extends tf.Optimizer {
  static get className(): string {
    return "Nobody";
  }
  override applyGradients(): void {}
  override setWeights(): Promise<void> {
    return Promise.resolve();
  }
  override getConfig(): tf.serialization.ConfigDict {
    return {};
  }
}

function copyFields(original: tf.Optimizer): OptimizerCopy {
  const optimizer = Object.create(Object.getPrototypeOf(original)) as tf.Optimizer;
  Object.assign(optimizer, copied({ ...original }));
  // tfjs's own `dispose` forgets some.
  return { optimizer, dispose: () => tf.dispose(tensorsIn({ ...optimizer })) };
}

/** A copy of a value with all tensors in it; tensors share their numbers, which nobody overwrites. */
function copied(value: unknown): unknown {
  if (value instanceof tf.Variable) return tf.variable(value, value.trainable);
  if (value instanceof tf.Tensor) return tf.keep(tf.clone(value));
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, copied(field)]));
}

function tensorsIn(value: unknown): tf.Tensor[] {
  if (value instanceof tf.Tensor) return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(tensorsIn);
}
