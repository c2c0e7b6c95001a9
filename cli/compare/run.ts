import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit_codes.ts";
import { writeJson } from "../lib/terminal.ts";
import { note as noteTo } from "../lib/note.ts";
import { checkOutputs, PAGE, PICTURE, RUN_RECORD, RUN_TABLE } from "../lib/outputs.ts";
import { inputsOf } from "../train/inputs.ts";
import { writeWhole } from "../lib/write_whole.ts";
import { OPTIMIZERS } from "../train/optimizers.ts";
import { prepare } from "../train/prepare.ts";
import { compareChart } from "./chart.ts";
import type { CompareOptions } from "./command.ts";
import { contestantsOf } from "./plan.ts";
import { resultOf, settingOf, toCsv, words } from "./print.ts";
import { Records } from "./records.ts";
import { runAll } from "./run_all.ts";
import { type RecordedRun, runsOf } from "./runs.ts";
import { summarize } from "./summary.ts";
import { summaryTable } from "./table.ts";

/** Trains with every optimizer, rate and seed, and prints and draws what came out. */
export async function runCompare(
  options: CompareOptions,
  { signal, stdout, stderr }: Context,
): Promise<ExitCode> {
  const note = noteTo(stderr);
  const contestants = contestantsOf(
    options.optimizers,
    options.learningRates,
    options.given,
    note,
  );
  const unscheduled = contestants.filter(({ optimizer }) => OPTIMIZERS[optimizer].from === "tfjs");
  if ((options.schedule !== undefined || options.warmup > 0) && unscheduled.length > 0) {
    const labels = new Set(unscheduled.map(({ label }) => label));
    note(`Without the schedule, which tfjs's optimizers do not take: ${[...labels].join(", ")}`);
  }
  const prepared = await prepare(options, signal, note);
  await checkOutputs([
    { option: "--out", path: options.out, holds: PICTURE },
    { option: "--csv", path: options.csv, holds: RUN_TABLE },
    { option: "--record", path: options.record, holds: RUN_RECORD },
    { option: "--report", path: options.report, holds: PAGE },
  ], inputsOf(options));
  const records = await Records.open<RecordedRun>(options.record);
  const runs = runsOf(options, prepared, contestants);
  const done = runs.filter(({ settings }) => records.find(settings) !== undefined).length;
  if (done > 0) note(`${done} of ${runs.length} runs are in ${options.record} already`);
  const finished = await runAll(options, prepared, runs, records, { signal, stdout, stderr });

  const isClasses = prepared.dataset.task === "classification";
  const summaries = summarize(contestants, finished, isClasses);
  const interrupted = finished.length < runs.length;
  const files: Record<string, string> = { record: options.record };
  if (summaries.length > 0 && !interrupted) {
    const title = `Optimizers on ${prepared.dataset.name}`;
    const subtitle = settingOf(options, prepared);
    const chart = { title, subtitle, summaries, finished, isClasses };
    await writeWhole(options.out, compareChart(chart));
    files.out = options.out;
    if (options.csv !== undefined) {
      await writeWhole(options.csv, toCsv(finished));
      files.csv = options.csv;
    }
  }
  if (options.report !== undefined) files.report = options.report;
  if (options.json) {
    writeJson(stdout, resultOf(options, prepared, { summaries, finished, interrupted, files }));
  } else {
    const style = { isClasses, hasColors: stdout.hasColors };
    if (summaries.length > 0) stdout.write(`${summaryTable(summaries, style)}\n`);
    stdout.write(`${words(summaries, options, interrupted)}\n`);
    if (interrupted) {
      stdout.write(
        `Stopped after ${finished.length} of ${runs.length} runs, which are in ${options.record}. ` +
          `The same command goes on from there.\n`,
      );
    } else {
      stdout.write(`Picture: ${options.out}\nRuns: ${options.record}\n`);
      if (files.csv !== undefined) stdout.write(`Table of runs: ${files.csv}\n`);
    }
  }
  return interrupted ? EXIT.interrupted : EXIT.ok;
}
