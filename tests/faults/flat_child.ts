// Trains for long with all callbacks: flat_child.ts <directory> <epochs>. It prints, after the epochs at a
// fifth of the way and at the end, what memory and files are in use.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-cpu";
import {
  adamf,
  BestWeights,
  Checkpoint,
  CsvLogger,
  JsonlLogger,
  ReduceLROnPlateau,
  TerminateOnNaN,
  trainingBatches,
} from "@signalfit/tfjs";
import { EmaWeights, ERD } from "@signalfit/tfjs/diffusion";
import { denseDenoiser, gaussianData } from "../callbacks/fixtures.ts";

tf.enableProdMode();
await tf.setBackend("cpu");
const [directory, count] = Deno.args as [string, string];
const epochs = Number(count), looks = [Math.floor(epochs / 5), epochs];

class Looks extends tfl.Callback {
  override onEpochEnd(epoch: number): Promise<void> {
    if (!looks.includes(epoch + 1)) return Promise.resolve();
    const { gc } = globalThis as unknown as { gc(): void };
    gc();
    const { numTensors: tensors, numBytes: bytes } = tf.memory();
    const heap = Deno.memoryUsage().heapUsed;
    let files: number | null = null;
    try {
      files = [...Deno.readDirSync("/proc/self/fd")].length;
    } catch {
      // Linux alone tells.
    }
    console.log(JSON.stringify({ tensors, bytes, heap, files }));
    return Promise.resolve();
  }
}

const erd = new ERD({ target: "v", path: "cosine", mode: "online", bins: 4, readEvery: 5 });
const model = erd.wrap(denseDenoiser(2, 0, 8));
const optimizer = adamf({
  learningRate: 0.01,
  amsgrad: true,
  useEma: true,
  gradientAccumulationSteps: 2,
  globalClipNorm: 1,
  weightDecay: 1e-4,
});
model.compile({ optimizer, loss: erd.loss, metrics: [erd.rawLoss] });
const x0 = gaussianData(78), labels = erd.labels(x0);
const validation = gaussianData(8, 2, 9), none = erd.labels(validation);
const data = trainingBatches(x0, labels, { batchSize: 8, seed: 1 }); // ten batches an epoch
const ema = new EmaWeights({ decay: 0.99, validationData: [validation, none] });
const kept = [
  erd,
  ema,
  new BestWeights(),
  new ReduceLROnPlateau({ patience: 10 }),
  new CsvLogger(`${directory}/log.csv`),
  new JsonlLogger(`${directory}/log.jsonl`, { every: "batch" }),
];
const checkpoint = new Checkpoint(`${directory}/checkpoints`, {
  everySteps: 25,
  everyEpochs: 5,
  monitor: "ema_val_loss",
  keep: 2,
  callbacks: kept,
  data,
});
await model.fitDataset(data, {
  epochs,
  verbose: 0,
  validationData: [validation, none],
  callbacks: [...kept, new TerminateOnNaN(), checkpoint, new Looks()],
});
