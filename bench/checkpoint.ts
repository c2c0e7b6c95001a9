// What a Checkpoint costs: per batch when it does not save, and per save. deno run -A bench/checkpoint.ts
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-cpu";
import { adamf, Checkpoint } from "@signalfit/tfjs";

tf.enableProdMode();
await tf.setBackend("cpu");
const CALLS = 200_000, SAVES = 30, ROUNDS = 5;

/** Calls the end of a batch many times over, as fit does once a batch; in microseconds each. */
class Calls extends tfl.Callback {
  microseconds = NaN;
  override async onBatchEnd(batch: number): Promise<void> {
    if (batch > 0 || !Number.isNaN(this.microseconds)) return;
    const { history } = this.model;
    this.microseconds = 0;
    const started = performance.now();
    for (let call = 0; call < CALLS; call++) await history.onBatchEnd(batch);
    this.microseconds = 1000 * (performance.now() - started) / CALLS;
  }
}

function build(units: number): tfl.LayersModel {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units, inputShape: [100] })] });
  model.compile({ optimizer: adamf(), loss: "meanSquaredError" });
  return model;
}

async function fit(units: number, batches: number, callbacks: tfl.Callback[]): Promise<number> {
  const model = build(units), x = tf.ones([batches, 100]), y = tf.ones([batches, units]);
  const started = performance.now();
  await model.fit(x, y, { batchSize: 1, verbose: 0, callbacks });
  const elapsed = performance.now() - started;
  (model.optimizer as tf.Optimizer).dispose();
  model.dispose();
  tf.dispose([x, y]);
  return elapsed;
}

async function inDirectory<Result>(f: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await Deno.makeTempDir();
  try {
    return await f(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const least = async (f: () => Promise<number>): Promise<number> => {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await f());
  return Math.min(...times);
};

const perBatch = (before: (directory: string) => tfl.Callback[]) =>
  least(() =>
    inDirectory(async (directory) => {
      const calls = new Calls();
      await fit(1, 2, [...before(directory), calls]);
      return calls.microseconds;
    })
  );
const without = await perBatch(() => []);
const rare = { everySteps: 1e9, everyEpochs: null };
const beside = await perBatch((directory) => [new Checkpoint(directory, rare)]);
console.log(`a batch that is not saved: ${(beside - without).toFixed(2)} microseconds`);

for (const units of [10, 1000, 10_000]) {
  const [saving, not] = [{ everySteps: 1, everyEpochs: null }, rare];
  const [some, none] = [
    await least(() => inDirectory((at) => fit(units, SAVES, [new Checkpoint(at, saving)]))),
    await least(() => inDirectory((at) => fit(units, SAVES, [new Checkpoint(at, not)]))),
  ];
  const megabytes = 4 * 101 * units * 4 / 1e6;
  const each = (some - none) / (SAVES - 1);
  console.log(`a save of ${megabytes.toFixed(1)} MB: ${each.toFixed(1)} milliseconds`);
}
