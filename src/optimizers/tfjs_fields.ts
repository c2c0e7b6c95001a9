import * as tf from "@tensorflow/tfjs-core";

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
 * Whether an optimizer is one of tfjs's own. Adamax can neither give nor take its state, and Adam's powers
 * of beta come back rounded differently; but all that they keep are plain fields.
 */
export function isTfjsOptimizer(optimizer: tf.Optimizer): boolean {
  return OF_TFJS.includes(optimizer.constructor);
}

/** A copy of a value with all tensors in it; tensors share their numbers, which nobody overwrites. */
export function copied(value: unknown): unknown {
  if (value instanceof tf.Variable) return tf.variable(value, value.trainable);
  if (value instanceof tf.Tensor) return tf.keep(tf.clone(value));
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, copied(field)]));
}

/** All tensors in a value and its fields. */
export function tensorsIn(value: unknown): tf.Tensor[] {
  if (value instanceof tf.Tensor) return value.isDisposed ? [] : [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(tensorsIn);
}

/** Numbers that tfjs's Adam computes anew when it is loaded, which rounds them differently. */
const POWERS = ["accBeta1", "accBeta2"] as const;
type WithPowers = Partial<Record<typeof POWERS[number], unknown>>;

/** The powers of beta that tfjs's Adam keeps, by field; none for others. */
export async function readPowers(optimizer: tf.Optimizer): Promise<Record<string, number>> {
  const powers: Record<string, number> = {};
  for (const name of POWERS) {
    const power = (optimizer as WithPowers)[name];
    if (power instanceof tf.Tensor) powers[name] = (await power.data())[0]!;
  }
  return powers;
}

/** Gives tfjs's Adam its powers of beta; those that it does not have are left out. */
export function writePowers(
  optimizer: tf.Optimizer,
  powers: Readonly<Record<string, number>>,
): void {
  for (const name of POWERS) {
    const [power, value] = [(optimizer as WithPowers)[name], powers[name]];
    if (!(power instanceof tf.Variable) || value === undefined) continue;
    tf.tidy(() => power.assign(tf.scalar(value)));
  }
}
