import { type Adapter, adapter, type Backend, BACKENDS, startBackend } from "./backends.ts";
import type { Contestant } from "./contestants.ts";
import { describeMachine } from "./machine.ts";
import { type Cell, measure, type Result } from "./measure.ts";
import { planOf, type Selection, sizesOf } from "./options.ts";
import { Progress } from "./progress.ts";
import type { Recording } from "./report.ts";
import { WORKLOADS } from "./workloads.ts";

/** Who takes part, and what else has to do with it. */
export interface MeasureAllOptions {
  readonly contestants: readonly Contestant[];
  /** PyTorch's version; null without it. */
  readonly torch: string | null;
  /** Aborted when what has been measured so far is enough. */
  readonly signal?: AbortSignal;
}

/**
 * Measures everything that is asked for and can run here.
 *
 * @throws {Error} if that is nothing, or if a backend that was named cannot be measured
 */
export async function measureAll(
  selection: Selection,
  { contestants, torch, signal }: MeasureAllOptions,
): Promise<Recording> {
  const adapter = await findGraphics(selection);
  const machine = await describeMachine({ adapter, torch });
  const plan = planOf(selection);
  const backends = BACKENDS.filter(({ name }) =>
    selection.backend?.includes(name) ?? (name !== "webgpu" || adapter !== null)
  );
  const cells = cellsOf(selection, backends, contestants);
  if (cells.length === 0) {
    throw new Error("Cannot measure anything: --only, --sizes and --backend leave nothing over");
  }
  const progress = new Progress(cells.map(cost));
  const results: Result[] = [];
  try {
    for (const cell of cells) {
      if (signal?.aborted) break;
      await startBackend(cell.backend);
      const where = `${cell.backend.name} ${cell.workload.name}`;
      const report = (doing: string): void => progress.show(`${where}, ${doing}`);
      results.push(...await measure(cell, plan, report, signal));
      progress.next();
    }
  } finally {
    progress.clear();
  }
  const sizes = new Set(cells.map(({ workload }) => workload.parameters));
  const options: Recording["options"] = {
    quick: selection.quick,
    only: selection.only?.source ?? null,
    backend: backends.map(({ name }) => name),
    peers: torch !== null,
    sizes: [...sizes].toSorted((a, b) => a - b),
  };
  return { ...machine, options, plan, results };
}

/** Whether a contestant was wrong or failed. */
export function hasFailed({ results }: Pick<Recording, "results">): boolean {
  return results.some(({ status }) => status === "wrong" || status === "failed");
}

/**
 * The adapter if webgpu is to be timed, null if it is not: it is left out where there is none.
 *
 * @throws {Error} if there is none and it was asked for
 */
async function findGraphics({ backend }: Selection): Promise<Adapter | null> {
  if (!(backend?.includes("webgpu") ?? true)) return null;
  const found = await adapter();
  if (typeof found !== "string") return found;
  if (backend === undefined) return null;
  throw new Error(`Cannot measure webgpu: ${found}`);
}

/** What there is to measure. */
function cellsOf(
  selection: Selection,
  backends: readonly Backend[],
  contestants: readonly Contestant[],
): Cell[] {
  return backends
    .flatMap((backend) => {
      const sizes = sizesOf(selection, backend.name);
      return WORKLOADS
        .filter(({ parameters }) => sizes.has(parameters))
        .map((workload) => ({
          backend,
          workload,
          contestants: contestants.filter(({ name, backends }) =>
            backends.includes(backend.name) &&
            (selection.only?.test(`${backend.name} ${workload.name} ${name}`) ?? true)
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
