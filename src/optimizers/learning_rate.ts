import type { Optimizer } from "@tensorflow/tfjs-core";
import { Filtered } from "./filtered.ts";

/** What the optimizers of tfjs and of this library have in common, as far as they have it. */
interface WithRate {
  /** A number also where it follows a schedule: the one in force. */
  learningRate?: unknown;
  isScheduled?: boolean;
  /** tfjs's SGD and Momentum compute with a tensor that only this renews. */
  setLearningRate?: (rate: number) => void;
}

/** The optimizer whose rate counts: the one behind a filter. */
function behind(optimizer: Optimizer): WithRate {
  return (optimizer instanceof Filtered ? optimizer.inner : optimizer) as unknown as WithRate;
}

/** The learning rate of an optimizer, or undefined if it has none that is a plain number. */
export function learningRateOf(optimizer: Optimizer): number | undefined {
  const { isScheduled, learningRate } = behind(optimizer);
  return isScheduled || typeof learningRate !== "number" ? undefined : learningRate;
}

/** Sets the learning rate of an optimizer, so that its next step goes by it. */
export function setLearningRate(optimizer: Optimizer, rate: number): void {
  const target = behind(optimizer);
  if (typeof target.setLearningRate === "function") target.setLearningRate(rate);
  else target.learningRate = rate;
}
