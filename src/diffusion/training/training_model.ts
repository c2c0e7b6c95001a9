import * as tfl from "@tensorflow/tfjs-layers";
import { DiffusionLayer, layers, type NoiseSource } from "./training_layers.ts";

/**
 * A training model around a denoiser: data (and conditions) in, for each sample a row of raw loss, t,
 * weight and target variance out. Times and noise are drawn at each call. The model shares the
 * denoiser's weights. A training model that was saved and loaded is bound to the source and returned.
 *
 * @param source draws the times and the noise
 * @param denoiser inputs [x_t, t] or [x_t, t, ...conditions], t of shape [B, 1]; output shaped like x_t
 * @throws {Error} if it is no such model
 */
export function trainingModel(source: NoiseSource, denoiser: tfl.LayersModel): tfl.LayersModel {
  checkModel(DOING, denoiser);
  if (bindAll(denoiser, source)) return denoiser;
  checkDenoiser(DOING, denoiser);
  const bound = (layer: DiffusionLayer): DiffusionLayer => {
    layer.bind(source);
    return layer;
  };
  const [shape, , ...conditionShapes] = denoiser.inputs.map((input) => input.shape);
  const x0 = tfl.input({ batchShape: shape! });
  const conditions = conditionShapes.map((batchShape, i) =>
    tfl.input({ batchShape, dtype: denoiser.inputs[i + 2]!.dtype })
  );
  const levels = symbolic(bound(layers.levels()), [x0]);
  const noise = symbolic(bound(layers.noise()), [x0, levels]);
  const input = symbolic(bound(layers.noisyInput()), [x0, noise, levels]);
  const t = symbolic(bound(layers.times()), [levels]);
  const prediction = symbolic(denoiser, [input, t, ...conditions]);
  const rows = symbolic(bound(layers.lossRows()), [x0, noise, levels, prediction]);
  return tfl.model({ inputs: [x0, ...conditions], outputs: rows });
}

function symbolic(layer: tfl.layers.Layer, inputs: tfl.SymbolicTensor[]): tfl.SymbolicTensor {
  return layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as tfl.SymbolicTensor;
}

/** Binds the layers of a training model to a source; false if it is none. */
function bindAll(model: tfl.LayersModel, source: NoiseSource): boolean {
  const own = model.layers.filter((layer) => layer instanceof DiffusionLayer);
  for (const layer of own) layer.bind(source);
  return own.length > 0;
}

/**
 * Checks that a model is a denoiser.
 *
 * @param doing opens the message, as in "wrap a denoiser"
 * @throws {Error} naming the rule and what was given
 */
export function checkDenoiser(doing: string, model: tfl.LayersModel): void {
  checkModel(doing, model);
  const { inputs, outputs } = model;
  const refuse = (rule: string, value: unknown): never => refuseModel(doing, rule, value);
  if (inputs.length < 2) {
    refuse("it must have the inputs [x_t, t] or [x_t, t, ...conditions]", inputs.length);
  }
  if (outputs.length !== 1) refuse("it must have one output", outputs.length);
  const show = (shape: tfl.Shape): string => `[${shape.map((size) => size ?? "null").join(", ")}]`;
  const [x, t] = [inputs[0]!.shape, inputs[1]!.shape];
  if (t.length !== 2 || t[1] !== 1) {
    refuse("its second input, t, must have the shape [null, 1]", show(t));
  }
  if (x.length < 2) refuse("its first input, x_t, must have at least two dimensions", show(x));
  if (String(outputs[0]!.shape.slice(1)) !== String(x.slice(1))) {
    refuse(`its output must be shaped like x_t, ${show(x)}`, show(outputs[0]!.shape));
  }
}

const DOING = "wrap a denoiser";

function checkModel(doing: string, model: unknown): void {
  if (!(model instanceof tfl.LayersModel)) refuseModel(doing, "it must be a tf.LayersModel", model);
}

function refuseModel(doing: string, rule: string, value: unknown): never {
  throw new Error(`Cannot ${doing}: ${rule}, got ${value}`);
}
