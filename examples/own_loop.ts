/**
 * A training loop of one's own: `minimize` takes a step on any loss over variables, without a model. Here
 * it finds the two factors of a matrix. `deno run --allow-all examples/own_loop.ts`
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { cosineDecay, initBackend, sgdf } from "@signalfit/tfjs";

const ROWS = 60, COLUMNS = 40, RANK = 3, STEPS = 400;

await initBackend();
const seen = tf.tidy(() => {
  const left = tf.randomNormal([ROWS, RANK], 0, 1, "float32", 1);
  const right = tf.randomNormal([RANK, COLUMNS], 0, 1, "float32", 2);
  return tf.matMul(left, right);
});
// Names by which an optimizer keeps its state, also when it is saved.
const left = tf.variable(tf.randomNormal([ROWS, RANK], 0, 0.3, "float32", 3), true, "left");
const right = tf.variable(tf.randomNormal([RANK, COLUMNS], 0, 0.3, "float32", 4), true, "right");

/** The mean error over a random part of the matrix: a noisy loss, as batches of data give it. */
function loss(step: number): tf.Scalar {
  const part = tf.less(tf.randomUniform([ROWS, COLUMNS], 0, 1, "float32", 100 + step), 0.3);
  const errors = tf.square(tf.sub(tf.matMul(left, right), seen));
  return tf.div(tf.sum(tf.mul(errors, tf.cast(part, "float32"))), 0.3 * ROWS * COLUMNS);
}

// SGDF takes the rate that plain SGD would have.
const learningRate = cosineDecay({ initialRate: 1, decaySteps: STEPS, alpha: 0.05 });
const optimizer = sgdf({ learningRate, globalClipNorm: 1 });
for (let step = 0; step < STEPS; step++) {
  // The loss is read now and then only: reading waits for the device.
  const isRead = step % 100 === 0;
  const value = optimizer.minimize(() => loss(step), isRead);
  if (isRead) console.log(`step ${step}: ${(await value!.data())[0]!.toPrecision(3)}`);
  value?.dispose();
}
const rest = tf.tidy(() => tf.mean(tf.abs(tf.sub(tf.matMul(left, right), seen))));
console.log(
  `mean error after ${optimizer.iterations} steps: ${(await rest.data())[0]!.toPrecision(3)}`,
);
optimizer.dispose();
tf.dispose([seen, left, right, rest]);
