/**
 * Does ERD do what its paper says, at a scale that two cores can try? `deno task study:erd --help`
 * tells about the options.
 *
 * @module
 */
import { dirname } from "node:path";
import { message } from "@optique/core";
import { run } from "@optique/run";
import { startBackend } from "../../cli/lib/backend.ts";
import { describeMachine } from "../../cli/bench/machine.ts";
import { Progress } from "../../cli/bench/progress.ts";
import { type Digits, loadDigits } from "./digits.ts";
import { type Options, parser } from "./options.ts";
import {
  DATA,
  type DataName,
  isOutcomeOf,
  type Outcome,
  runsOf,
  settingsOf,
  TARGETS,
  WEIGHTINGS,
} from "./plan.ts";
import { Records } from "./records.ts";
import { reportSection } from "./report.ts";
import { ring, ringFloor } from "./ring.ts";
import { trainRun } from "./train_run.ts";
import { RULE } from "./verdicts.ts";
import { taskArguments } from "../../cli/lib/task_arguments.ts";

const SEEDS: Readonly<Record<DataName, number>> = { ring: 8, digits: 5 };

async function main(options: Options): Promise<void> {
  const { quick, out = "runs/erd_study.jsonl" } = options;
  const { backend } = await startBackend("wasm", []);
  await Deno.mkdir(dirname(out), { recursive: true });
  const records = await Records.open<Outcome>(out);
  const sections: string[] = [];
  for (const data of options.data ?? DATA) sections.push(await study(data, options, records));
  const machine = await describeMachine({ adapter: null, torch: null });
  console.log([
    "# ERD against other weightings of the loss",
    `${machine.date}: signalfit ${machine.versions.signalfit}, Deno ${machine.versions.deno}, ` +
    `TensorFlow.js ${machine.versions.tfjs} on ${backend}, ${machine.os}, ` +
    `${machine.cpu.cores} x ${machine.cpu.model}, load ${machine.load.toFixed(1)}.`,
    ...quick ? ["A quick run: it shows that all works, and nothing about ERD."] : [],
    RULE,
    ...sections,
  ].join("\n\n"));
}

/** Makes the runs of a data set that are not recorded yet, and reports on all that were asked for. */
async function study(data: DataName, options: Options, records: Records<Outcome>): Promise<string> {
  const { quick } = options;
  const settings = settingsOf(data, options.steps ?? (quick ? 8 : 4000), quick);
  const targets = options.targets ?? (data === "ring" ? TARGETS : ["epsilon", "x0", "v"] as const);
  const weightings = WEIGHTINGS.filter((name) =>
    name === "uniform" || (options.weightings?.includes(name) ?? true)
  );
  const seeds = options.seeds ?? (quick ? 2 : SEEDS[data]);
  const runs = runsOf({ data, targets, weightings, seeds });
  const missing = runs.filter((run) => !records.with(settings).some(isOutcomeOf(run)));
  const digits = data === "digits" ? await loadDigits(quick ? { limit: 2000 } : {}) : undefined;
  const progress = new Progress(missing.map(() => 1));
  for (const run of missing) {
    progress.show(`${data} ${run.target} ${run.weighting}, seed ${run.seed}`);
    await records.add(await trainRun(run, settings, digits ?? ring));
    progress.next();
  }
  progress.clear();
  return reportSection({
    ...about(digits, settings.samples),
    settings,
    outcomes: runs.flatMap((run) => records.with(settings).filter(isOutcomeOf(run)).slice(0, 1)),
  });
}

/** What there is to say of a data set. */
function about(digits: Digits | undefined, samples: number) {
  if (digits === undefined) {
    return {
      title: "A ring of eight tight modes",
      distance: "squared MMD",
      about:
        `Distance: squared MMD of ${samples} samples and as many fresh points, without bias. ` +
        `Floor: the loss of the best denoiser, by quadrature; excess: what the trained one adds.`,
      floor: ringFloor,
    };
  }
  const { accuracy, least } = digits;
  return {
    title: "MNIST digits of 8 x 8 pixels",
    distance: "Frechet distance",
    about: `Distance: Frechet, of ${samples} samples from the test images, on 32 features of a ` +
      `classifier that names ${(100 * accuracy).toFixed(1)} % of these rightly; 2000 training ` +
      `images are at ${least.toFixed(2)}.`,
  };
}

if (import.meta.main) {
  await main(run(parser, {
    programName: "study:erd",
    args: taskArguments(Deno.args),
    help: { option: true },
    brief: message`Compares weightings of a diffusion model's loss with paired seeds.`,
  }));
}
