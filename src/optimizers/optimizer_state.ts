import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { Refusal } from "../io/failure.ts";
import { Filtered } from "./filtered.ts";
import { learningRateOf, setLearningRate } from "./learning_rate.ts";
import { RuleOptimizer } from "./rule_optimizer.ts";
import { readPowers, writePowers } from "./tfjs_fields.ts";
import type { NamedTensor } from "./saved_weights.ts";

/** What is saved of an optimizer beside its tensors. */
export interface OptimizerState {
  readonly className: string;
  /** The learning rate, where it is a plain number: it may have been changed while training. */
  readonly learningRate: number | null;
  /** The weights it trains, in order: tfjs's own optimizers keep their state by position. */
  readonly trainable: readonly string[];
  /** Numbers that tfjs's Adam computes anew when it is loaded, which rounds them differently. */
  readonly powers: Readonly<Record<string, number>>;
}

/** An optimizer's state with its tensors. */
export interface OptimizerSnapshot {
  readonly state: OptimizerState;
  readonly tensors: NamedTensor[];
  /** Frees what was made for the snapshot alone. */
  dispose(): void;
}

/** The optimizer that makes the steps, behind a filter or not. */
function innermost(optimizer: tf.Optimizer): tf.Optimizer {
  return optimizer instanceof Filtered ? optimizer.inner : optimizer;
}

/** The class of an optimizer, and of the one behind a filter. */
function classOf(optimizer: tf.Optimizer): string {
  const name = optimizer.getClassName();
  return optimizer instanceof Filtered ? `${name}(${optimizer.inner.getClassName()})` : name;
}

/**
 * Reads the whole state of a model's optimizer.
 *
 * @throws {Error} if there is no optimizer, or it cannot give its state, as tfjs's Adamax
 */
export async function readOptimizer(model: tfl.LayersModel): Promise<OptimizerSnapshot> {
  const optimizer = optimizerOf(model);
  const tensors: NamedTensor[] = await optimizer.getWeights();
  const powers = await readPowers(innermost(optimizer));
  return {
    state: {
      className: classOf(optimizer),
      learningRate: learningRateOf(optimizer) ?? null, // a schedule goes by the step count
      trainable: model.trainableWeights.map(({ name }) => name),
      powers,
    },
    tensors,
    // A variable is the state itself.
    dispose: () =>
      tf.dispose(
        tensors.map(({ tensor }) => tensor).filter((each) => !(each instanceof tf.Variable)),
      ),
  };
}

/**
 * Refuses the state of another optimizer, before anything is changed.
 *
 * @param rename gives the present name of a saved variable
 */
export function checkOptimizer(
  model: tfl.LayersModel,
  { className, trainable }: OptimizerState,
  rename: (name: string) => string,
): void {
  const optimizer = optimizerOf(model);
  if (classOf(optimizer) !== className) {
    throw new Refusal(
      `it was trained with ${className}, the model is compiled with ${classOf(optimizer)}`,
    );
  }
  // These keep state by name.
  if (optimizer instanceof RuleOptimizer || optimizer instanceof Filtered) return;
  const [saved, present] = [trainable.map(rename), model.trainableWeights.map(({ name }) => name)];
  const index = Math.max(saved.length, present.length) === 0
    ? -1
    : [...saved, ...present].findIndex((_, i) => saved[i] !== present[i]);
  if (index < 0) return;
  throw new Refusal(
    `tfjs's ${className} keeps its state by position, and weight ${index} that it trained is ` +
      `${saved[index] ?? "none"}, now ${present[index] ?? "none"}`,
  );
}

/**
 * Gives a model's optimizer a saved state.
 *
 * @param tensors not disposed
 * @param who opens the message about a learning rate that is taken up
 */
export async function writeOptimizer(
  model: tfl.LayersModel,
  { learningRate, powers }: OptimizerState,
  tensors: readonly NamedTensor[],
  who?: string,
): Promise<void> {
  const optimizer = optimizerOf(model);
  const former = optimizer instanceof RuleOptimizer ? undefined : await optimizer.getWeights();
  await optimizer.setWeights([...tensors]);
  tf.dispose(former?.map(({ tensor }) => tensor)); // tfjs forgets them
  writePowers(innermost(optimizer), powers);
  const rate = learningRateOf(optimizer);
  if (learningRate === null || rate === undefined || rate === learningRate) return;
  if (who !== undefined) {
    console.warn(
      `${who}: the learning rate is ${learningRate} again, as it was when the checkpoint was saved, ` +
        `not ${rate}; set optimizer.learningRate after this to change it`,
    );
  }
  setLearningRate(optimizer, learningRate);
}

function optimizerOf(model: tfl.LayersModel): tf.Optimizer {
  const { optimizer } = model;
  if (optimizer === undefined || optimizer === null) {
    throw new Refusal("the model has no optimizer: compile it first");
  }
  return optimizer;
}
