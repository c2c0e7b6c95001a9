import * as tfl from "@tensorflow/tfjs-layers";
import { nearest } from "../../options/nearest.ts";

/**
 * A model with the same inputs and weights whose outputs are the model's own, and then what one of its
 * layers puts out; the model itself if that is its output. It holds no tensors: forget it, and do not
 * dispose of it, which would take the layers' weights along.
 *
 * @param layer name of a layer of the model itself, not of a model inside it, that is used once
 * @throws {Error} if there is no such layer, naming the nearest one, or no one output of it
 */
export function withFeatures(model: tfl.LayersModel, layer: string): tfl.LayersModel {
  const doing = `Cannot look at the features of layer "${layer}"`;
  const found = model.layers.find(({ name }) => name === layer);
  if (found === undefined) {
    const names = model.layers.map(({ name }) => name), near = nearest(layer, names);
    throw new Error(
      `${doing}: the model has no such layer; ` +
        (near === undefined ? `it has ${names.join(", ")}` : `did you mean "${near}"?`),
    );
  }
  const uses = found.inboundNodes.length;
  if (uses !== 1) throw new Error(`${doing}: it must be used once, got ${uses} times`);
  const { output } = found;
  if (Array.isArray(output)) {
    throw new Error(`${doing}: it must have one output, got ${output.length}`);
  }
  if (output.shape.length < 2) {
    throw new Error(`${doing}: its output must have the shape [n, ...], got [${output.shape}]`);
  }
  if (model.outputs.includes(output)) return model;
  return tfl.model({
    name: `${model.name}_features`,
    inputs: model.inputs,
    outputs: [...model.outputs, output],
  });
}
