/**
 * Which gamma, epsilon and learning rate for SGDF and AdamF? `deno task study:choosing --help` tells about
 * the options.
 *
 * @module
 */
import { dirname } from "node:path";
import { type InferValue, integer, message, object, option, optional, string } from "@optique/core";
import { run } from "@optique/run";
import { startBackend } from "../../cli/lib/backend.ts";
import { writeWhole } from "../../cli/lib/write_whole.ts";
import { describeMachine } from "../../cli/bench/machine.ts";
import { Progress } from "../../cli/bench/progress.ts";
import { choosingChart } from "./choosing/chart.ts";
import { loadDigits } from "./choosing/digits.ts";
import { experiments, keyOf, type Outcome, runsOf, type Settings } from "./choosing/plan.ts";
import { reportExperiment } from "./choosing/report.ts";
import { trainChoice } from "./choosing/train_choice.ts";
import { Records } from "./records.ts";
import { taskArguments } from "../../cli/lib/task_arguments.ts";

const parser = object({
  seeds: optional(option("--seeds", integer({ metavar: "N", min: 1 }), {
    description: message`Seeds of each; 3.`,
  })),
  quick: option("--quick", {
    description:
      message`Tiny networks, few images, one seed: shows that all works, and nothing else.`,
  }),
  out: optional(option("--out", string({ metavar: "FILE" }), {
    description:
      message`File of the outcomes, one a line; runs that are in it are not repeated. runs/choosing.jsonl.`,
  })),
  picture: optional(option("--picture", string({ metavar: "FILE.svg" }), {
    description: message`Where to draw test loss over learning rate.`,
  })),
});

async function main(options: InferValue<typeof parser>): Promise<void> {
  const { quick, out = "runs/choosing.jsonl", seeds = quick ? 1 : 3 } = options;
  const settings: Settings = quick
    ? { images: 256, epochs: 1, units: 4 }
    : { images: 10_000, epochs: 2, units: 64 };
  const { backend } = await startBackend("wasm", []);
  await Deno.mkdir(dirname(out), { recursive: true });
  const records = await Records.open<Outcome>(out);
  const list = experiments(), runs = runsOf(list, seeds);
  const done = new Set(records.with(settings).map((o) => `${keyOf(o)} ${o.seed}`));
  const missing = runs.filter((run) => !done.has(`${keyOf(run)} ${run.seed}`));
  const digits = await loadDigits(settings.images);
  const progress = new Progress(missing.map(({ batchSize }) => 1 + 32 / batchSize));
  for (const { seed, ...choice } of missing) {
    progress.show(`${choice.optimizer} at ${choice.learningRate}, seed ${seed}`);
    await records.add(await trainChoice(choice, seed, settings, digits));
    progress.next();
  }
  progress.clear();

  const outcomes = records.with(settings).filter(({ seed }) => seed < seeds);
  const machine = await describeMachine({ adapter: null, torch: null });
  const about = `${settings.images} images of MNIST, ${settings.epochs} epochs, one hidden layer ` +
    `of ${settings.units}, batches of 32, mean of ${seeds} seeds`;
  console.log([
    "# Choosing gamma, epsilon and the learning rate",
    `${machine.date}: signalfit ${machine.versions.signalfit}, Deno ${machine.versions.deno}, ` +
    `TensorFlow.js ${machine.versions.tfjs} on ${backend}, ${machine.cpu.model}.`,
    `Loss on all test images, and its standard error: ${about}; ${outcomes.length} runs.`,
    ...quick ? ["A quick run: it shows that all works, and nothing else."] : [],
    ...list.map((experiment) => reportExperiment(experiment, outcomes)),
  ].join("\n\n"));
  if (options.picture !== undefined) {
    await writeWhole(options.picture, choosingChart(outcomes, about));
    console.log(`\nPicture: ${options.picture}`);
  }
}

if (import.meta.main) {
  await main(run(parser, {
    programName: "study:choosing",
    args: taskArguments(Deno.args),
    help: { option: true },
    brief: message`Trains a network on MNIST over gamma, epsilon, learning rate and batch size.`,
  }));
}
