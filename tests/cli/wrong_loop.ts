// The program with a loop engine that makes every step a thousandth too far.
import * as tf from "@tensorflow/tfjs-core";
import { main } from "../../cli/main.ts";
import { loop } from "../../src/engines/loop.ts";

const { step } = loop;
loop.step = (work, limit) => {
  const before = work.map(({ variable }) => variable.clone());
  step(work, limit);
  tf.tidy(() => {
    work.forEach(({ variable }, index) => {
      const moved = tf.sub(variable, before[index]!);
      variable.assign(tf.add(variable, tf.mul(moved, 1e-3)));
    });
  });
  tf.dispose(before);
};

await main();
