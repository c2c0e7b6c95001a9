/**
 * A training that may be stopped at any time, by Ctrl-C or by force, and goes on where it was when it is
 * started again. `deno run --allow-all examples/stop_and_resume.ts [directory]`
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  adamf,
  Checkpoint,
  CsvLogger,
  initBackend,
  resumeTraining,
  trainingBatches,
} from "@signalfit/tfjs";

const directory = Deno.args[0] ?? "runs/stop-and-resume";

await initBackend("cpu"); // on which a run that was stopped ends bit for bit as one that was not
const x = tf.randomNormal([1000, 8], 0, 1, "float32", 1), y = tf.sum(tf.square(x), 1, true);
const model = tfl.sequential({
  layers: [
    tfl.layers.dense({
      name: "hidden", // names by which its state is found again
      units: 32,
      inputShape: [8],
      activation: "relu",
      kernelInitializer: tfl.initializers.heNormal({ seed: 1 }),
    }),
    tfl.layers.dense({
      name: "out",
      units: 1,
      kernelInitializer: tfl.initializers.glorotNormal({ seed: 2 }),
    }),
  ],
});
model.compile({ optimizer: adamf({ learningRate: 0.01 }), loss: "meanSquaredError" });

// Shuffled anew in each epoch, the same way each time.
const data = trainingBatches(x, y, { batchSize: 20, seed: 1 });
const log = new CsvLogger(`${directory}.csv`);
const checkpoint = new Checkpoint(directory, {
  everySteps: 100,
  monitor: "loss",
  data,
  callbacks: [log],
});
const start = await resumeTraining(model, checkpoint);
console.log(start === undefined ? "begins" : `goes on after ${start.globalStep} batches`);
await model.fitDataset(data, {
  epochs: 10,
  initialEpoch: start?.initialEpoch ?? 0,
  callbacks: [log, checkpoint],
  verbose: 0,
});
if (checkpoint.interrupted) {
  console.log(`stopped by ${checkpoint.interrupted}: start it again to go on`);
  Deno.exit(checkpoint.exitCode);
}
const weights = await Promise.all(model.getWeights().map((weight) => weight.data()));
const squares = weights.flatMap((values) => [...values]).map((weight) => weight ** 2);
console.log(`best loss ${checkpoint.best!.value.toFixed(4)}`);
console.log(`sum of the squared weights ${squares.reduce((sum, square) => sum + square)}`);
