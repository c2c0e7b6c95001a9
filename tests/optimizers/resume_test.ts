import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, fileSystem, momentum, sgdf } from "@signalfit/tfjs";
import { counts, useBackend } from "../support/backends.ts";
import { ENGINES } from "../support/engines.ts";
import { backendTest } from "../support/test.ts";
import { smallData, smallModel, weightsOf } from "../support/models.ts";

interface Outcome {
  names: string[];
  weights: number[][];
  state: number[][];
  config: Record<string, unknown>;
  iterations: number;
}

async function child(...args: string[]): Promise<Outcome> {
  const script = fileURLToPath(new URL("resume_child.ts", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", script, ...args],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

for (const name of ["sgdf", "adamf", "centred", "adamw", "momentum", "nadam"]) {
  Deno.test(`${name}: saved, loaded in a new process and continued, bit for bit`, async () => {
    const directory = await Deno.makeTempDir();
    try {
      const whole = await child("whole", name, `${directory}/whole`);
      await child("first half", name, `${directory}/half`);
      const plain = await child("second half", name, `${directory}/half`);
      const beside = await child("second half beside another model", name, `${directory}/half`);
      assert.deepEqual(plain, whole);
      assert.ok(beside.names.every((name) => name.endsWith("_1")), "the names gained a suffix");
      assert.deepEqual({ ...beside, names: whole.names }, whole);
      assert.equal(whole.iterations, 18);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

for (const { engine, backend } of ENGINES) {
  backendTest(
    `weights go from optimizer to optimizer, ${engine} on ${backend}`,
    backend,
    async () => {
      const before = counts();
      const variables = ["a", "b"].map((name) => variable([1, 2, 3], name));
      const gradients = { a: tf.tensor1d([1, 2, 3]), b: tf.tensor1d([-1, 0, 1]) };
      const first = adamf({ learningRate: 0.1, engine });
      for (let step = 0; step < 3; step++) first.applyGradients(gradients);
      const start = variables.map((variable) => tf.clone(variable));
      const weights = await first.getWeights();
      assert.deepEqual(
        weights.map(({ name }) => name),
        ["AdamF/iterations", ..."ab"].flatMap((name) =>
          name.length > 1 ? [name] : ["step", "m", "s", "v"].map((slot) => `${name}/${slot}`)
        ),
      );
      // Into a new optimizer, the variables in another order and one more of them.
      const second = adamf({ learningRate: 0.1, engine });
      await second.setWeights(weights.toReversed());
      assert.equal(second.iterations, 3);
      assert.equal(second.stepsOf("a"), 3);
      const added = variable([5], "c");
      const one = tf.ones([1]);
      first.applyGradients(gradients);
      const expected = await numbers(variables);
      variables.forEach((variable, index) => variable.assign(start[index]!));
      second.applyGradients({ c: one, b: gradients.b, a: gradients.a });
      assert.deepEqual(await numbers(variables), expected);
      assert.equal(second.stepsOf("c"), 1);

      const settled = counts();
      for (let again = 0; again < 3; again++) await first.getWeights();
      assert.deepEqual(counts(), settled, "asking again leaves tensors behind");
      [first, second].forEach((optimizer) => optimizer.dispose());
      tf.dispose([variables, start, added, one, gradients]);
      assert.deepEqual(counts(), before);
    },
  );
}

Deno.test("state moves along when the engine changes between steps", async () => {
  const run = async (backends: ("cpu" | "wasm")[], engines: ("loop" | "portable")[]) => {
    await useBackend("cpu");
    const x = variable([1, 2, 3], "x");
    let optimizer = sgdf({ engine: engines[0]! });
    for (let step = 0; step < 4; step++) {
      await useBackend(backends[step % backends.length]!);
      const next = sgdf({ engine: engines[step % engines.length]! });
      await next.setWeights(await optimizer.getWeights());
      optimizer.dispose();
      optimizer = next;
      const gradient = tf.tensor1d([1, -2, step]);
      optimizer.applyGradients({ x: gradient });
      gradient.dispose();
    }
    const values = [...x.dataSync()];
    const weights = await optimizer.getWeights();
    const state = weights.map(({ tensor }) => [...tensor.dataSync()]);
    tf.dispose(x);
    optimizer.dispose();
    return [values, ...state].flat();
  };
  const reference = await run(["cpu"], ["loop"]);
  const mixed = [
    await run(["cpu", "wasm"], ["loop"]),
    await run(["wasm"], ["portable", "loop"]),
    await run(["cpu", "wasm"], ["portable"]),
  ];
  for (const result of mixed) {
    result.forEach((value, i) => {
      const allowed = 64 * 2 ** -24 * (1 + Math.abs(reference[i]!));
      assert.ok(Math.abs(value - reference[i]!) <= allowed, `${value} for ${reference[i]}`);
    });
  }
});

Deno.test("auto: one optimizer goes on when the backend changes", async () => {
  await useBackend("cpu");
  const x = variable([1, 2, 3], "x");
  const optimizer = sgdf({ learningRate: 0.1 });
  const reference: number[][] = [];
  for (const backends of [["cpu", "cpu", "cpu"], ["cpu", "wasm", "cpu"]] as const) {
    for (const backend of backends) {
      await useBackend(backend);
      const gradient = tf.tensor1d([1, -1, 0.5]);
      optimizer.applyGradients({ x: gradient });
      gradient.dispose();
    }
    reference.push([...x.dataSync()]);
    x.assign(tf.tidy(() => tf.tensor1d([1, 2, 3])));
    optimizer.dispose();
  }
  assert.deepEqual(reference[1], reference[0]);
  x.dispose();
});

Deno.test("a state that does not fit is refused, and the old one kept", async () => {
  await useBackend("cpu");
  const x = variable([1, 2], "x");
  const gradient = tf.tensor1d([1, 1]);
  const optimizer = sgdf({});
  optimizer.applyGradients({ x: gradient });
  const weights = await optimizer.getWeights();
  const state = async () => numbers((await optimizer.getWeights()).map(({ tensor }) => tensor));
  const before = await state();
  const copy = (await optimizer.getWeights()).map(({ name, tensor }) => ({
    name,
    tensor: tf.clone(tensor),
  }));
  const replaced = (name: string, tensor: tf.Tensor) =>
    copy.map((weight) => weight.name === name ? { name, tensor } : weight);
  const refused = (list: typeof weights, why: RegExp) =>
    assert.rejects(optimizer.setWeights(list), why);
  await refused([], /no "\.\.\.\/iterations" among the 0 weights/);
  await refused(copy.filter(({ name }) => name !== "x/s"), /the slot "s" of "x" is missing/);
  await refused(copy.filter(({ name }) => name !== "x/step"), /the slot "step" of "x" is missing/);
  await refused([...copy, { name: "x/v", tensor: gradient }], /"x\/v" is no slot .* are m, s/);
  await refused(replaced("x/s", tf.ones([3])), /"x\/s" must have shape \[2\], got \[3\]/);
  await refused(replaced("x/s", tf.ones([2], "int32")), /"x\/s" must be float32, got int32/);
  await refused(replaced("x/step", tf.scalar(-1, "int32")), /"x\/step" must be a whole number/);
  const other = momentum({});
  await assert.rejects(other.setWeights(copy), /into SignalfitMomentum: it was saved by SGDF/);
  assert.deepEqual(await state(), before);

  await optimizer.setWeights(replaced("x/step", tf.scalar(7, "int32")));
  assert.equal(optimizer.stepsOf("x"), 7);
  const wide = adamf({});
  await wide.setWeights([
    { name: "AdamF/iterations", tensor: tf.scalar(1, "int32") },
    { name: "x/step", tensor: tf.scalar(1, "int32") },
    ...["m", "s", "v"].map((slot) => ({ name: `x/${slot}`, tensor: tf.ones([3]) })),
  ]);
  assert.throws(() => wide.applyGradients({ x: gradient }), /"x": its state was kept for shape/);
  assert.deepEqual([...x.dataSync()], [0.5, 1.5]);
  tf.dispose([x, gradient]);
});

Deno.test("what was loaded for a frozen layer is saved again", async () => {
  await useBackend("cpu");
  const [a, b] = [variable([1], "a"), variable([1], "b")];
  const gradient = tf.ones([1]);
  const first = sgdf({});
  first.applyGradients({ a: gradient, b: gradient });
  const second = sgdf({});
  await second.setWeights(await first.getWeights());
  second.applyGradients({ a: gradient });
  const third = sgdf({});
  await third.setWeights(await second.getWeights());
  assert.deepEqual([third.stepsOf("a"), third.stepsOf("b")], [2, 1]);
  tf.dispose([a, b, gradient]);
});

Deno.test("saving and loading a model leaves no tensor beyond the optimizer's", async () => {
  await useBackend("cpu");
  const { xs, ys } = smallData(32);
  const directory = await Deno.makeTempDir();
  const model = smallModel();
  const optimizer = sgdf({});
  model.compile({ optimizer, loss: "categoricalCrossentropy" });
  await model.fit(xs, ys, { epochs: 1, verbose: 0 });
  await model.save(fileSystem(directory), { includeOptimizer: true });
  const before = counts();
  for (let again = 0; again < 3; again++) {
    await model.save(fileSystem(directory), { includeOptimizer: true });
    const loaded = await tfl.loadLayersModel(fileSystem(directory));
    assert.deepEqual(await weightsOf(loaded), await weightsOf(model));
    loaded.dispose();
    (loaded.optimizer as tf.Optimizer).dispose();
  }
  assert.deepEqual(counts(), before);
  await Deno.remove(directory, { recursive: true });
  model.dispose();
  optimizer.dispose();
  tf.dispose([xs, ys]);
});

function numbers(tensors: tf.Tensor[]): Promise<number[][]> {
  return Promise.all(tensors.map(async (tensor) => [...await tensor.data()]));
}

function variable(values: number[], name: string): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor1d(values), true, name));
}
