import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { adamf, sgdf } from "@signalfit/tfjs";
import { counts } from "../../support/backends.ts";
import { counting } from "../../../cli/bench/gpu_counter.ts";
import { backendTest } from "../../support/test.ts";
import { network } from "./network.ts";

const gpuTest = (name: string, body: () => Promise<void>) => backendTest(name, "webgpu", body);

for (const [name, factory, scalars] of [["sgdf", sgdf, 8], ["adamf", adamf, 9]] as const) {
  gpuTest(
    `${name}: a step of 60 variables is one dispatch, one submit, counted copies`,
    async () => {
      const net = network(30);
      assert.equal(net.variables.length, 60);
      const optimizer = factory({ learningRate: 0.01 });
      for (let step = 0; step < 2; step++) optimizer.applyGradients(net.gradients);
      const step = await counting(() => optimizer.applyGradients(net.gradients));
      assert.deepEqual(step, {
        dispatches: 1,
        submits: 2, // tfjs's pending work, then ours
        copies: 2 * 60, // gradient in, parameter out; the parameter is there from the step before
        copiedBytes: 2 * 4 * net.elements,
        writes: 1,
        writtenBytes: 16 + 16 * Math.ceil(scalars / 4),
        buffers: 0,
        destroyed: 0,
        bindGroups: 0,
        pipelines: 0,
        layouts: 0,
        maps: 0,
      });
      for (const variable of net.variables.slice(0, 7)) {
        tf.tidy(() => variable.assign(tf.zerosLike(variable)));
      }
      const again = await counting(() => optimizer.applyGradients(net.gradients));
      assert.ok(again.copies >= 2 * 60 + 7, "a variable that somebody assigned is copied in");
      net.dispose();
      optimizer.dispose();
    },
  );
}

gpuTest("a variable beyond the packed size is bound directly: no copies", async () => {
  const size = 2 ** 18 + 4;
  const x = tf.tidy(() => tf.variable(tf.zeros([size]), true, "big"));
  const gradients = { big: tf.ones([size]) };
  const optimizer = adamf({});
  for (let step = 0; step < 6; step++) optimizer.applyGradients(gradients);
  const step = await counting(() => optimizer.applyGradients(gradients));
  assert.equal(step.dispatches, 1);
  assert.equal(step.submits, 2);
  assert.equal(step.copies, 0);
  assert.equal(step.bindGroups, 0, "tfjs's buffers recur, and so do bind groups");
  assert.equal(step.buffers, 0);
  tf.dispose([x, gradients]);
  optimizer.dispose();
});

gpuTest("1000 steps leave tensors, buffers and pipelines as they were", async () => {
  const net = network(3);
  const optimizer = adamf({});
  const bytes = () => (tf.memory() as unknown as { numBytesInGPU: number }).numBytesInGPU;
  for (let step = 0; step < 3; step++) optimizer.applyGradients(net.gradients);
  await optimizer.check();
  const before = [counts(), bytes()];
  const steps = await counting(() => {
    for (let step = 0; step < 1000; step++) optimizer.applyGradients(net.gradients);
  });
  await optimizer.check();
  assert.deepEqual([counts(), bytes()], before);
  assert.equal(steps.dispatches, 1000);
  assert.deepEqual(
    [steps.buffers, steps.destroyed, steps.pipelines, steps.layouts, steps.bindGroups, steps.maps],
    [0, 0, 0, 0, 0, 0],
  );
  net.dispose();
  optimizer.dispose();
});

gpuTest("within a real fit, the optimizer's part of a batch stays one dispatch", async () => {
  const net = network(3); // tfjs's addN is wrong for 8 tensors and more
  const optimizer = sgdf({ learningRate: 0.01 });
  const loss = () => tf.addN(net.variables.map((v) => tf.sum(tf.square(v)))) as tf.Scalar;
  for (let step = 0; step < 3; step++) optimizer.minimize(loss, false, net.variables);
  const computing = await counting(() => {
    const { value, grads } = optimizer.computeGradients(loss, net.variables);
    tf.dispose([value, grads]);
  });
  const whole = await counting(() => {
    optimizer.minimize(loss, false, net.variables);
  });
  assert.equal(whole.dispatches, computing.dispatches + 1);
  net.dispose();
  optimizer.dispose();
});

gpuTest("dispose gives back every buffer, and the listeners", async () => {
  const net = network(3);
  const big = tf.tidy(() => tf.variable(tf.zeros([2 ** 18 + 1]), true, "big"));
  const gradients = { ...net.gradients, big: tf.zeros([2 ** 18 + 1]) };
  const listeners = watchListeners();
  const round = () =>
    counting(() => {
      const optimizers = [sgdf({}), adamf({})];
      optimizers.forEach((optimizer) => optimizer.applyGradients(gradients));
      assert.equal(listeners.now(), 1);
      optimizers.forEach((optimizer) => optimizer.dispose());
      assert.equal(listeners.now(), 0);
    });
  await round(); // fills tfjs's pool of buffers
  const { buffers, destroyed } = await round();
  // Pages: 2 + 3 slots, packed and big; flat buffers: 2 each; uniform blocks: packed and big.
  assert.equal(buffers, 2 * (2 + 3) + 2 * 2 + 2 * 2);
  assert.equal(destroyed, buffers);
  listeners.restore();
  net.dispose();
  tf.dispose([big, gradients.big]);
});

function watchListeners(): { now(): number; restore(): void } {
  const { addEventListener, removeEventListener } = GPUDevice.prototype;
  let active = 0;
  GPUDevice.prototype.addEventListener = function (this: GPUDevice, ...args: unknown[]) {
    active++;
    return (addEventListener as (...args: unknown[]) => void).apply(this, args);
  } as typeof addEventListener;
  GPUDevice.prototype.removeEventListener = function (this: GPUDevice, ...args: unknown[]) {
    active--;
    return (removeEventListener as (...args: unknown[]) => void).apply(this, args);
  } as typeof removeEventListener;
  return {
    now: () => active,
    restore: () => Object.assign(GPUDevice.prototype, { addEventListener, removeEventListener }),
  };
}
