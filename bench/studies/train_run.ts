import * as tf from "@tensorflow/tfjs-core";
import { adamw } from "../../mod.ts";
import { drawSamples, EmaWeights, ERD, noisePath } from "../../diffusion.ts";
import { matrixRank } from "../../src/diffusion/diagnostics/effective_rank.ts";
import { randomStream } from "../../src/diffusion/numeric/random.ts";
import { buildDenoiser, type Denoiser } from "./denoiser.ts";
import { MODES, type Outcome, pathOf, RANK_TIMES, type Run, type Settings } from "./plan.ts";
import { STREAM, type Task } from "./task.ts";

/** Samples that features are taken of. */
const RANK_SAMPLES = 1024;
/** Batches brought to the device at a time. */
const CHUNK = 500;

/**
 * Trains a denoiser and measures it. Initial weights, batches, times, noise, and the noise that samples
 * start from, depend on the seed alone and not on the weighting.
 */
export async function trainRun(run: Run, settings: Settings, task: Task): Promise<Outcome> {
  const started = performance.now();
  const { seed, target, weighting } = run, { dimensions, clip } = task, path = pathOf(target);
  const { width, depth, batchSize, learningRate } = settings;
  const denoiser = buildDenoiser({ dimensions, width, depth, seed });
  const erd = new ERD({ target, path, mode: MODES[weighting], seed });
  const ema = new EmaWeights({ decay: settings.emaDecay, updateEvery: settings.emaEvery });
  const model = erd.wrap(denoiser.model);
  const optimizer = adamw({ learningRate, weightDecay: 0 });
  model.compile({ optimizer, loss: erd.loss });
  const distances: number[] = [];
  let step = 0;
  for (const checkpoint of settings.checkpoints) {
    while (step < checkpoint) {
      const batches = Math.min(CHUNK, checkpoint - step), count = batches * batchSize;
      const x0 = tf.tensor2d(task.data(seed, step * batchSize, count), [count, dimensions]);
      const labels = erd.labels(x0);
      await model.fit(x0, labels, {
        batchSize,
        epochs: 1,
        shuffle: false,
        verbose: 0,
        callbacks: [erd, ema],
      });
      tf.dispose([x0, labels]);
      step += batches;
    }
    const samples = await drawSamples(denoiser.model, {
      path,
      target,
      steps: settings.samplerSteps,
      shape: [settings.samples, dimensions],
      seed,
      clip,
      ema,
    });
    distances.push(task.distance(await samples.data() as Float32Array, seed));
    samples.dispose();
  }
  const { ranks, excess } = await ema.run(() => ({
    ranks: RANK_TIMES.map((t) => rankAt(t, run, task, denoiser)),
    excess: task.excess(run, denoiser),
  }));
  for (const used of [erd, ema, optimizer]) used.dispose();
  model.dispose();
  const seconds = (performance.now() - started) / 1000;
  return { ...run, settings, distances, ranks, excess, seconds };
}

/** Effective rank of the last hidden layer on fresh data with the noise of a time. */
function rankAt(t: number, { seed, target }: Run, task: Task, { features }: Denoiser): number {
  const { alpha, sigma } = noisePath(pathOf(target))(t);
  const data = task.fresh(seed, RANK_SAMPLES);
  const noise = randomStream(seed, STREAM.probe, 1000).normals(data.length);
  const x = data.map((value, i) => alpha * value + sigma * noise[i]!);
  const values = tf.tidy(() => {
    const inputs = [tf.tensor2d(x, [RANK_SAMPLES, task.dimensions]), tf.fill([RANK_SAMPLES, 1], t)];
    return (features.predict(inputs, { batchSize: RANK_SAMPLES }) as tf.Tensor).dataSync();
  });
  return matrixRank(values, RANK_SAMPLES);
}
