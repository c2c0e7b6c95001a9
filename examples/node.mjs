/**
 * In Node, from npm: `npm install @signalfit/tfjs @tensorflow/tfjs-core @tensorflow/tfjs-layers
 * @tensorflow/tfjs-backend-wasm`, then `node node.mjs`. Trains, saves, and loads what it saved.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, fileSystem, initBackend } from "@signalfit/tfjs";

const { backend } = await initBackend();
const x = tf.reshape(tf.linspace(-1, 1, 128), [128, 1]), y = tf.sin(tf.mul(x, 3));
const model = tfl.sequential({
  layers: [
    tfl.layers.dense({
      units: 32,
      inputShape: [1],
      activation: "tanh",
      kernelInitializer: tfl.initializers.glorotNormal({ seed: 1 }),
    }),
    tfl.layers.dense({ units: 1, kernelInitializer: tfl.initializers.glorotNormal({ seed: 2 }) }),
  ],
});
model.compile({ optimizer: adamf({ learningRate: 0.02 }), loss: "meanSquaredError" });
const { history } = await model.fit(x, y, {
  epochs: 60,
  batchSize: 32,
  shuffle: false,
  verbose: 0,
});
console.log(
  `${backend}: loss ${history.loss[0].toFixed(3)}, then ${history.loss.at(-1).toFixed(4)}`,
);

// The optimizer's state comes along, so that training can go on.
const directory = await mkdtemp(join(tmpdir(), "signalfit-"));
await model.save(fileSystem(join(directory, "model")), { includeOptimizer: true });
const loaded = await tfl.loadLayersModel(fileSystem(join(directory, "model")));
await rm(directory, { recursive: true });
const [ours, theirs] = [model, loaded].map((each) => each.predict(x).dataSync());
console.log(
  `loaded, it predicts ${ours.every((v, i) => v === theirs[i]) ? "the same" : "otherwise"}`,
);
console.log(`and goes on at step ${loaded.optimizer.iterations}`);
