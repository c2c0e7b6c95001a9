/**
 * Times one optimizer step: the project's engines against tfjs's own optimizers and against loops
 * written by hand. `deno task bench --help` tells about the options.
 *
 * @module
 */
import { message } from "@optique/core";
import { run } from "@optique/run";
import { type Adapter, adapter, type Backend, BACKENDS, startBackend } from "./backends.ts";
import { type Contestant, CONTESTANTS, torchContestants } from "./contestants.ts";
import { describeMachine } from "./machine.ts";
import { type Cell, measure, type Result } from "./measure.ts";
import { type Options, parser, planOf, sizesOf } from "./options.ts";
import { Torch } from "./peers/torch.ts";
import { Progress } from "./progress.ts";
import { type Recording, report } from "./report.ts";
import { WORKLOADS } from "./workloads.ts";

if (import.meta.main) Deno.exitCode = await main();

/** Measures and reports; 1 if a contestant was wrong or failed. */
async function main(): Promise<number> {
  const options = run(parser, {
    programName: "bench",
    args: Deno.args[0] === "--" ? Deno.args.slice(1) : Deno.args, // `deno task bench -- --quick`
    help: { option: true },
    showDefault: true,
    brief: message`Times one optimizer step on given gradients.`,
  });
  const graphics = await findGraphics(options);
  if (typeof graphics === "string") {
    console.error(`Cannot measure webgpu: ${graphics}`);
    return 1;
  }
  const torch = options.peers ? await Torch.start() : undefined;
  if (typeof torch === "string") console.error(`Without PyTorch: ${torch}`);
  const peer = torch instanceof Torch ? torch : undefined;
  try {
    return await measureAll(options, graphics, peer);
  } finally {
    await peer?.stop();
  }
}

/** The same with all that there is. */
async function measureAll(
  options: Options,
  adapter: Adapter | null,
  torch: Torch | undefined,
): Promise<number> {
  const machine = await describeMachine({ adapter, torch: torch?.version ?? null });
  const plan = planOf(options);
  const backends = BACKENDS.filter(({ name }) =>
    options.backend?.includes(name) ?? (name !== "webgpu" || adapter !== null)
  );
  const contestants = [...CONTESTANTS, ...torch === undefined ? [] : torchContestants(torch)];
  const cells = cellsOf(options, backends, contestants);
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
    const { quick, only, peers } = options;
    const asked = {
      quick,
      only: only?.source ?? null,
      backend: backends.map(({ name }) => name),
      peers,
      sizes: [...new Set(cells.map(({ workload }) => workload.parameters))].toSorted((a, b) =>
        a - b
      ),
    };
    const recording: Recording = { ...machine, options: asked, plan, results };
    await Deno.writeTextFile(options.json, JSON.stringify(recording, null, 2) + "\n");
  }
  return results.some(({ status }) => status === "wrong" || status === "failed") ? 1 : 0;
}

/**
 * The adapter if webgpu is to be timed, null if it is not: it is left out where there is none,
 * unless it was asked for. Then the reason.
 */
async function findGraphics({ backend }: Options): Promise<Adapter | null | string> {
  if (!(backend?.includes("webgpu") ?? true)) return null;
  const found = await adapter();
  return typeof found === "string" && backend === undefined ? null : found;
}

/** What there is to measure. */
function cellsOf(
  options: Options,
  backends: readonly Backend[],
  contestants: readonly Contestant[],
): Cell[] {
  return backends
    .flatMap((backend) => {
      const sizes = sizesOf(options, backend.name);
      return WORKLOADS
        .filter(({ parameters }) => sizes.has(parameters))
        .map((workload) => ({
          backend,
          workload,
          contestants: contestants.filter(({ name, backends }) =>
            backends.includes(backend.name) &&
            (options.only?.test(`${backend.name} ${workload.name} ${name}`) ?? true)
          ),
        }));
    })
    .filter(({ contestants }) => contestants.length > 0);
}

/** How long a cell takes, roughly, in an arbitrary unit. */
function cost({ backend, workload, contestants }: Cell): number {
  const slowness = { cpu: 3, wasm: 1, webgpu: 1 }[backend.name];
  const tensors = backend.name === "webgpu" ? workload.shapes.length : 0;
  return contestants.length * (1 + tensors / 20 + slowness * workload.parameters / 1e6);
}
