/**
 * Trains a model whose batches take no time, without end, and is sent SIGINT at the 300th. Prints how many
 * turns of the event loop have been taken until it came through, and gives up after a hundred.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { Checkpoint, initBackend, sgdf } from "@signalfit/tfjs";

await initBackend("cpu");
tf.enableProdMode();
let batches = 0, turns = 0, signalled = 0;
for (const name of ["setTimeout", "setImmediate"] as const) {
  const original = globalThis[name] as (...args: unknown[]) => unknown;
  Object.assign(globalThis, {
    [name](...args: unknown[]) {
      turns++;
      return original.apply(globalThis, args);
    },
  });
}
class Interrupts extends tfl.Callback {
  override onBatchEnd(): Promise<void> {
    if (++batches === 300) {
      signalled = turns;
      Deno.kill(Deno.pid, "SIGINT");
    }
    if (batches > 300 && turns - signalled > 100) this.model.stopTraining = true;
    return Promise.resolve();
  }
}
const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [4] })] });
model.compile({ optimizer: sgdf({ learningRate: 0.01 }), loss: "meanSquaredError" });
const checkpoint = new Checkpoint(Deno.args[0]!, { everyEpochs: null });
await model.fit(tf.ones([64, 4]), tf.ones([64, 1]), {
  epochs: 1e9,
  batchSize: 8,
  verbose: 0,
  callbacks: [checkpoint, new Interrupts()],
});
console.log(`${checkpoint.interrupted} ${turns - signalled}`);
Deno.exit(checkpoint.exitCode);
