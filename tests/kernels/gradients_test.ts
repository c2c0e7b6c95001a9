import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { installTrainingKernels } from "@signalfit/tfjs";
import { type BackendName, counts, useBackend } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";
import { hash, sizeOf } from "./against_cpu.ts";
import { GRADIENT_CASES, type GradientCase } from "./gradient_cases.ts";
import { LAYER_CASES, type LayerCase, NO_LAYER_CASES } from "./layer_cases.ts";

/** Numbers in a range that look random. */
function numbers(shape: readonly number[], seed: number, [low, high]: readonly [number, number]) {
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => low + (high - low) * hash(seed, i));
}

/** The arguments of a case, as numbers. */
function argumentsOf({ shapes, range = [-2, 2] }: GradientCase): Float32Array[] {
  return shapes.map((shape, at) => numbers(shape, 11 + at, range));
}

const tensorsOf = ({ shapes }: GradientCase, values: readonly Float32Array[]) =>
  shapes.map((shape, at) => tf.tensor(values[at]!, [...shape], "float32"));

/** The factor of each number of a result in the sum whose gradient is taken. */
const factors = (size: number) => Float32Array.from({ length: size }, (_, i) => hash(99, i) - 0.5);

/** The value of a case, and the gradient for each of its arguments. */
async function evaluate(example: GradientCase): Promise<number[][]> {
  const outputs = tf.tidy(() => {
    const x = tensorsOf(example, argumentsOf(example));
    const y = example.run(...x);
    const dy = tf.tensor(factors(y.size), y.shape, "float32");
    return [y, ...tf.grads(example.run)(x, dy)];
  });
  const values = await Promise.all(outputs.map((output) => output.data()));
  tf.dispose(outputs);
  return values.map((array) => [...array]);
}

/** What is wrong with the gradients of a case, by differences of its values; undefined if nothing is. */
async function differs(example: GradientCase): Promise<string | undefined> {
  const [, ...gradients] = await evaluate(example);
  const values = argumentsOf(example);
  const sumAt = (x: readonly Float32Array[]) =>
    tf.tidy(() => {
      const y = example.run(...tensorsOf(example, x)).dataSync<"float32">();
      return factors(y.length).reduce((sum, factor, i) => sum + factor * y[i]!, 0);
    });
  for (const [at, gradient] of gradients.entries()) {
    const every = Math.max(1, Math.floor(gradient.length / 40));
    for (let i = 0; i < gradient.length; i += every) {
      const [less, more] = [-1, 1].map((side) =>
        values.map((array, other) => other === at ? array.with(i, array[i]! + side * 2e-3) : array)
      ) as [Float32Array[], Float32Array[]];
      const slope = (sumAt(more) - sumAt(less)) / (more[at]![i]! - less[at]![i]!);
      // sums of float32 near 1, divided by 4e-3: off by some 1e-4; a wrong gradient is off by more
      if (!(Math.abs(slope - gradient[i]!) <= 0.02 * (1 + Math.abs(slope)))) {
        return `gradient ${at} is ${gradient[i]} at ${i}, the slope ${slope}`;
      }
    }
  }
  return undefined;
}

/** The names of the cases with which something is wrong. */
async function failing(
  cases: readonly GradientCase[],
  check: (example: GradientCase) => Promise<string | undefined>,
): Promise<string[]> {
  const names = new Set<string>();
  for (const example of cases) {
    const wrong = await check(example).catch((error) => (error as Error).message);
    if (wrong !== undefined) names.add(example.name);
  }
  return [...names].sort();
}

/**
 * What is left wrong on every backend, in tfjs itself: gradients of AvgPool3D at padded edges, of
 * floorDiv (it is flat), of mirrored paddings, which count what is mirrored once; of operations on
 * pairs whose spread operand needs a gradient; of complex numbers; and of prod, which calls chained
 * operations that only the whole tfjs registers.
 */
const WRONG = [
  ...["AvgPool3D", "ComplexAbs", "FloorDiv", "Maximum", "Minimum", "MirrorPad", "Prod"],
  "SquaredDifference",
];
/** What is wrong with tfjs alone. */
const WRONG_ALONE: Readonly<Record<"cpu" | "wasm", readonly string[]>> = {
  cpu: [...WRONG, "AvgPool", "Einsum", "ResizeBilinear", "ResizeNearestNeighbor"],
  wasm: [
    ...[...WRONG, "AvgPool", "Conv2D", "Conv2DBackpropInput", "Conv3D", "DepthwiseConv2dNative"],
    ...["Dilation2D", "Einsum", "GatherV2", "MaxPool", "UnsortedSegmentSum"],
  ],
};

Deno.test("there is a case for each gradient that tfjs registers", () => {
  const names = Object.values<unknown>(tf).filter((value) => typeof value === "string")
    .filter((name) => tf.getGradient(name) !== undefined);
  const covered = new Set(GRADIENT_CASES.map(({ name }) => name));
  assert.ok(names.length > 90, `${names.length} names`);
  assert.deepEqual(names.filter((name) => !covered.has(name)), []);
});

