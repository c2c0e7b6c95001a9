/**
 * Times one optimizer step: the project's engines against tfjs's own optimizers and against loops
 * written by hand. `deno task bench --help` tells about the options.
 *
 * @module
 */
import { message } from "@optique/core";
import { run } from "@optique/run";
import { BACKENDS, startBackend } from "./backends.ts";
import { CONTESTANTS } from "./contestants.ts";
import { describeMachine } from "./machine.ts";
import { type Cell, measure, type Result } from "./measure.ts";
import { type Options, parser, planOf, sizesOf } from "./options.ts";
import { Progress } from "./progress.ts";
import { type Recording, report } from "./report.ts";
import { WORKLOADS } from "./workloads.ts";

if (import.meta.main) Deno.exitCode = await main();

/** Measures and reports; 1 if a contestant was wrong or failed. */
async function main(): Promise<number> {
  const options = run(parser, {
    programName: "bench",
    args: Deno.args,
    help: { option: true },
    showDefault: true,
    brief: message`Times one optimizer step on given gradients.`,
  });
  const machine = await describeMachine();
  const plan = planOf(options);
  const cells = cellsOf(options);
  if (cells.length === 0) {
    console.error("Cannot measure anything: --only, --sizes and --backend leave nothing over");
    return 1;
  }
  const progress = new Progress(cells.map(cost));
  const results: Result[] = [];
  for (const cell of cells) {
    await startBackend(cell.backend);
    const where = `${cell.backend.name} ${cell.workload.name}`;
    results.push(...await measure(cell, plan, (doing) => progress.show(`${where}, ${doing}`)));
    progress.next();
  }
  progress.clear();
  const text = report(machine, results);
  console.log(text);
  if (options.markdown !== undefined) await Deno.writeTextFile(options.markdown, text);
  if (options.json !== undefined) {
    const { quick, only, backend } = options;
    const asked = { quick, only: only?.source ?? null, backend, sizes: [...sizesOf(options)] };
    const recording: Recording = { ...machine, options: asked, plan, results };
    await Deno.writeTextFile(options.json, JSON.stringify(recording, null, 2) + "\n");
  }
  return results.some(({ status }) => status === "wrong" || status === "failed") ? 1 : 0;
}

/** What there is to measure. */
function cellsOf(options: Options): Cell[] {
  const sizes = sizesOf(options);
  return BACKENDS
    .filter(({ name }) => options.backend.includes(name))
    .flatMap((backend) =>
      WORKLOADS
        .filter(({ parameters }) => sizes.has(parameters))
        .map((workload) => ({
          backend,
          workload,
          contestants: CONTESTANTS.filter(({ name, backends }) =>
            backends.includes(backend.name) &&
            (options.only?.test(`${backend.name} ${workload.name} ${name}`) ?? true)
          ),
        }))
    )
    .filter(({ contestants }) => contestants.length > 0);
}

/** How long a cell takes, roughly, in an arbitrary unit. */
function cost({ backend, workload, contestants }: Cell): number {
  const slowness = backend.name === "cpu" ? 3 : 1;
  return contestants.length * (1 + slowness * workload.parameters / 1e6);
}
