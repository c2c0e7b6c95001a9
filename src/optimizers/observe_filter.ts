import * as tf from "@tensorflow/tfjs-core";
import type { Engine, Work } from "../engines/engine.ts";
import { derivedRules } from "../rules/derived.ts";
import { hasFilter, observation, observationScalars, type Observed } from "../rules/observation.ts";
import { scratchVariables } from "./scratch.ts";

/** What the filter makes of one variable's gradient; the tensors are the observer's only for the call. */
export interface ObservedVariable {
  readonly variable: string;
  readonly gain: tf.Tensor;
  readonly signalToNoise: tf.Tensor;
}

/**
 * Sees a step's work before it is done, and the number of each variable's step, from 1.
 *
 * @internal
 */
export type StepObserver = (
  engine: Engine,
  work: readonly Work[],
  steps: readonly number[],
) => void;

/** An optimizer that lets its next step be observed. */
export interface Observable {
  observeNextStep(observer: StepObserver): void;
}

/**
 * Calls an observer at the next step of an optimizer, with what its filter makes of the gradients:
 * as they came in, before limits and sums.
 *
 * @throws {TypeError} if the optimizer cannot be observed
 */
export function observeFilter(
  optimizer: tf.Optimizer,
  observer: (observed: readonly ObservedVariable[]) => void,
): void {
  const refuse = () =>
    new TypeError(
      `Cannot observe the filter of ${optimizer.getClassName()}: it must have one, as sgdf() and adamf() ` +
        `do, nadam(), radam(), adabelief() and lion() with filter: true, or any behind filtered()`,
    );
  const isFiltering = !("isFiltering" in optimizer) || optimizer.isFiltering === true;
  if (!isFiltering || !("observeNextStep" in optimizer)) throw refuse();
  (optimizer as unknown as Observable).observeNextStep((engine, work, steps) => {
    const filtering = work.map((item, index) => ({ item, step: steps[index]! }))
      .filter(({ item: { rule, variable } }) => hasFilter(rule) && variable.size > 0);
    const gradients = filtering.map(({ item }) => item.gradient);
    const gains = scratchVariables(gradients), ratios = scratchVariables(gradients);
    try {
      run("gain", engine, filtering, gains);
      run("signalToNoise", engine, filtering, ratios);
      observer(filtering.map(({ item }, index) => ({
        variable: item.variable.name,
        gain: gains[index]!,
        signalToNoise: ratios[index]!,
      })));
    } finally {
      tf.dispose([gains, ratios]);
    }
  });
}

interface Filtering {
  readonly item: Work;
  readonly step: number;
}

const observationOf = /* @__PURE__ */ derivedRules(observation);

function run(
  what: Observed,
  engine: Engine,
  filtering: readonly Filtering[],
  results: readonly tf.Variable[],
): void {
  engine.step(filtering.map(({ item, step }, index) => ({
    ...item,
    rule: observationOf(item.rule, what),
    scalars: observationScalars(item.scalars, step),
    variable: results[index]!,
  })));
}
