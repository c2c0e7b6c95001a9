import type { Context } from "./context.ts";
import type { NormLimit } from "../engine.ts";
import { DirectPass } from "./direct_pass.ts";
import { NormPass } from "./norm_pass.ts";
import { PackedPass } from "./packed_pass.ts";
import { type GpuState, padded, Page } from "./page.ts";
import type { Job, Pass } from "./pass.ts";

/** Variables of more elements are bound directly; smaller ones are packed. */
export const PACKED_ELEMENTS: number = 2 ** 18;

/** How many plans a device keeps: sets of variables that come by turns. */
const KEPT_PLANS = 8;

/** The passes of a step for one set of variables, made once and used at every step. */
export class Plan {
  readonly #passes: readonly Pass[];
  readonly #pages: ReadonlySet<Page>;

  readonly #norms: NormPass | undefined;

  constructor(passes: readonly Pass[], pages: ReadonlySet<Page>, norms?: NormPass) {
    this.#passes = passes;
    this.#norms = norms;
    this.#pages = pages;
  }

  uses(page: Page): boolean {
    return this.#pages.has(page);
  }

  /** Writes the step's numbers and encodes its copies and dispatches. */
  encode(encoder: GPUCommandEncoder, jobs: readonly Job[]): void {
    for (const pass of this.#passes) pass.write(jobs);
    for (const pass of this.#passes) pass.before(encoder, jobs);
    this.#norms?.encode(encoder, jobs);
    const compute = encoder.beginComputePass();
    for (const pass of this.#passes) pass.dispatch(compute, jobs);
    compute.end();
    for (const pass of this.#passes) pass.after(encoder, jobs);
  }

  /** Told when the step's results have become the variables' values. */
  done(jobs: readonly Job[]): void {
    for (const pass of this.#passes) pass.done(jobs);
  }

  dispose(): void {
    for (const pass of this.#passes) pass.dispose();
    this.#norms?.dispose();
  }
}

/** The plan for a step's variables, made if there is none yet. */
export function planFor(context: Context, jobs: readonly Job[], limit?: NormLimit): Plan {
  const { plans } = context;
  const key = jobs.map(({ work: { rule, state } }) => `${state.id} ${context.idOf(rule)}`).join() +
    (limit === undefined ? "" : ` ${limit.kind} ${limit.limit}`);
  let plan = plans.get(key) as Plan | undefined;
  if (plan === undefined) {
    plan = makePlan(context, jobs, limit);
    if (plans.size >= KEPT_PLANS) {
      const [oldest, unused] = plans.entries().next().value!;
      unused.dispose();
      plans.delete(oldest);
    }
  } else {
    plans.delete(key); // to the end: the one used last goes last
  }
  plans.set(key, plan);
  return plan;
}

function makePlan(context: Context, jobs: readonly Job[], limit: NormLimit | undefined): Plan {
  const indices = jobs.map((_, index) => index);
  const isBig = (index: number) => jobs[index]!.work.state.size > PACKED_ELEMENTS;
  const encoder = context.device.createCommandEncoder();
  for (const index of indices.filter(isBig)) placeAlone(context, jobs[index]!, encoder);
  const small = indices.filter((index) => !isBig(index));
  const emptied = groupBy(small, (index) => jobs[index]!.work.rule.slots.length)
    .flatMap((group) => placeTogether(context, group.map((index) => jobs[index]!), encoder));
  context.device.queue.submit([encoder.finish()]);
  for (const page of emptied) page.destroy(); // what was copied out of them is on its way

  const packed = groupBy(small, (index) => jobs[index]!.work.rule)
    .flatMap((sameRule) => groupBy(sameRule, (index) => jobs[index]!.work.state.page!));
  const passes = [
    ...packed.map((members) =>
      new PackedPass(
        context,
        jobs[members[0]!]!.work.state.page!,
        members,
        jobs,
        limit?.kind === "variable",
      )
    ),
    ...indices.filter(isBig).map((index) => new DirectPass(context, index, jobs[index]!)),
  ];
  return new Plan(
    passes,
    new Set(jobs.map(({ work }) => work.state.page!)),
    limit && new NormPass(context, passes, jobs.length, limit),
  );
}

/** Gives the state of a big variable a page of its own. */
function placeAlone(context: Context, { work }: Job, encoder: GPUCommandEncoder): void {
  const { state, rule, variable } = work;
  if (state.page !== undefined) return;
  const doing = `allocating the state of "${variable.name}" for ${rule.name}`;
  state.moveTo(new Page(context, state.slots, padded(state.size), doing), encoder);
}

/**
 * Brings the states of small variables into one page, or into as few as the largest binding allows.
 * The variables of the step come first, in their order; others that were in the same pages follow.
 * Returns the pages that are empty now.
 */
function placeTogether(
  context: Context,
  jobs: readonly Job[],
  encoder: GPUCommandEncoder,
): Page[] {
  const states = jobs.map(({ work }) => work.state);
  const pages = new Set(states.map(({ page }) => page));
  if (pages.size === 1 && !pages.has(undefined)) return [];
  const neighbours = [...pages].flatMap((page) => [...page?.states ?? []]);
  const all = [...new Set<GpuState>([...states, ...neighbours])];
  const { maxStorageBufferBindingSize, maxBufferSize } = context.limits;
  const most = Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / 16) * 4;
  const names = jobs.map(({ work }) => work.variable.name);
  const doing = `allocating the state of ${list(names)} for ${jobs[0]!.work.rule.name}`;
  while (all.length > 0) {
    let elements = 0;
    const fits = all.findIndex(({ size }) => (elements += padded(size)) > most);
    const batch = all.splice(0, fits < 0 ? all.length : fits);
    const capacity = batch.reduce((sum, { size }) => sum + padded(size), 0);
    const page = new Page(context, batch[0]!.slots, capacity, doing);
    for (const state of batch) state.moveTo(page, encoder);
  }
  return [...pages].filter((page) => page !== undefined);
}

/** Names for a message: the first few, and how many more. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `"${name}"`).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

function groupBy<T, Key>(items: readonly T[], key: (item: T) => Key): T[][] {
  const groups = new Map<Key, T[]>();
  for (const item of items) {
    const group = groups.get(key(item)) ?? [];
    group.push(item);
    groups.set(key(item), group);
  }
  return [...groups.values()];
}
