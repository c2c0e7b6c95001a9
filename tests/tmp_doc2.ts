import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-cpu";
import { adamf, ERD } from "@signalfit/tfjs";

const [x, t] = [tfl.input({ shape: [2] }), tfl.input({ shape: [1] })];
const outputs = tfl.layers.dense({ units: 2 }).apply(tfl.layers.concatenate().apply([x, t]));
const denoiser = tfl.model({ inputs: [x, t], outputs: outputs as tfl.SymbolicTensor });

const erd = new ERD({ target: "epsilon", path: "linear", measure: true });
denoiser.compile({ optimizer: adamf(), loss: erd.packed.loss, metrics: [erd.packed.rawLoss] });
function batch() {
  const [x0, eps, time] = [tf.randomNormal([32, 2]), tf.randomNormal([32, 2]), tf.randomUniform([32, 1])];
  const noisy = tf.add(tf.mul(x0, tf.sub(1, time)), tf.mul(eps, time)); // linear path
  return { xs: [noisy, time], ys: erd.pack(eps, time) };
}
const dataset = {
  async iterator() {
    let left = 5;
    return { next: async () => left-- > 0 ? { value: batch(), done: false } : { done: true } };
  },
};
await denoiser.fitDataset(dataset as never, { epochs: 1, verbose: 0, callbacks: [erd] });
console.assert(erd.report().step === 5);
