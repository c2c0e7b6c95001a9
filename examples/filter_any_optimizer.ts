/**
 * The filter in front of any optimizer of tfjs: the same noisy problem with plain SGD and with SGD whose
 * gradient is filtered. `deno run --allow-all examples/filter_any_optimizer.ts`
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { filtered, GainMonitor, initBackend } from "@signalfit/tfjs";
import * as tfl from "@tensorflow/tfjs-layers";

const ROWS = 1024, FEATURES = 16;

await initBackend();
// A line through noise: the gradient of a batch of four says little.
const { x, y, truth } = tf.tidy(() => {
  const x = tf.randomNormal([ROWS, FEATURES], 0, 1, "float32", 1);
  const truth = tf.randomNormal([FEATURES, 1], 0, 1, "float32", 2);
  const noise = tf.randomNormal([ROWS, 1], 0, 2, "float32", 3);
  return { x, truth, y: tf.add(tf.matMul(x, truth), noise) };
});

/** Trains a line, and tells how far its weights are from the truth in the end. */
async function train(optimizer: tf.Optimizer, ...callbacks: tfl.Callback[]): Promise<number> {
  const layer = tfl.layers.dense({ units: 1, inputShape: [FEATURES], kernelInitializer: "zeros" });
  const model = tfl.sequential({ layers: [layer] });
  model.compile({ optimizer, loss: "meanSquaredError" });
  await model.fit(x, y, { epochs: 4, batchSize: 4, shuffle: false, verbose: 0, callbacks });
  const distance = tf.tidy(() => tf.norm(tf.sub(model.getWeights()[0]!, truth)));
  const [value] = await distance.data();
  distance.dispose();
  model.dispose();
  return value!;
}

const RATE = 0.02;
const plain = await train(tf.train.sgd(RATE));
const monitor = new GainMonitor({ everySteps: 50 });
const behind = await train(filtered(tf.train.sgd(RATE)), monitor);
console.log(`away from the truth: sgd ${plain.toFixed(3)}, filtered ${behind.toFixed(3)}`);
for (const { name, gain } of monitor.report().layers) {
  console.log(`mean gain of the filter in ${name}: ${gain.toFixed(2)}`);
}
