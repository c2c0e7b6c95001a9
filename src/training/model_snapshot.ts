import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { allLayers, partsOf } from "./model_parts.ts";

/** Recurrent layers that carry their state from batch to batch. */
interface StatefulLayer {
  states_: tf.Tensor[] | null;
  keptStates: tf.Tensor[][];
}

/** What training changes in a model, kept to be put back. */
export interface ModelSnapshot {
  /** Puts everything back and frees what was kept. */
  restore(): void;
}

/**
 * Keeps a model's weights, the states of its recurrent layers, its optimizer and whether it is to stop
 * training. Weights are kept as they lie on the device, without a copy.
 *
 * @param model the model that is trained, not a Sequential around it
 */
export function snapshotModel(model: tfl.LayersModel): ModelSnapshot {
  const parts = partsOf(model);
  const { optimizer_, isOptimizerOwned, stopTraining_ } = parts;
  const weights = model.weights.map((weight) => {
    const variable = weight.read() as tf.Variable;
    return { variable, value: tf.keep(tf.clone(variable)) };
  });
  const states = [...allLayers(model as unknown as tfl.layers.Layer)]
    .map((layer) => layer as unknown as StatefulLayer)
    .filter(({ states_, keptStates }) => Array.isArray(states_) && Array.isArray(keptStates))
    .map((layer) => ({ layer, states: [...layer.states_!], kept: layer.keptStates.length }));
  return {
    restore() {
      for (const { variable, value } of weights) {
        variable.assign(value);
        value.dispose();
      }
      for (const { layer, states: before, kept } of states) {
        const since = [...layer.keptStates.splice(kept), layer.states_!].flat();
        tf.dispose(since.filter((state) => !before.includes(state)));
        layer.states_ = before;
      }
      Object.assign(parts, { optimizer_, isOptimizerOwned, stopTraining_ });
    },
  };
}
