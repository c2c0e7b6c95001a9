import { join } from "node:path";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit_codes.ts";
import { isFirst } from "../lib/team.ts";
import { writeJson } from "../lib/terminal.ts";
import { note as noteTo } from "../lib/note.ts";
import { checkOutputs, PAGE, PICTURE, RUN_RECORD, RUN_TABLE } from "../lib/outputs.ts";
import { inputsOf } from "../train/inputs.ts";
import { checkWritableDirectory } from "../lib/writable.ts";
import { writeWhole } from "../lib/write_whole.ts";
import { OPTIMIZERS } from "../train/optimizers.ts";
import { prepareModels } from "../train/prepare.ts";
import { compareChart } from "./chart.ts";
import type { CompareOptions } from "./command.ts";
import { contestantsOf } from "./plan.ts";
import { optionLines, resultOf, settingOf, toCsv, words } from "./print.ts";
import { Records } from "./records.ts";
import { type Made, runAll } from "./run_all.ts";
import { planOf, type RecordedRun } from "./runs.ts";
import { summarize } from "./summary.ts";
import { summaryTable } from "./table.ts";

/** Trains with every optimizer, rate and seed, and prints and draws what came out. */
export async function runCompare(
  given: CompareOptions,
  { signal, stdout, stderr, team = null }: Context,
): Promise<ExitCode> {
  // Each rank of a team makes runs of its own; what they have in common is rank 0's to write.
  const options = isFirst(team) ? given : { ...given, live: false, report: undefined };
  const note = noteTo(stderr);
  const variants = contestantsOf(options.optimizers, options.learningRates, options.given, note);
  const unscheduled = variants.filter(({ optimizer }) => OPTIMIZERS[optimizer].from === "tfjs");
  if ((options.schedule !== undefined || options.warmup > 0) && unscheduled.length > 0) {
    const labels = new Set(unscheduled.map(({ label }) => label));
    note(`Without the schedule, which tfjs's optimizers do not take: ${[...labels].join(", ")}`);
  }
  const asked = options.models.length === 0 ? [undefined] : options.models;
  const models = await prepareModels(asked, options, signal, note);
  const { dataset } = models[0]!;
  for (const directory of [options.resume, options.tensorboard]) {
    if (directory !== undefined) await checkWritableDirectory(directory);
  }
  const path = options.record ??
    (options.resume === undefined ? undefined : join(options.resume, "runs.jsonl"));
  await checkOutputs(
    [
      { option: "--out", path: options.out, holds: PICTURE },
      { option: "--csv", path: options.csv, holds: RUN_TABLE },
      { option: "--record", path, holds: RUN_RECORD },
      { option: "--report", path: options.report, holds: PAGE },
    ],
    asked.flatMap((model) => inputsOf({ data: options.data, model })),
  );
  const records = await Records.open<RecordedRun>(isFirst(team) ? path : undefined);
  const { contestants, runs } = planOf(options, models, variants);
  const done = runs.filter(({ settings }) => records.find(settings) !== undefined).length;
  if (done > 0) note(`${done} of ${runs.length} runs are in ${path} already`);
  const made = await runAll(options, runs, records, { signal, stdout, stderr, team });
  const { finished } = made;
  if (!isFirst(team)) return finished.length < runs.length ? EXIT.interrupted : EXIT.ok;

  const isClasses = dataset.task === "classification";
  const summaries = summarize(contestants, finished, isClasses);
  const interrupted = finished.length < runs.length;
  const files: Record<string, string> = {};
  if (path !== undefined) files.record = path;
  if (summaries.length > 0 && !interrupted) {
    const title = `Optimizers on ${dataset.name}`;
    const subtitle = settingOf(options, models);
    const chart = { title, subtitle, summaries, finished, isClasses, epochEnds: epochEnds(models) };
    await writeWhole(options.out, compareChart(chart));
    files.out = options.out;
    if (options.csv !== undefined) {
      await writeWhole(options.csv, toCsv(finished));
      files.csv = options.csv;
    }
  }
  if (options.report !== undefined) files.report = options.report;
  if (options.tensorboard !== undefined) files.tensorboard = options.tensorboard;
  if (options.json) {
    writeJson(stdout, resultOf(options, models, { summaries, finished, interrupted, files }));
  } else {
    const columns = stdout.isTerminal ? stdout.columns : Infinity;
    const style = { isClasses, hasColors: stdout.hasColors, columns };
    if (summaries.length > 0) stdout.write(`${summaryTable(summaries, style)}\n`);
    const tell = noteTo(stdout);
    tell(words(summaries, options, interrupted));
    if (summaries.length > 0) {
      stdout.write(optionLines(contestants, options, stdout.isTerminal ? columns : 100));
    }
    if (interrupted) tell(howItStopped(made, runs.length, options, path));
    else {
      const NAMES = {
        out: "Picture",
        record: "Runs",
        csv: "Table of runs",
        report: "Page",
        tensorboard: "Event files",
      };
      for (const [key, label] of Object.entries(NAMES)) {
        if (files[key] !== undefined) stdout.write(`${label}: ${files[key]}\n`);
      }
    }
  }
  if (interrupted) return EXIT.interrupted;
  return summaries.some(({ test }) => test !== null) ? EXIT.ok : EXIT.failed;
}

/** What is there after Ctrl-C, and how to go on. */
function howItStopped(
  { finished, stopped }: Made,
  runs: number,
  { resume }: CompareOptions,
  kept: string | undefined,
): string {
  const at = stopped === null || stopped.steps === 0
    ? ""
    : `, in ${stopped.name} after ${stopped.steps} of ${stopped.of} steps at a loss of ` +
      `${Number(stopped.loss.toPrecision(4))}`;
  const where = kept === undefined ? "" : `; those are in ${kept}`;
  const next = resume !== undefined
    ? "The same command goes on from here."
    : kept !== undefined
    ? "The same command goes on from there."
    : "With --resume DIR it would go on from here.";
  return `Stopped after ${finished.length} of ${runs} runs${at}${where}. ${next}`;
}

/** Where epochs end, if that is the same for all and they are not many. */
function epochEnds(models: readonly { readonly epochs: number; readonly batches: number }[]) {
  const [{ epochs, batches }] = models as [typeof models[number]];
  const isSame = models.every((each) => each.batches === batches);
  const most = Math.max(...models.map((each) => each.epochs));
  if (!isSame || most > 10 || epochs < 1) return [];
  return Array.from({ length: most - 1 }, (_, i) => (i + 1) * batches);
}
