/**
 * Trains two small diffusion models on MNIST, with AdamF and with AdamW, and shows the training on a
 * live page: `deno run --allow-all examples/live.ts`. Open the address that it prints.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, adamw, ERD, sample } from "@signalfit/tfjs";
import { LivePage } from "@signalfit/tfjs/live";
import { startBackend } from "./lib/backend.ts";
import { loadImageData } from "./lib/mnist.ts";

const SIDE = 14;
const EPOCHS = Number(Deno.args[0] ?? 30);

/** Images of half the size, in [-1, 1]. */
async function halfSized(limit: number): Promise<tf.Tensor2D> {
  const { train: { count, pixels } } = await loadImageData({ limit });
  return tf.tidy(() => {
    const whole = tf.tensor(Float32Array.from(pixels), [count * SIDE, 2, SIDE, 2]);
    const half = tf.mean(tf.reshape(whole, [count, SIDE, 2, SIDE, 2]), [2, 4]);
    return tf.reshape(tf.sub(tf.div(half, 127.5), 1), [count, SIDE * SIDE]);
  });
}

/** What predicts the noise's share in a picture, from the picture and the time. */
function newDenoiser(): tfl.LayersModel {
  const x = tfl.input({ shape: [SIDE * SIDE] }), t = tfl.input({ shape: [1] });
  const dense = (units: number, seed: number, activation?: "relu") =>
    tfl.layers.dense({
      units,
      activation,
      kernelInitializer: tfl.initializers.heNormal({ seed }),
    });
  const time = dense(32, 1, "relu").apply(t) as tfl.SymbolicTensor;
  const all = tfl.layers.concatenate().apply([x, time]) as tfl.SymbolicTensor;
  const hidden = dense(256, 3, "relu").apply(dense(256, 2, "relu").apply(all));
  const straight = tfl.layers.multiply().apply([
    x,
    dense(SIDE * SIDE, 4).apply(time) as tfl.SymbolicTensor,
  ]);
  const outputs = tfl.layers.add().apply([
    dense(SIDE * SIDE, 5).apply(hidden) as tfl.SymbolicTensor,
    straight as tfl.SymbolicTensor,
  ]) as tfl.SymbolicTensor;
  return tfl.model({ inputs: [x, t], outputs });
}

await startBackend("auto", []);
const [images, validation] = tf.split(await halfSized(5120), [4096, 1024]) as tf.Tensor2D[];
let denoiser = newDenoiser();
let erd = newErd();
const page = new LivePage({
  title: "Diffusion on MNIST",
  report: Deno.args[1] ?? "signalfit-live.html",
  images: {
    range: [-1, 1],
    async sample() {
      const shape = [36, SIDE * SIDE];
      const path = "cosine", target = "v", clip = [-1, 1] as const;
      const samples = await sample(denoiser, { path, target, steps: 20, shape, seed: 7, clip });
      const pictures = tf.reshape(samples, [36, SIDE, SIDE, 1]);
      samples.dispose();
      return pictures;
    },
  },
  erd: { report: () => erd.report() },
});
console.log(`Live page: ${await page.start()}`);

for (const optimizer of [adamw({ learningRate: 1e-3 }), adamf({ learningRate: 1e-3 })]) {
  denoiser = newDenoiser();
  erd = newErd();
  const model = erd.wrap(denoiser);
  model.compile({ optimizer, loss: erd.loss, metrics: [erd.rawLoss] });
  page.nextRun(optimizer.getClassName());
  await model.fit(images!, erd.labels(images!), {
    epochs: EPOCHS,
    batchSize: 128,
    validationData: [validation!, erd.labels(validation!)],
    callbacks: [erd, page],
    verbose: 0,
  });
}
await page.close();
console.log("The page is kept in signalfit-live.html");

function newErd(): ERD {
  return new ERD({ target: "v", path: "cosine", mode: "online" });
}
