import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-cpu";
import { adamf, EmaWeights, ERD, sample } from "@signalfit/tfjs";

const [x, t] = [tfl.input({ shape: [2] }), tfl.input({ shape: [1] })];
const outputs = tfl.layers.dense({ units: 2 }).apply(tfl.layers.concatenate().apply([x, t]));
const denoiser = tfl.model({ inputs: [x, t], outputs: outputs as tfl.SymbolicTensor });
const erd = new ERD({ target: "flow", path: "linear" }), ema = new EmaWeights({ decay: 0.99 });
const model = erd.wrap(denoiser);
model.compile({ optimizer: adamf(), loss: erd.loss });
const x0 = tf.randomNormal([64, 2]);
await model.fit(x0, erd.labels(x0), { epochs: 2, verbose: 0, callbacks: [erd, ema] });
const steps: number[] = [];
const samples = await sample(denoiser, {
  path: "linear",
  target: "flow",
  method: "heun",
  steps: 4,
  shape: [8, 2],
  ema, // sample with the averaged weights
  onStep: ({ t }) => void steps.push(t),
});
console.assert(steps.join() === "0.75,0.5,0.25,0");
samples.dispose();
