/**
 * A diffusion model of points on a ring, trained by `model.fit` with ERD: each noise level is weighted by
 * what can be recovered there. `deno run --allow-all examples/diffusion_with_erd.ts`
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, initBackend } from "@signalfit/tfjs";
import { drawSamples, EmaWeights, ERD } from "@signalfit/tfjs/diffusion";

const POINTS = 2048, PROCESS = { target: "v", path: "cosine" } as const;

/** A network that takes noisy points [n, 2] and noise levels [n, 1], and gives what is to be predicted. */
function newDenoiser(): tfl.LayersModel {
  const x = tfl.input({ shape: [2] }), t = tfl.input({ shape: [1] });
  const dense = (units: number, seed: number, activation?: "relu") =>
    tfl.layers.dense({
      units,
      ...activation === undefined ? {} : { activation },
      kernelInitializer: tfl.initializers.heNormal({ seed }),
    });
  let hidden = tfl.layers.concatenate().apply([x, t]);
  for (const seed of [1, 2, 3]) hidden = dense(64, seed, "relu").apply(hidden);
  return tfl.model({ inputs: [x, t], outputs: dense(2, 4).apply(hidden) as tfl.SymbolicTensor });
}

await initBackend();
const points = tf.tidy(() => {
  const angle = tf.randomUniform([POINTS, 1], 0, 2 * Math.PI, "float32", 1);
  return tf.concat([tf.cos(angle), tf.sin(angle)], 1);
});
const denoiser = newDenoiser();
const erd = new ERD({ ...PROCESS, mode: "online", seed: 1 });
const model = erd.wrap(denoiser); // adds noise to what it is given
model.compile({ optimizer: adamf({ learningRate: 3e-3 }), loss: erd.loss, metrics: [erd.rawLoss] });
const ema = new EmaWeights({ decay: 0.99 });
const { history } = await model.fit(points, erd.labels(points), {
  epochs: 40,
  batchSize: 128,
  callbacks: [erd, ema],
  verbose: 0,
});
const raw = history.rawLoss as number[];
console.log(`raw loss ${raw[0]!.toFixed(3)}, after training ${raw.at(-1)!.toFixed(3)}`);

const samples = await drawSamples(denoiser, {
  ...PROCESS,
  steps: 50,
  shape: [512, 2],
  seed: 7,
  ema,
});
const off = tf.tidy(() => tf.mean(tf.abs(tf.sub(tf.norm(samples, 2, 1), 1))));
console.log(`512 points from noise: on average ${(await off.data())[0]!.toFixed(3)} off the ring`);
erd.dispose();
ema.dispose();
