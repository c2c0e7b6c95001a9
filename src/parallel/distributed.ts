import * as tf from "@tensorflow/tfjs-core";
import type { NamedGradients } from "../optimizers/gradients.ts";
import type { NamedTensor } from "../optimizers/saved_weights.ts";
import { RuleOptimizer } from "../optimizers/rule_optimizer.ts";
import { GradientSum } from "./gradient_sum.ts";
import type { Team } from "./team.ts";

const teams = new WeakMap<tf.Optimizer, Team>();

/** The team that an optimizer sums its gradients over, if any. */
export function teamOfOptimizer(optimizer: tf.Optimizer): Team | undefined {
  return teams.get(optimizer);
}

/**
 * Lets an optimizer sum its gradients over a team: each step is then the same on all ranks, as if one of
 * them had gone through the rows of all. The gradients are summed once a step, in one buffer, before they
 * are looked at for NaN, limited and filtered; with `gradientAccumulationSteps` once a step as well.
 *
 * The rows of a rank count by their number, if the data come from `trainingBatches` with the team, or the
 * fit has a `TeamCallback`; else all ranks count alike. The loss that `minimize` returns is that of the
 * whole batch.
 *
 * Not on WebGPU, which gives no numbers without waiting: see {@linkcode ParameterAveraging}.
 *
 * @example
 * ```ts
 * import "@tensorflow/tfjs-backend-cpu";
 * import { adamf } from "@signalfit/tfjs";
 * import { distributed, joinMpi } from "@signalfit/tfjs/mpi";
 *
 * const team = await joinMpi();
 * const optimizer = distributed(adamf({ learningRate: 1e-3 }), team);
 * console.assert(optimizer.getClassName() === "AdamF");
 * ```
 *
 * @param optimizer any optimizer, of this library, of tfjs or one's own
 * @param team from `joinMpi`
 * @returns the optimizer itself
 * @throws {TypeError} if it is no optimizer, or sums over a team already
 */
export function distributed<Optimizer extends tf.Optimizer>(
  optimizer: Optimizer,
  team: Team,
): Optimizer {
  const isTaken = teams.has(optimizer);
  if (!(optimizer instanceof tf.Optimizer) || isTaken) {
    throw new TypeError(
      `Cannot distribute an optimizer: it must be one that is not distributed yet, got ` +
        (isTaken ? `${optimizer.getClassName()} of a team` : String(optimizer)),
    );
  }
  checkTeam("distribute an optimizer", team);
  teams.set(optimizer, team);
  if (team.size === 1) return optimizer;
  const sum = new GradientSum(team);
  shareLoss(optimizer, sum);
  if (optimizer instanceof RuleOptimizer) optimizer.sumGradients(sum);
  else sumBefore(optimizer, sum);
  return optimizer;
}

/** Refuses what is no team. */
export function checkTeam(doing: string, team: unknown): asserts team is Team {
  const { rank, size, allReduce } = (team ?? {}) as Partial<Team>;
  const isTeam = Number.isInteger(rank) && Number.isInteger(size) && rank! >= 0 && rank! < size! &&
    typeof allReduce === "function";
  if (!isTeam) throw new TypeError(`Cannot ${doing}: team must be that of joinMpi(), got ${team}`);
}

/** Replaces a method of one instance; copies of its fields, such as findLearningRate makes, lack it. */
function replace<Name extends "minimize" | "computeGradients" | "applyGradients">(
  optimizer: tf.Optimizer,
  name: Name,
  method: tf.Optimizer[Name],
): void {
  Object.defineProperty(optimizer, name, { value: method, configurable: true, writable: true });
}

/** Lets `minimize` return the loss of the whole team. */
function shareLoss(optimizer: tf.Optimizer, sum: GradientSum): void {
  const compute = optimizer.computeGradients.bind(optimizer);
  replace(optimizer, "computeGradients", (f, varList) => {
    const result = compute(f, varList);
    try {
      sum.noteLoss(result.value);
    } catch (error) {
      tf.dispose([result.value, result.grads]);
      throw error;
    }
    return result;
  });
  const minimize = optimizer.minimize.bind(optimizer);
  replace(optimizer, "minimize", (f, returnCost = false, varList) => {
    const own = minimize(f, returnCost, varList);
    own?.dispose();
    return own === null ? null : tf.scalar(sum.loss);
  });
}

/** Sums gradients before an optimizer gets them. Missing ones are handed on: tfjs goes by position. */
function sumBefore(optimizer: tf.Optimizer, sum: GradientSum): void {
  const apply = optimizer.applyGradients.bind(optimizer);
  replace(optimizer, "applyGradients", (given) => {
    const list = Array.isArray(given)
      ? given as NamedTensor[]
      : Object.entries(given as NamedGradients as Record<string, tf.Tensor>)
        .map(([name, tensor]) => ({ name, tensor }));
    const own = list.map(({ tensor }) => tensor).filter((tensor) => tensor != null);
    sum.meet(own, false);
    const summed = sum.sum(own);
    try {
      let next = 0;
      apply(list.map(({ name, tensor }) => ({
        name,
        tensor: tensor == null ? tensor : summed[next++]!,
      })));
    } finally {
      tf.dispose(summed);
    }
  });
}
