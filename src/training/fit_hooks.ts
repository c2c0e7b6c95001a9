import type * as tfl from "@tensorflow/tfjs-layers";
import { partsOf } from "./model_parts.ts";

/** What is called at a moment of a fit. */
export interface FitHooks {
  onBatchEnd(): Promise<void>;
  onEpochEnd(epoch: number, logs: Record<string, unknown>): Promise<void>;
  onTrainEnd(): Promise<void>;
}

/**
 * Calls hooks after those of all callbacks, wherever in their list the caller stands: the history comes
 * last in every fit, and each fit has one of its own.
 *
 * @param history that of the fit that is beginning, `model.history`
 */
export function runLast(history: tfl.History, hooks: FitHooks): void {
  const { onBatchEnd, onEpochEnd, onTrainEnd } = history;
  history.onBatchEnd = async (batch, logs) => {
    await onBatchEnd.call(history, batch, logs);
    await hooks.onBatchEnd();
  };
  history.onEpochEnd = async (epoch, logs) => {
    await onEpochEnd.call(history, epoch, logs);
    await hooks.onEpochEnd(epoch, (logs ?? {}) as Record<string, unknown>);
  };
  history.onTrainEnd = async (logs) => {
    await onTrainEnd.call(history, logs);
    await hooks.onTrainEnd();
  };
}

const actions = new WeakMap<tfl.LayersModel, Set<() => void>>();

/**
 * Runs an action once, when the fit that is under way is over, also by an exception, of which callbacks
 * are told nothing: `fit` sets a field of the model on its way out.
 *
 * @param model the model that is trained, not a Sequential around it
 * @param action must not throw
 */
export function whenFitEnds(model: tfl.LayersModel, action: () => void): void {
  const waiting = actions.get(model);
  if (waiting !== undefined) return void waiting.add(action);
  const own = new Set([action]);
  actions.set(model, own);
  const parts = partsOf(model);
  const plain = { writable: true, configurable: true, enumerable: true };
  let isTraining = parts.isTraining;
  Object.defineProperty(parts, "isTraining", {
    configurable: true,
    enumerable: true,
    get: () => isTraining,
    set(value: boolean) {
      isTraining = value;
      if (value) return;
      Object.defineProperty(parts, "isTraining", { ...plain, value });
      actions.delete(model);
      for (const action of own) action();
    },
  });
}
