/**
 * Trains a small network on a spiral with as many processes as MPI starts, and goes on where it was broken
 * off: `mpirun -n 2 deno run --allow-all examples/parallel.ts`, or alone, with the same result.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  adamf,
  Checkpoint,
  initBackend,
  Progress,
  resumeTraining,
  trainingBatches,
} from "@signalfit/tfjs";
import { distributed, joinMpi, TeamCallback } from "@signalfit/tfjs/mpi";

const POINTS = 2048, ARMS = 3, [directory = "runs/parallel"] = Deno.args;

/** Points on the arms of a spiral, and which arm each is on. */
function spiral(): { x: tf.Tensor2D; y: tf.Tensor2D } {
  const points = Array.from({ length: POINTS }, (_, i) => {
    const radius = i / POINTS, angle = 2 * Math.PI * (i % ARMS / ARMS + 0.8 * radius);
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
  const arms = points.map((_, i) => Array.from({ length: ARMS }, (_, arm) => +(arm === i % ARMS)));
  return { x: tf.tensor2d(points), y: tf.tensor2d(arms) };
}

const team = await joinMpi();
await initBackend({ backends: ["wasm"] });

const dense = (units: number, seed: number, activation: "relu" | "softmax") =>
  tfl.layers.dense({
    units,
    activation,
    kernelInitializer: tfl.initializers.heNormal({ seed }),
    inputShape: seed === 1 ? [2] : undefined,
  });
const model = tfl.sequential({
  layers: [dense(64, 1, "relu"), dense(64, 2, "relu"), dense(ARMS, 3, "softmax")],
});
model.compile({
  optimizer: distributed(adamf({ learningRate: 0.01 }), team),
  loss: "categoricalCrossentropy",
  metrics: ["accuracy"],
});

const { x, y } = spiral();
const data = trainingBatches(x, y, { batchSize: 128, seed: 1, team }); // 128 rows on all ranks together
const checkpoint = new Checkpoint(directory, { everySteps: 100, data });
const start = await resumeTraining(model, checkpoint); // all ranks read, rank 0 writes

const { history } = await model.fitDataset(data, {
  epochs: 30,
  initialEpoch: start?.initialEpoch,
  verbose: 0,
  callbacks: [new TeamCallback(team), checkpoint, new Progress()],
});
if (team.rank === 0) {
  console.log(`${team.size} ranks, accuracy ${history.acc?.at(-1) ?? "as before"}`);
}
team.leave();
if (checkpoint.interrupted) Deno.exit(checkpoint.exitCode);
