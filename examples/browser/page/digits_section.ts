import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { Chart } from "./chart.ts";
import { type Choice, Controls, type Session } from "./controls.ts";
import { brightness, type Digits, SIDE } from "./data.ts";
import { DigitGrid } from "./digit_grid.ts";
import { find } from "./elements.ts";
import { count, fixed, percent, short } from "./format.ts";
import { OPTIMIZERS } from "./optimizers.ts";
import { Runs } from "./runs.ts";
import { Tiles } from "./tiles.ts";
import { Turns, valueOf } from "./training.ts";

const BATCH = 64;
/** Steps between two readings of the loss, and between two tests. */
const READ_EVERY = 4, TEST_EVERY = 20;
const CLASSES = 10;

/** Shows how a network learns to read digits. */
export function digitsSection(
  section: HTMLElement,
  data: { train: Digits; test: Digits },
): Controls {
  const tiles = new Tiles(find(section, "[data-part=tiles]", HTMLElement), {
    step: "Step",
    loss: "Training loss",
    accuracy: "Test accuracy",
    speed: "Speed",
    engine: "Engine",
  });
  const chart = (name: string) => find(section, `[data-chart=${name}]`, HTMLElement);
  const lossChart = new Chart(chart("loss"), {
    title: "Training loss",
    x: "step",
    isLog: true,
    format: fixed,
  });
  const accuracyChart = new Chart(chart("accuracy"), {
    title: "Test accuracy",
    x: "step",
    range: [0, 1],
    format: percent,
    tick: (share) => `${short(100 * share)} %`,
  });
  const grid = new DigitGrid(section, data.test);
  const runs = new Runs();

  const xs = rows(data.train), tests = rows(data.test);
  const ys = tf.tidy(() => tf.oneHot(tf.tensor1d(Array.from(data.train.labels), "int32"), CLASSES));

  function begin({ optimizer: name, rate }: Choice): Session {
    const optimizer = OPTIMIZERS[name].create(rate);
    const model = newModel();
    model.compile({ optimizer, loss: "categoricalCrossentropy" });
    const run = runs.begin(`${name} ${rate}`);

    async function test(step: number): Promise<void> {
      const classes = tf.tidy(() => tf.argMax(model.predictOnBatch(tests) as tf.Tensor, 1));
      const read = await classes.data();
      classes.dispose();
      const right = data.test.labels.reduce((sum, label, i) => sum + Number(label === read[i]), 0);
      const accuracy = run.add("accuracy", step, right / data.test.count);
      tiles.set("accuracy", percent(accuracy), `${count(right)} of ${count(data.test.count)}`);
      accuracyChart.show(runs.lines("accuracy"));
      grid.show(read);
    }

    const turns = new Turns(async (step, logs) => {
      if (step % READ_EVERY === 0 || step === 1) {
        const loss = run.add("loss", step, await valueOf(logs, "loss"), 0.85);
        lossChart.show(runs.lines("loss"));
        tiles.set("loss", fixed(loss), "running mean");
        tiles.set("step", count(step), `${BATCH} digits each`);
        tiles.set("speed", count(step * BATCH / turns.seconds), "digits a second");
        tiles.set("engine", optimizer.engine ?? "–", `runs ${name}`);
      }
      if (step % TEST_EVERY === 0) await test(step);
    });

    async function train(): Promise<void> {
      try {
        await test(0);
        await model.fit(xs, ys, {
          batchSize: BATCH,
          epochs: Number.MAX_SAFE_INTEGER,
          callbacks: [turns],
          verbose: 0,
        });
      } finally {
        model.dispose();
        optimizer.dispose();
      }
    }
    return { turns, done: train() };
  }
  return new Controls(section, begin);
}

function newModel(): tfl.Sequential {
  const { dense } = tfl.layers, { heNormal, glorotUniform } = tfl.initializers;
  return tfl.sequential({
    layers: [
      dense({
        inputShape: [SIDE * SIDE],
        units: 128,
        activation: "relu",
        kernelInitializer: heNormal({ seed: 1 }),
      }),
      dense({
        units: CLASSES,
        activation: "softmax",
        kernelInitializer: glorotUniform({ seed: 2 }),
      }),
    ],
  });
}

function rows(digits: Digits): tf.Tensor2D {
  return tf.tensor2d(brightness(digits), [digits.count, SIDE * SIDE]);
}