for (const backend of ["cpu", "wasm"] as const) {
  backendTest(
    `gradients are slopes, and the exceptions are known: ${backend}`,
    backend,
    async () => {
      installTrainingKernels();
      const own = backend === "wasm" ? ["Dilation2D"] : []; // its kernel takes zero for the lowest number
      assert.deepEqual(await failing(GRADIENT_CASES, differs), [...WRONG, ...own].sort());
    },
  );

  backendTest(`what tfjs alone gets wrong is known: ${backend}`, backend, async () => {
    installTrainingKernels().uninstall();
    try {
      assert.deepEqual(await failing(GRADIENT_CASES, differs), [...WRONG_ALONE[backend]].sort());
    } finally {
      installTrainingKernels();
    }
  });
}

/** The names of the cases whose values or gradients are not those of the cpu backend. */
async function unlikeCpu(backend: BackendName, relative: number): Promise<string[]> {
  const own = GRADIENT_CASES.filter(({ name }) => !WRONG.includes(name));
  await useBackend("cpu");
  const expected = new Map<GradientCase, number[][]>();
  for (const example of own) expected.set(example, await evaluate(example));
  await useBackend(backend);
  return failing(own, async (example) => {
    const actual = await evaluate(example);
    for (const [at, values] of expected.get(example)!.entries()) {
      for (const [i, value] of values.entries()) {
        const got = actual[at]![i]!;
        if (!(Math.abs(got - value) <= relative * (1 + Math.abs(value)))) {
          return `${got} for ${value}`;
        }
      }
    }
    return undefined;
  });
}

backendTest("values and gradients on wasm are those on cpu", "wasm", async () => {
  installTrainingKernels();
  // at most 60 terms of some units, each rounded: 60 x 2^-24
  assert.deepEqual(await unlikeCpu("wasm", 60 * 2 ** -24), ["Dilation2D"]);
});

backendTest(
  "values and gradients on webgpu are those on cpu: nothing is missing",
  "webgpu",
  async () => {
    installTrainingKernels();
    // asin and acos of a driver may be off by 1e-3
    assert.deepEqual(await unlikeCpu("webgpu", 1e-3), []);
  },
);

/** The result of a layer, and the gradients of a sum of it for inputs and weights. */
async function trained(example: LayerCase): Promise<number[][]> {
  const inputs = example.shapes.map((shape) => tfl.input({ shape: [...shape] }));
  const layer = example.make();
  const output = layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs, outputs: output });
  const weights = model.getWeights().map(({ shape }, at) =>
    tf.tensor(numbers(shape, 50 + at, [0.1, 1]), shape)
  );
  model.setWeights(weights);
  const x = example.shapes.map((shape, at) => {
    const values = numbers([2, ...shape], 70 + at, example.indices ? [0, 4.9] : [-1, 1]);
    return tf.tensor(example.indices ? values.map(Math.floor) : values, [2, ...shape]);
  });
  const outputs = tf.tidy(() => {
    const apply = (...x: tf.Tensor[]) =>
      model.apply(x.length === 1 ? x[0]! : x, { training: true }) as tf.Tensor;
    const sum = (...x: tf.Tensor[]) => {
      const y = apply(...x);
      return tf.sum(tf.mul(y, tf.tensor(factors(y.size), y.shape))) as tf.Scalar;
    };
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const own = variables.length === 0
      ? {}
      : tf.variableGrads(() => sum(...x), variables).grads as Record<string, tf.Tensor>;
    const toInputs = example.indices ? [] : tf.grads(sum)(x);
    return [apply(...x), ...toInputs, ...variables.map(({ name }) => own[name]!)];
  });
  const values = await Promise.all(outputs.map((output) => output.data()));
  tf.dispose([outputs, weights, x]);
  model.dispose();
  return values.map((array) => [...array]);
}

Deno.test("there is a case for each layer", () => {
  const covered = new Set([...LAYER_CASES.map(({ name }) => name), ...NO_LAYER_CASES]);
  assert.deepEqual(Object.keys(tfl.layers).filter((name) => !covered.has(name)), []);
});

for (const backend of ["wasm", "webgpu"] as const) {
  backendTest(`all layers train on ${backend} as on cpu`, backend, async () => {
    installTrainingKernels();
    for (const example of LAYER_CASES) {
      await useBackend("cpu");
      const expected = await trained(example);
      await useBackend(backend);
      const before = counts();
      const actual = await trained(example);
      assert.deepEqual(counts().tensors, before.tensors, example.name);
      assert.equal(actual.length, expected.length);
      for (const [at, values] of expected.entries()) {
        assert.equal(actual[at]!.length, values.length);
        for (const [i, value] of values.entries()) {
          const got = actual[at]![i]!;
          assert.ok(Number.isFinite(got), `${example.name}: ${got}`);
          // some hundred roundings of numbers below 10, and webgpu's functions off by more
          const tolerance = (backend === "webgpu" ? 1e-3 : 1e-4) * (1 + Math.abs(value));
          if (example.random) continue;
          assert.ok(Math.abs(got - value) <= tolerance, `${example.name} ${at}: ${got}, ${value}`);
        }
      }
    }
  });
}
