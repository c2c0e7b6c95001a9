import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { installTrainingKernels } from "@signalfit/tfjs";
import { useBackend } from "../support/backends.ts";
import values from "./torch/values.json" with { type: "json" };

interface Numbers {
  readonly shape: number[];
  readonly values: number[];
}

/** What PyTorch computed in float64, by torch/values.py. */
interface Recorded {
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly dy: Numbers;
  readonly output: Numbers;
  readonly gradients: Readonly<Record<string, Numbers>>;
}

type Block = (inputs: Record<string, tf.Tensor>) => tf.Tensor;
type T4 = tf.Tensor4D;

const conv = (stride: number, pad: "valid" | number): Block => ({ x, filter }) =>
  tf.conv2d(x as T4, filter as T4, stride, pad, "NHWC", 1, pad === "valid" ? undefined : "floor");
const depthwise: Block = ({ x, filter }) => tf.depthwiseConv2d(x as T4, filter as T4, 1, "valid");

const BLOCKS: Readonly<Record<string, Block>> = {
  "conv, valid": conv(1, "valid"),
  "conv, padded by 1, stride 2": conv(2, 1),
  depthwise,
  "depthwise, two of each": depthwise,
  embedding: ({ table, words }) => tf.gather(table!, tf.cast(words!, "int32") as tf.Tensor2D),
  lstm: ({ x, kernel, recurrent, bias }) => {
    let [h, c] = [tf.zeros([2, 2]), tf.zeros([2, 2])];
    const outputs = tf.unstack(x!, 1).map((step) => {
      const sum = tf.add(tf.add(tf.matMul(step, kernel!), tf.matMul(h, recurrent!)), bias!);
      const [i, f, g, o] = tf.split(sum, 4, 1);
      c = tf.add(tf.mul(tf.sigmoid(f!), c), tf.mul(tf.sigmoid(i!), tf.tanh(g!)));
      return h = tf.mul(tf.sigmoid(o!), tf.tanh(c));
    });
    return tf.stack(outputs, 1);
  },
  attention: ({ query, key, value }) =>
    tf.matMul(
      tf.softmax(tf.div(tf.matMul(query!, key!, false, true), Math.sqrt(3))),
      value!,
    ),
};

const tensorOf = ({ shape, values }: Numbers) => tf.tensor(Float32Array.from(values), shape);

/** float32 beside float64: some hundred roundings of numbers as great as the greatest one. */
function assertNear(actual: tf.Tensor, { shape, values }: Numbers, what: string): void {
  assert.deepEqual(actual.shape, shape, what);
  const most = Math.max(...values.map(Math.abs));
  const got = actual.dataSync();
  values.forEach((value, at) => {
    assert.ok(Math.abs(got[at]! - value) <= 200 * 2 ** -24 * most, `${what}: ${got[at]}, ${value}`);
  });
}

for (const backend of ["cpu", "wasm"] as const) {
  for (const [name, block] of Object.entries(BLOCKS)) {
    Deno.test(`${name} on ${backend} is PyTorch's, forwards and backwards`, async () => {
      await useBackend(backend);
      installTrainingKernels();
      const { inputs, dy, output, gradients } =
        (values as unknown as Record<string, Recorded>)[name]!;
      tf.tidy(() => {
        const tensors = Object.fromEntries(
          Object.entries(inputs).map(([name, numbers]) => [name, tensorOf(numbers)]),
        );
        const wanted = Object.keys(gradients);
        const run = (...own: tf.Tensor[]) =>
          block({ ...tensors, ...Object.fromEntries(own.map((x, at) => [wanted[at]!, x])) });
        const own = wanted.map((name) => tensors[name]!);
        assertNear(run(...own), output, "output");
        tf.grads(run)(own, tensorOf(dy)).forEach((gradient, at) => {
          assertNear(gradient, gradients[wanted[at]!]!, `gradient of ${wanted[at]}`);
        });
      });
    });
  }

  Deno.test(`tfjs's LSTM layer on ${backend} is PyTorch's`, async () => {
    await useBackend(backend);
    installTrainingKernels();
    const { inputs, dy, output, gradients } = (values as unknown as Record<string, Recorded>).lstm!;
    const layer = tfl.layers.lstm({
      units: 2,
      inputShape: [4, 3],
      returnSequences: true,
      recurrentActivation: "sigmoid",
      recurrentInitializer: "zeros",
    });
    const model = tfl.sequential({ layers: [layer] });
    model.setWeights([inputs.kernel!, inputs.recurrent!, inputs.bias!].map(tensorOf));
    tf.tidy(() => {
      const x = tensorOf(inputs.x!);
      assertNear(model.apply(x) as tf.Tensor, output, "output");
      const loss = () => tf.sum(tf.mul(model.apply(x) as tf.Tensor, tensorOf(dy))) as tf.Scalar;
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const { grads } = tf.variableGrads(loss, variables);
      ["kernel", "recurrent", "bias"].forEach((name, at) => {
        const gradient = (grads as Record<string, tf.Tensor>)[variables[at]!.name]!;
        assertNear(gradient, gradients[name]!, `gradient of ${name}`);
      });
    });
    model.dispose();
  });
}
