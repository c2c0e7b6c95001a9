import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit_codes.ts";
import { writeJson } from "../lib/terminal.ts";
import { BENCH_REPORT, checkOutputs } from "../lib/outputs.ts";
import { writeWhole } from "../lib/write_whole.ts";
import type { BenchOptions } from "./command.ts";
import { CONTESTANTS } from "./contestants.ts";
import { hasFailed, measureAll } from "./measure_all.ts";
import { report } from "./report.ts";

/** Measures and prints the tables, after Ctrl-C those there are; 1 if a contestant was wrong. */
export async function runBench(
  { full, json, out, ...selection }: BenchOptions,
  { signal, stdout, stderr }: Context,
): Promise<ExitCode> {
  await checkOutputs([{ option: "--out", path: out, holds: BENCH_REPORT }], []);
  const recording = await measureAll({ ...selection, quick: !full }, {
    contestants: CONTESTANTS,
    torch: null,
    signal,
  });
  const text = report(recording, recording.results);
  if (json) writeJson(stdout, recording);
  else stdout.write(text);
  if (out !== undefined) {
    await writeWhole(out, text);
    stderr.write(`The tables are in ${out}\n`);
  }
  if (signal.aborted) stderr.write("Stopped before the end: the tables hold what there is.\n");
  return hasFailed(recording) ? EXIT.failed : EXIT.ok;
}
