import { drawSamples, ERD } from "@signalfit/tfjs/diffusion";
import * as tf from "@tensorflow/tfjs-core";
import { Chart } from "./chart.ts";
import { type Choice, Controls, type Session } from "./controls.ts";
import type { Digits } from "./data.ts";
import { newDenoiser } from "./denoiser.ts";
import { ring, smallDigits } from "./diffusion_data.ts";
import { find } from "./elements.ts";
import { count, fixed } from "./format.ts";
import { OPTIMIZERS } from "./optimizers.ts";
import { Runs } from "./runs.ts";
import { SampleView } from "./sample_view.ts";
import { Tiles } from "./tiles.ts";
import { Turns, valueOf } from "./training.ts";

const PROCESS = { target: "v", path: "cosine" } as const;
const READ_EVERY = 4;
const SAMPLING_STEPS = 24;

/** Shows how a denoiser is trained with ERD, and what it makes of noise. */
export function diffusionSection(section: HTMLElement, digits: Digits): Controls {
  const field = (name: string) => find(section, `[name=${name}]`, HTMLSelectElement);
  const [kind, mode] = [field("data"), field("mode")];
  const tiles = new Tiles(find(section, "[data-part=tiles]", HTMLElement), {
    step: "Step",
    loss: "Raw loss",
    samples: "Samples",
    speed: "Speed",
  });
  const chart = (name: string) => find(section, `[data-chart=${name}]`, HTMLElement);
  const lossChart = new Chart(chart("loss"), {
    title: "Raw loss, whatever the weighting",
    x: "step",
    isLog: true,
    format: fixed,
  });
  const levelChart = new Chart(chart("levels"), {
    title: "By noise level t",
    x: "t",
    format: fixed,
  });
  const view = new SampleView(section);
  const runs = new Runs();

  const wanted = () => kind.value === "ring" ? ring() : smallDigits(digits);

  function begin({ optimizer: name, rate }: Choice): Session {
    const data = wanted();
    const { size, samples, batchSize, sampleEvery, clip } = data;
    const optimizer = OPTIMIZERS[name].create(rate);
    const erd = new ERD({ ...PROCESS, mode: mode.value as "closed", measure: true, warmup: 100 });
    const denoiser = newDenoiser(size, data.hidden);
    const model = erd.wrap(denoiser);
    model.compile({ optimizer, loss: erd.loss, metrics: [erd.rawLoss] });
    const run = runs.begin(`${kind.value}, ${mode.value}, ${name} ${rate}`);
    view.begin(data);

    async function draw(step: number): Promise<void> {
      const began = performance.now();
      const shape = [samples, size];
      const made = await drawSamples(denoiser, {
        ...PROCESS,
        steps: SAMPLING_STEPS,
        shape,
        seed: 7,
        clip,
      });
      view.add(step, await made.data());
      made.dispose();
      const milliseconds = Math.round(performance.now() - began);
      tiles.set("samples", count(samples), `drawn in ${milliseconds} ms`);
      const known = erd.report().bins.filter(({ recoverability }) =>
        Number.isFinite(recoverability)
      );
      const x = known.map(({ t }) => t);
      levelChart.show([
        { name: "recoverable part", color: 0, x, y: known.map((bin) => bin.recoverability) },
        { name: "raw loss", color: 1, x, y: known.map(({ loss }) => loss) },
        { name: "weight", color: 2, isDashed: true, x, y: known.map(({ weight }) => weight) },
      ]);
    }

    const turns = new Turns(async (step, logs) => {
      if (step % READ_EVERY === 0 || step === 1) {
        const loss = run.add("loss", step, await valueOf(logs, "rawLoss"), 0.9);
        lossChart.show(runs.lines("loss"));
        tiles.set("loss", fixed(loss), "running mean");
        tiles.set("step", count(step), `${batchSize} samples each`);
        const speed = count(step * batchSize / turns.seconds);
        tiles.set("speed", speed, "samples a second");
      }
      if (step % sampleEvery === 0) await draw(step);
    });

    async function train(): Promise<void> {
      const x0 = tf.tensor2d(data.values, [data.count, size]), labels = erd.labels(x0);
      try {
        await draw(0);
        await model.fit(x0, labels, {
          batchSize,
          epochs: Number.MAX_SAFE_INTEGER,
          callbacks: [erd, turns],
          verbose: 0,
        });
      } finally {
        tf.dispose([x0, labels]);
        model.dispose();
        optimizer.dispose();
        erd.dispose();
      }
    }
    return { turns, done: train() };
  }
  const controls = new Controls(section, begin, () => wanted().pace);
  kind.addEventListener("change", () => controls.suggestRate());
  return controls;
}
