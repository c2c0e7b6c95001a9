import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamw, momentum, type RuleOptimizer, sgdf } from "@signalfit/tfjs";
import { exponentialDecay } from "../../src/schedules/exponential_decay.ts";
import { fileSystem } from "@signalfit/tfjs";
import { backendTest } from "../support/test.ts";

const decay = () => exponentialDecay({ initialRate: 0.1, decaySteps: 1, decayRate: 0.5 });

backendTest("a schedule gives each step its rate, and resumes where it was", "cpu", async () => {
  const x = tf.tidy(() => tf.variable(tf.scalar(0), true, "x"));
  let optimizer = momentum({ learningRate: decay(), momentum: 0 });
  assert.equal(optimizer.isScheduled, true);
  let expected = 0;
  const gradients = { x: tf.scalar(1) };
  for (let step = 0; step < 6; step++) {
    assert.ok(Math.abs(optimizer.learningRate - 0.1 * 0.5 ** step) < 1e-12);
    optimizer.applyGradients(gradients);
    expected -= 0.1 * 0.5 ** step;
    assert.ok(Math.abs((await x.data())[0]! - expected) < 1e-6);
    if (step !== 2) continue;
    const next = momentum({ learningRate: decay(), momentum: 0 });
    await next.setWeights(await optimizer.getWeights());
    optimizer.dispose();
    optimizer = next;
  }
  optimizer.learningRate = 0.25;
  assert.equal(optimizer.learningRate, 0.25);
  assert.equal(optimizer.isScheduled, false);
  tf.dispose([x, gradients]);
  optimizer.dispose();
});

backendTest("a rate that is no rate is refused before anything moves", "cpu", async () => {
  const x = tf.tidy(() => tf.variable(tf.scalar(3), true, "x"));
  const optimizer = sgdf({ learningRate: (step) => step === 0 ? NaN : 1 });
  const gradients = { x: tf.scalar(1) };
  assert.throws(
    () => optimizer.applyGradients(gradients),
    /Cannot apply gradients with SGDF: the schedule of learningRate must give a finite number >= 0, got NaN at step 0/,
  );
  assert.deepEqual([(await x.data())[0], optimizer.iterations, optimizer.stepsOf("x")], [3, 0, 0]);
  tf.dispose([x, gradients]);
  optimizer.dispose();
});

backendTest("schedules, groups and excluded names are saved with a model", "cpu", async () => {
  const layers = [
    tfl.layers.dense({ units: 2, inputShape: [3], name: "first_layer" }),
    tfl.layers.dense({ units: 1, name: "last_layer" }),
  ];
  const model = tfl.sequential({ layers });
  const optimizer = adamw({
    learningRate: decay(),
    exclude: ["first_layer/bias", (variable) => variable.name === "last_layer/kernel"],
    overrides: [{ match: /last_layer\/b/i, learningRate: decay(), beta1: 0.5 }],
    useEma: true,
    gradientAccumulationSteps: 2,
    globalClipNorm: 1,
  });
  model.compile({ optimizer, loss: "meanSquaredError" });
  const [x, y] = [tf.ones([4, 3]), tf.ones([4, 1])];
  await model.fit(x, y, { epochs: 2, verbose: 0 });
  const names = model.trainableWeights.map((weight) => weight.read());
  const directory = await Deno.makeTempDir();
  await model.save(fileSystem(directory), { includeOptimizer: true });
  const table = optimizer.describe(names).variables;
  const loaded = await tfl.loadLayersModel(fileSystem(directory));
  const restored = loaded.optimizer as RuleOptimizer;
  assert.equal(restored.learningRate, optimizer.learningRate);
  const again = restored.describe(loaded.trainableWeights.map((weight) => weight.read())).variables;
  const numbers = (rows: typeof table) => rows.map((row) => [row.learningRate, row.weightDecay]);
  assert.deepEqual(numbers(again), numbers(table));
  assert.deepEqual(numbers(table).map(([, decay]) => decay), [0.004, 0, 0, 0.004]);
  assert.deepEqual(restored.getConfig(), optimizer.getConfig());
  await Deno.remove(directory, { recursive: true });
  tf.dispose([x, y]);
  model.dispose();
  loaded.dispose();
});

backendTest("a function of one's own is saved as its present value, with a warning", "cpu", () => {
  const warn = console.warn;
  const warnings: string[] = [];
  console.warn = (text: string) => warnings.push(text);
  try {
    assert.equal(sgdf({ learningRate: () => 0.25 }).getConfig()["learningRate"], 0.25);
  } finally {
    console.warn = warn;
  }
  assert.match(warnings.join(), /learningRate is a function of your own, which cannot be saved/);
});
