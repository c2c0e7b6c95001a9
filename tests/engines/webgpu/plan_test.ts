import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { adamf, sgdf } from "@signalfit/tfjs";
import { gpuBackend } from "../../../src/engines/webgpu/backend.ts";
import { contextOf } from "../../../src/engines/webgpu/context.ts";
import { useBackend } from "../../support/backends.ts";
import { counting } from "../../../cli/bench/gpu_counter.ts";
import { backendTest } from "../../support/test.ts";
import { network, numbers } from "./network.ts";

const gpuTest = (name: string, body: () => Promise<void>) => backendTest(name, "webgpu", body);

/** Which variables take part in each step. */
type Script = readonly ((index: number) => boolean)[];

/** Runs a script on a backend and gives parameters, states and step counts. */
async function run(backend: "cpu" | "webgpu", script: Script, layers = 4): Promise<number[][]> {
  await useBackend(backend);
  const net = network(layers);
  const optimizer = adamf({ learningRate: 0.01 });
  for (const takesPart of script) {
    optimizer.applyGradients(
      Object.fromEntries(
        Object.entries(net.gradients).filter((_, index) => takesPart(index)),
      ),
    );
  }
  const weights = (await optimizer.getWeights()).toSorted((a, b) => a.name < b.name ? -1 : 1);
  const result = await numbers([...net.variables, ...weights.map(({ tensor }) => tensor)]);
  net.dispose();
  optimizer.dispose();
  return result;
}

function close(actual: number[][], expected: number[][], steps: number): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((values, i) =>
    values.forEach((value, j) => {
      // As in the lockstep tests; parameters are of the order of 1.
      const allowed = steps * 16 * 2 ** -24 * Math.max(1e-3, 4 * Math.abs(value));
      const error = Math.abs(actual[i]![j]! - value);
      assert.ok(error <= allowed, `${actual[i]![j]} instead of ${value} in ${i}[${j}]`);
    })
  );
}

const all = () => true;
const SCRIPTS: Record<string, Script> = {
  "one variable misses a step": [all, (i) => i !== 3, all, all],
  "every other variable misses every other step": [all, (i) => i % 2 > 0, all, (i) => i % 2 > 0],
  "two halves by turns": [(i) => i < 4, (i) => i >= 4, (i) => i < 4, (i) => i >= 4, all, all],
  "variables come one by one": [(i) => i < 1, (i) => i < 2, (i) => i < 5, all, all],
  "a layer is frozen, then thawed": [all, (i) => i > 1, (i) => i > 1, all],
  "nobody, then all": [() => false, all],
};

for (const [name, script] of Object.entries(SCRIPTS)) {
  gpuTest(`as on the cpu: ${name}`, async () => {
    close(await run("webgpu", script), await run("cpu", script), script.length);
  });
}

gpuTest(
  "however sets of variables change, it stays one dispatch and no buffers pile up",
  async () => {
    const net = network(4);
    const optimizer = sgdf({});
    const part = (takesPart: (index: number) => boolean) =>
      Object.fromEntries(Object.entries(net.gradients).filter((_, index) => takesPart(index)));
    const sets = [all, (i: number) => i !== 3, (i: number) => i < 2, all].map(part);
    for (const gradients of sets) optimizer.applyGradients(gradients);
    const steps = await counting(() => {
      for (let round = 0; round < 20; round++) {
        for (const gradients of sets) {
          optimizer.applyGradients(gradients);
        }
      }
    });
    assert.equal(steps.dispatches, 80);
    // In the first round the counts of the variables have come apart: a table for each of 3 sets.
    assert.ok(steps.buffers <= 3 * 3, `${steps.buffers} buffers`);
    assert.ok(steps.bindGroups <= 3);
    net.dispose();
    optimizer.dispose();
  },
);

