// Trains in a process of its own: resume_child.ts <mode> <optimizer> <directory>
import type * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, adamw, fileSystem, momentum, nadam, sgdf } from "@signalfit/tfjs";
import { useBackend } from "../support/backends.ts";
import { smallData, smallModel, weightsOf } from "../support/models.ts";

const FACTORIES = {
  sgdf: () => sgdf({ learningRate: 0.1, weightDecay: 1e-3, gamma: 0.7 }),
  adamf: () => adamf({ learningRate: 0.02, amsgrad: true, decoupledWeightDecay: true }),
  centred: () => adamf({ learningRate: 0.02, denominator: "centred" }),
  adamw: () => adamw({ learningRate: 0.02 }),
  momentum: () => momentum({ learningRate: 0.05, nesterov: true }),
  nadam: () => nadam({ learningRate: 0.02, filter: true, momentumDecay: 0.05 }),
};

await useBackend("cpu");
const [mode, name, directory] = Deno.args as [string, keyof typeof FACTORIES, string];
const { xs, ys } = smallData(48);
const train = (model: tfl.LayersModel, epochs: number) =>
  model.fit(xs, ys, { epochs, batchSize: 16, shuffle: false, verbose: 0 });

let model: tfl.LayersModel;
if (mode === "whole" || mode === "first half") {
  model = smallModel();
  model.compile({ optimizer: FACTORIES[name](), loss: "categoricalCrossentropy" });
  await train(model, mode === "whole" ? 6 : 3);
  await model.save(fileSystem(directory), { includeOptimizer: true });
} else {
  // With another model of the same layers, the loaded one's weights get names with a suffix.
  if (mode !== "second half") smallModel();
  model = await tfl.loadLayersModel(fileSystem(directory));
  await train(model, 3);
}
const optimizer = model.optimizer as tf.Optimizer;
console.log(JSON.stringify({
  names: model.weights.map((weight) => weight.name),
  weights: await weightsOf(model),
  state: (await optimizer.getWeights()).map(({ tensor }) => [...tensor.dataSync()]),
  config: optimizer.getConfig(),
  iterations: optimizer.iterations,
}));
