/**
 * A first training: two spirals told apart by a small network, with AdamF, progress on the terminal and
 * the best weights kept. `deno run --allow-all examples/first_training.ts`
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, BestWeights, initBackend, Progress } from "@signalfit/tfjs";

/** Points of two spirals in the plane, and which of the two each belongs to. */
function spirals(points: number, seed: number): { x: tf.Tensor; y: tf.Tensor } {
  return tf.tidy(() => {
    const angle = tf.randomUniform([points, 1], 0.5, 9, "float32", seed);
    const isSecond = tf.lessEqual(tf.randomUniform([points, 1], 0, 1, "float32", seed + 1), 0.5);
    const turned = tf.add(angle, tf.mul(Math.PI, tf.cast(isSecond, "float32")));
    const radius = tf.div(angle, 9);
    const places = tf.concat([tf.mul(radius, tf.cos(turned)), tf.mul(radius, tf.sin(turned))], 1);
    const noise = tf.randomNormal([points, 2], 0, 0.02, "float32", seed + 2);
    return { x: tf.add(places, noise), y: tf.cast(isSecond, "float32") };
  });
}

await initBackend(); // the fastest that is here; before the model is built
const train = spirals(2000, 1), test = spirals(500, 10);
const dense = (units: number, seed: number, inputShape?: number[]) =>
  tfl.layers.dense({
    units,
    ...inputShape === undefined ? {} : { inputShape },
    activation: "relu",
    kernelInitializer: tfl.initializers.heNormal({ seed }),
  });
const model = tfl.sequential({
  layers: [
    dense(64, 1, [2]),
    dense(64, 2),
    tfl.layers.dense({ units: 1, activation: "sigmoid" }),
  ],
});
const optimizer = adamf({ learningRate: 0.01 });
model.compile({ optimizer, loss: "binaryCrossentropy", metrics: ["accuracy"] });

const best = new BestWeights({ monitor: "val_loss" });
await model.fit(train.x, train.y, {
  epochs: 40,
  batchSize: 50,
  validationData: [test.x, test.y],
  callbacks: [new Progress(), best],
  verbose: 0,
});
const [, accuracy] = model.evaluate(test.x, test.y) as tf.Scalar[];
console.log(`${(100 * (await accuracy!.data())[0]!).toFixed(1)} % of the test's points are right`);
