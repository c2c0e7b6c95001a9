/** Trains a model whose batches take no time, and is sent SIGINT at the 300th of 32,000. */
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { Checkpoint, initBackend, sgdf } from "@signalfit/tfjs";

await initBackend("cpu");
tf.enableProdMode();
let batches = 0;
class Interrupts extends tfl.Callback {
  override onBatchEnd(): Promise<void> {
    if (++batches === 300) Deno.kill(Deno.pid, "SIGINT");
    return Promise.resolve();
  }
}
const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [4] })] });
model.compile({ optimizer: sgdf({ learningRate: 0.01 }), loss: "meanSquaredError" });
const checkpoint = new Checkpoint(Deno.args[0]!, { everyEpochs: null });
await model.fit(tf.ones([64, 4]), tf.ones([64, 1]), {
  epochs: 4000,
  batchSize: 8,
  verbose: 0,
  callbacks: [checkpoint, new Interrupts()],
});
console.log(`${checkpoint.interrupted} ${batches}`);
Deno.exit(checkpoint.exitCode);
