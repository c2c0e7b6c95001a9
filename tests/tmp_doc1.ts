import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, ERD, initBackend, sample } from "@signalfit/tfjs";

await initBackend();

// 1024 images of a spot, 28 x 28, in [-1, 1].
const x0 = tf.tidy(() => {
  const place = tf.randomUniform([1024, 2], -0.5, 0.5, "float32", 1);
  const bump = (axis: number) =>
    tf.exp(tf.mul(-20, tf.square(tf.sub(tf.linspace(-1, 1, 28), tf.slice(place, [0, axis], [-1, 1])))));
  const spots = tf.mul(tf.expandDims(bump(0), 2), tf.expandDims(bump(1), 1));
  return tf.expandDims(tf.sub(tf.mul(2, spots), 1), 3);
});

// Any model of x_t and t whose output is shaped like x_t.
type Symbol = tfl.SymbolicTensor;
const dense = (units: number, activation?: "relu") => tfl.layers.dense({ units, activation });
const [x, t] = [tfl.input({ shape: [28, 28, 1] }), tfl.input({ shape: [1] })];
const pixels = tfl.layers.flatten().apply(x) as Symbol, time = dense(16, "relu").apply(t) as Symbol;
const hidden = dense(64, "relu").apply(tfl.layers.concatenate().apply([pixels, time]));
const scaled = tfl.layers.multiply().apply([pixels, dense(784).apply(time) as Symbol]) as Symbol;
const sum = tfl.layers.add().apply([dense(784).apply(hidden) as Symbol, scaled]);
const outputs = tfl.layers.reshape({ targetShape: [28, 28, 1] }).apply(sum) as Symbol;
const denoiser = tfl.model({ inputs: [x, t], outputs });

const erd = new ERD({ target: "v", path: "cosine", mode: "online" }); // or mode: "closed"
const model = erd.wrap(denoiser);
model.compile({ optimizer: adamf({ learningRate: 1e-3 }), loss: erd.loss, metrics: [erd.rawLoss] });
await model.fit(x0, erd.labels(x0), { epochs: 20, batchSize: 128, callbacks: [erd] });
for (const { t, loss, variance, recoverability, weight } of erd.report().bins) {
  const row = { t, loss, variance, recoverability, weight };
  if (t * 32 % 6 === 3.5) console.log(Object.entries(row).map(([k, v]) => `${k} ${v.toFixed(2)}`).join("  "));
}
const images = await sample(denoiser, {
  path: "cosine",
  target: "v",
  steps: 50,
  shape: [64, 28, 28, 1],
  seed: 1,
});
console.log(images.shape);
