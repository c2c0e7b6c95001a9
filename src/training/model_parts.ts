import type { Optimizer, Tensor } from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";

type Tensors = Tensor | Tensor[] | { [name: string]: Tensor };

/** What `fit` itself uses of a model, and tfjs's types hide. */
export interface ModelParts {
  optimizer_?: Optimizer;
  isOptimizerOwned: boolean;
  isTraining: boolean;
  stopTraining_: boolean;
  readonly inputNames: string[];
  readonly outputNames: string[];
  readonly stateful: boolean;
  /** A function that makes a step on inputs and labels; loss and metrics come back. */
  makeTrainFunction(): (data: Tensor[]) => Tensor[];
  /** Checks data and labels, and gives them the ranks that the model expects. */
  standardizeUserData(
    x: Tensors,
    y: Tensors,
    sampleWeight: null,
    classWeight: null,
    checkBatchAxis: boolean,
    batchSize: number,
  ): Promise<[inputs: Tensor[], labels: Tensor[], sampleWeights: null]>;
}

/** The model that is trained: itself, or the one inside a Sequential. */
export function trainedModel(model: tfl.LayersModel): tfl.LayersModel {
  const { model: inner } = model as unknown as { model?: tfl.LayersModel };
  return inner ?? model;
}

/** A model's hidden parts. */
export function partsOf(model: tfl.LayersModel): ModelParts {
  return model as unknown as ModelParts;
}

/** All layers, those within models and wrappers too, each once. */
export function allLayers(
  layer: tfl.layers.Layer,
  found = new Set<tfl.layers.Layer>(),
): Set<tfl.layers.Layer> {
  if (!layer || found.has(layer)) return found;
  found.add(layer);
  const inner = layer as unknown as Record<string, tfl.layers.Layer | undefined>;
  const list = inner.layers as unknown;
  for (const part of Array.isArray(list) ? list : []) allLayers(part, found);
  for (const name of ["layer", "forwardLayer", "backwardLayer"]) allLayers(inner[name]!, found);
  return found;
}