/** Runs the body under narrower limits than the device has. */
async function limited(
  limits: Partial<ReturnType<typeof contextOf>["limits"]>,
  body: () => Promise<void>,
): Promise<void> {
  const { device } = gpuBackend()!;
  const context = contextOf(device);
  context.states++; // so that the context is not given up in between
  const { limits: full } = context;
  context.limits = {
    maxBufferSize: full.maxBufferSize,
    maxComputeWorkgroupsPerDimension: full.maxComputeWorkgroupsPerDimension,
    maxStorageBufferBindingSize: full.maxStorageBufferBindingSize,
    minStorageBufferOffsetAlignment: full.minStorageBufferOffsetAlignment,
    ...limits,
  };
  try {
    await body();
  } finally {
    context.limits = full;
    context.states--;
  }
}

for (const size of [2 ** 18 + 4, 2 ** 18 + 300, 300001]) {
  gpuTest(`a variable of ${size} elements larger than a binding is split`, async () => {
    const step = async () => {
      const x = tf.tidy(() => tf.variable(tf.linspace(-1, 1, size), true, "x"));
      const gradient = tf.tidy(() => tf.sin(tf.linspace(0, 100, size)));
      const optimizer = adamf({ learningRate: 0.1 });
      const seen = await counting(() => {
        for (let step = 0; step < 3; step++) optimizer.applyGradients({ x: gradient });
      });
      const weights = await optimizer.getWeights();
      const result = await numbers([x, ...weights.map(({ tensor }) => tensor)]);
      tf.dispose([x, gradient]);
      optimizer.dispose();
      return { result, dispatches: seen.dispatches };
    };
    const whole = await step();
    assert.equal(whole.dispatches, 3);
    await limited({ maxStorageBufferBindingSize: 2 ** 18 }, async () => {
      const split = await step();
      assert.equal(split.dispatches, 3 * Math.ceil(4 * size / 2 ** 18));
      assert.deepEqual(split.result, whole.result);
    });
    await limited({ maxComputeWorkgroupsPerDimension: 100 }, async () => {
      const rows = await step();
      assert.equal(rows.dispatches, 3); // in two dimensions
      assert.deepEqual(rows.result, whole.result);
    });
  });
}

gpuTest("packed variables that do not fit one binding go to several pages", async () => {
  const script = [all, (i: number) => i !== 3, all];
  const expected = await run("webgpu", script);
  await limited({ maxStorageBufferBindingSize: 4096 }, async () => {
    assert.deepEqual(await run("webgpu", script), expected);
  });
});

gpuTest("a variable that is assigned between steps goes on from its new value", async () => {
  const run = async (backend: "cpu" | "webgpu") => {
    await useBackend(backend);
    const net = network(2);
    const optimizer = sgdf({ learningRate: 0.1 });
    for (let step = 0; step < 5; step++) {
      optimizer.applyGradients(net.gradients);
      if (step % 2 === 0) net.variables[step % 3]!.assign(tf.mul(net.variables[step % 3]!, 0.5));
    }
    const values = await numbers(net.variables);
    net.dispose();
    optimizer.dispose();
    return values;
  };
  close(await run("webgpu"), await run("cpu"), 5);
});

gpuTest("two optimizers on one device, with the same variables", async () => {
  const net = network(2);
  const optimizers = [sgdf({ learningRate: 0.1 }), adamf({ learningRate: 0.1 })];
  for (let step = 0; step < 3; step++) {
    for (const optimizer of optimizers) optimizer.applyGradients(net.gradients);
  }
  const together = await numbers(net.variables);
  net.dispose();
  optimizers.forEach((optimizer) => optimizer.dispose());
  await useBackend("cpu");
  const reference = network(2);
  const onCpu = [sgdf({ learningRate: 0.1 }), adamf({ learningRate: 0.1 })];
  for (let step = 0; step < 3; step++) {
    for (const optimizer of onCpu) optimizer.applyGradients(reference.gradients);
  }
  close(together, await numbers(reference.variables), 6);
  reference.dispose();
  onCpu.forEach((optimizer) => optimizer.dispose());
});
