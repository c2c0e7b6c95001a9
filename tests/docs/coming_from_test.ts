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
