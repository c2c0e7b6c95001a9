import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { adabelief, adamw, lion, momentum, nadam, radam, rmsprop } from "@signalfit/tfjs";
import golden from "../golden/docs/one_step.json" with { type: "json" };
import { backendTest } from "../support/test.ts";

const learningRate = 0.1;

/** Each row of the table: its name in the golden file, and ours. */
const ROWS: Record<keyof typeof golden.values, [string, () => tf.Optimizer]> = {
  momentum: ["momentum()", () => momentum({ learningRate })],
  nesterov: ["momentum({ nesterov: true })", () => momentum({ learningRate, nesterov: true })],
  adam: ["adamw({ weightDecay: 0 })", () => adamw({ learningRate, weightDecay: 0 })],
  adamw: ["adamw({ weightDecay: 0.01 })", () => adamw({ learningRate, weightDecay: 0.01 })],
  amsgrad: [
    "adamw({ weightDecay: 0.01, amsgrad: true })",
    () => adamw({ learningRate, weightDecay: 0.01, amsgrad: true }),
  ],
  nadam: ["nadam()", () => nadam({ learningRate })],
  radam: ["radam()", () => radam({ learningRate })],
  rmsprop: ["rmsprop({ alpha: 0.9 })", () => rmsprop({ learningRate, alpha: 0.9 })],
  lion: ["lion()", () => lion({ learningRate })],
  adabelief: ["adabelief()", () => adabelief({ learningRate })],
};

backendTest(
  "the numbers in docs/coming_from.md are those of PyTorch or the papers, and of this library",
  "cpu",
  async () => {
    const page = await Deno.readTextFile(new URL("../../docs/coming_from.md", import.meta.url));
    const lines = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
    for (const [name, [code, create]] of Object.entries(ROWS)) {
      const x = tf.tidy(() => tf.variable(tf.scalar(1), true, "x"));
      const optimizer = create();
      const theirs = golden.values[name as keyof typeof golden.values];
      let ours = NaN;
      for (const [step, g] of [0.5, -0.25, 0.75].entries()) {
        const gradient = tf.scalar(g);
        optimizer.applyGradients([{ name: "x", tensor: gradient }]);
        gradient.dispose();
        ours = (await x.data())[0]!;
        // Parameters of 1, rounded at each of 3 steps, and a direction of a dozen roundings.
        assert.ok(
          Math.abs(ours - theirs[step]!) < 16 * 2 ** -24,
          `${name}: ${ours}, ${theirs[step]}`,
        );
      }
      const row = lines.find((cells) =>
        cells[1] === `\`${code}\`` && /^0\.|^1\./.test(cells[2] ?? "")
      );
      assert.deepEqual(row?.slice(1, 4), [`\`${code}\``, theirs[2]!.toFixed(6), ours.toFixed(6)]);
      x.dispose();
      optimizer.dispose();
    }
  },
);

/** Parameters after steps with gradients, from 1. */
function steps(optimizer: tf.Optimizer, gradients: readonly number[]): number[] {
  const x = tf.tidy(() => tf.variable(tf.scalar(1), true, "x"));
  const values = gradients.map((g) => {
    const tensor = tf.scalar(g);
    optimizer.applyGradients([{ name: "x", tensor }]);
    tensor.dispose();
    return x.dataSync()[0]!;
  });
  x.dispose();
  optimizer.dispose();
  return values;
}

const GRADIENTS = [0.5, -0.25, 0.75, 0.125];

backendTest("the rows of tf.train lead to the same steps", "cpu", () => {
  const pairs: [tf.Optimizer, tf.Optimizer][] = [
    [tf.train.sgd(0.1), momentum({ learningRate: 0.1, momentum: 0 })],
    [tf.train.momentum(0.1, 0.8), momentum({ learningRate: 0.1, momentum: 0.8 })],
    [
      tf.train.momentum(0.1, 0.8, true),
      momentum({ learningRate: 0.1, momentum: 0.8, nesterov: true }),
    ],
    [
      tf.train.adam(0.1, 0.8, 0.9, 1e-3),
      adamw({ learningRate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weightDecay: 0 }),
    ],
    [
      // With epsilon 0, where it stands makes no difference; nor does a rate that stays.
      tf.train.rmsprop(0.1, 0.9, 0.5, 0, true),
      rmsprop({ learningRate: 0.1, alpha: 0.9, momentum: 0.5, epsilon: 0, centered: true }),
    ],
  ];
  for (const [theirs, ours] of pairs) {
    const [a, b] = [steps(theirs, GRADIENTS), steps(ours, GRADIENTS)];
    // Steps of up to .3, each of a dozen float32 operations; the centred root cancels 4 bits.
    a.forEach((value, i) => assert.ok(Math.abs(value - b[i]!) < 2 ** -20, `${a} and ${b}`));
  }
});

backendTest("Keras's epsilon hat and Nadam, as docs/coming_from.md has them", "cpu", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/coming_from.md", import.meta.url));
  const g = 1e-5, [beta2, epsilon] = [0.999, 1e-7];
  const root = Math.sqrt(1 - beta2);
  const keras = root * g / (root * g + epsilon);
  // One place after the decimal point less than float32 has, 1 being where it starts from.
  const [after] = steps(adamw({ learningRate: 1, weightDecay: 0, epsilon }), [g]);
  assert.ok(
    page.replaceAll(/\s+/g, " ").includes(
      `the first step is ${keras.toFixed(4)} in Keras and ${(1 - after!).toFixed(4)} here`,
    ),
  );

  // Keras's Nadam by its own formulas, in float64.
  let [x, m, v, product] = [1, 0, 0, 1];
  const u = (t: number) => 0.9 * (1 - 0.5 * 0.96 ** t);
  const expected = GRADIENTS.map((g, index) => {
    const t = index + 1;
    product *= u(t);
    m += (g - m) * (1 - 0.9);
    v += (g * g - v) * (1 - beta2);
    const mHat = u(t + 1) * m / (1 - product * u(t + 1)) + (1 - u(t)) * g / (1 - product);
    return x -= 0.1 * mHat / (Math.sqrt(v / (1 - beta2 ** t)) + 1e-7);
  });
  const ours = steps(nadam({ learningRate: 0.1, momentumDecay: 1, epsilon: 1e-7 }), GRADIENTS);
  // Four steps of a dozen float32 operations on numbers of up to 1.
  ours.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]!) < 48 * 2 ** -24, `${ours} and ${expected}`)
  );
});

backendTest("Lion with beta1 0 steps by the sign of the gradient", "cpu", () => {
  const values = steps(lion({ learningRate: 0.25, beta1: 0 }), GRADIENTS);
  assert.deepEqual(values, [0.75, 1, 0.75, 0.5]);
});
