/**
 * Times one optimizer step: the project's engines against tfjs's own optimizers and against loops
 * written by hand. `deno task bench --help` tells about the options.
 *
 * @module
 */
import { message } from "@optique/core";
import { run } from "@optique/run";
import { CONTESTANTS } from "../cli/bench/contestants.ts";
import { hasFailed, measureAll } from "../cli/bench/measure_all.ts";
import { report } from "../cli/bench/report.ts";
import { runMain } from "../cli/lib/run_main.ts";
import { writeWhole } from "../cli/lib/write_whole.ts";
import { EXIT, type ExitCode } from "../cli/exit_codes.ts";
import { type Options, parser } from "./options.ts";
import { torchContestants } from "./peers/contestants.ts";
import { Torch } from "./peers/torch.ts";
import { reportTargets } from "./targets.ts";
import { taskArguments } from "../cli/lib/task_arguments.ts";

if (import.meta.main) {
  const options = run(parser, {
    programName: "bench",
    args: taskArguments(Deno.args),
    help: { option: true },
    showDefault: true,
    brief: message`Times one optimizer step on given gradients.`,
    errorExitCode: EXIT.usage,
  });
  await runMain((signal) => main(options, signal));
}

/** Measures and reports; 1 if a contestant was wrong or failed. */
async function main(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const torch = options.peers ? await Torch.start() : undefined;
  if (typeof torch === "string") console.error(`Without PyTorch: ${torch}`);
  const peer = torch instanceof Torch ? torch : undefined;
  try {
    const recording = await measureAll(options, {
      contestants: [...CONTESTANTS, ...peer === undefined ? [] : torchContestants(peer)],
      torch: peer?.version ?? null,
      signal,
    });
    const { results } = recording;
    const text = report(recording, results, reportTargets(results));
    console.log(text);
    if (options.markdown !== undefined) await writeWhole(options.markdown, text);
    if (options.json !== undefined) {
      await writeWhole(options.json, JSON.stringify(recording, null, 2) + "\n");
    }
    return hasFailed(recording) ? EXIT.failed : EXIT.ok;
  } finally {
    await peer?.stop();
  }
}
