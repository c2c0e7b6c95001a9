/**
 * Trains two small diffusion models on pictures of rings, with AdamW and with AdamF, and shows the training on a
 * live page: `deno run --allow-all examples/live.ts`. Open the address that it prints.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { parseArgs } from "node:util";
import { adamf, adamw, GainMonitor, initBackend } from "@signalfit/tfjs";
import { drawSamples, ERD } from "@signalfit/tfjs/diffusion";
import { LivePage } from "@signalfit/tfjs/live";

const { values } = parseArgs({
  options: {
    epochs: { type: "string", default: "30" },
    report: { type: "string", default: "signalfit-live.html" },
  },
});
const SIDE = 14;
const PROCESS = { target: "v", path: "cosine" } as const;

/** Pictures of rings of all sizes and places, in [-1, 1]. */
function rings(count: number): tf.Tensor2D {
  return tf.tidy(() => {
    const random = (seed: number, low: number, high: number) =>
      tf.randomUniform([count, 1, 1], low, high, "float32", seed);
    const line = tf.linspace(-1, 1, SIDE);
    const across = tf.sub(tf.reshape(line, [1, 1, SIDE]), random(1, -0.4, 0.4));
    const down = tf.sub(tf.reshape(line, [1, SIDE, 1]), random(2, -0.4, 0.4));
    const off = tf.sub(tf.sqrt(tf.add(tf.square(across), tf.square(down))), random(3, 0.25, 0.55));
    const ink = tf.exp(tf.mul(-60, tf.square(off)));
    return tf.reshape(tf.sub(tf.mul(2, ink), 1), [count, SIDE * SIDE]);
  });
}

/** A dense network of the picture and the time, with a way around it whose scale depends on the time. */
function newDenoiser(): tfl.LayersModel {
  type Symbolic = tfl.SymbolicTensor;
  const x = tfl.input({ shape: [SIDE * SIDE] }), t = tfl.input({ shape: [1] });
  const dense = (name: string, units: number, seed: number, activation?: "relu") =>
    tfl.layers.dense({
      name: `${name}_${++layers}`,
      units,
      activation,
      kernelInitializer: tfl.initializers.heNormal({ seed }),
    });
  const time = dense("time", 32, 1, "relu").apply(t) as Symbolic;
  const all = tfl.layers.concatenate().apply([x, time]) as Symbolic;
  const hidden = dense("hidden", 256, 3, "relu").apply(dense("first", 256, 2, "relu").apply(all));
  const scale = dense("scale", SIDE * SIDE, 4).apply(time) as Symbolic;
  const around = tfl.layers.multiply().apply([x, scale]) as Symbolic;
  const last = dense("last", SIDE * SIDE, 5).apply(hidden) as Symbolic;
  const outputs = tfl.layers.add().apply([last, around]) as Symbolic;
  return tfl.model({ inputs: [x, t], outputs });
}
let layers = 0;

/** Pictures that a denoiser makes of noise, the same noise each time. */
async function pictures(denoiser: tfl.LayersModel): Promise<tf.Tensor> {
  const shape = [36, SIDE * SIDE];
  const samples = await drawSamples(denoiser, {
    ...PROCESS,
    steps: 20,
    shape,
    seed: 7,
    clip: [-1, 1],
  });
  const images = tf.reshape(samples, [36, SIDE, SIDE, 1]);
  samples.dispose();
  return images;
}

await initBackend();
const [images, validation] = tf.split(rings(5120), [4096, 1024]) as [
  tf.Tensor2D,
  tf.Tensor2D,
];
let denoiser: tfl.LayersModel, erd: ERD;
const monitor = new GainMonitor({ everySteps: 10 });
const page = new LivePage({
  title: "Diffusion: pictures of rings",
  report: values.report,
  images: { sample: () => pictures(denoiser), range: [-1, 1] },
  erd: { report: () => erd.report() },
  gains: monitor,
});
console.log(`Live page: ${await page.start()}`);

for (const optimizer of [adamw({ learningRate: 2e-3 }), adamf({ learningRate: 2e-3 })]) {
  denoiser = newDenoiser();
  erd = new ERD({ ...PROCESS, mode: "online" });
  const model = erd.wrap(denoiser);
  model.compile({ optimizer, loss: erd.loss, metrics: [erd.rawLoss] });
  page.nextRun(optimizer.getClassName());
  await model.fit(images, erd.labels(images), {
    epochs: Number(values.epochs),
    batchSize: 128,
    validationData: [validation, erd.labels(validation)],
    callbacks: [erd, ...(optimizer.getClassName() === "AdamF" ? [monitor] : []), page],
    verbose: 0,
  });
}
await page.close();
console.log(`The page is kept in ${values.report}`);
