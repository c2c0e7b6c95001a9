import { setTimeout } from "node:timers/promises";
import type { Backend, BackendName } from "./backends.ts";
import { perStep, type Timing } from "./clocks.ts";
import { type Contestant, COPY, REFERENCE } from "./contestants.ts";
import { countStep, type StepCounts } from "./counts.ts";
import { summarize, type Summary } from "./statistics.ts";
import type { Trial } from "./trials.ts";
import { validate } from "./validate.ts";
import { createInputs, type Inputs } from "./inputs.ts";
import { sizeName, type Workload } from "./workloads.ts";

/** How long to measure. */
export interface Plan {
  /** Rounds at most; in each, every contestant makes one sample. */
  readonly rounds: number;
  /** Rounds at least, however slow a contestant is. */
  readonly leastRounds: number;
  /** Milliseconds of a sample: so many steps are made in a row. */
  readonly sample: number;
  /** The same where a device must be waited for, which alone may take ten. */
  readonly deviceSample: number;
  /** Milliseconds of work, validation included, before the clock counts. */
  readonly warmUp: number;
  /** The same on a device, where waiting and compiling shaders take most of it. */
  readonly deviceWarmUp: number;
  /** Milliseconds for all samples of a contestant; slower ones sit out rounds. */
  readonly share: number;
  /** By how much to lower the sizes that slow contestants are timed with. */
  readonly hurry: number;
}

/** What became of a contestant on a workload and a backend. */
export interface Result {
  readonly backend: BackendName;
  readonly workload: string;
  readonly parameters: number;
  readonly contestant: string;
  /** "wrong": not what the formula gives; "failed": threw; "left out": too slow at this size. */
  readonly status: "timed" | "wrong" | "failed" | "left out";
  /** Why it was not timed. */
  readonly reason: string | null;
  /** Steps in a row for each sample. */
  readonly stepsPerSample: number;
  /** Milliseconds a step on the wall, everything being done, in the order of the rounds. */
  readonly samples: readonly number[];
  readonly milliseconds: Summary | null;
  /** The same on the clock of the processor, all threads of the process together. */
  readonly processor: Summary | null;
  /** The same until the calls returned, without waiting for a device. */
  readonly calls: Summary | null;
  /** What a step asks of a device; null without one. */
  readonly counts: StepCounts | null;
  /** How many times as fast as tf.train.adam, by the medians of the same rounds. */
  readonly timesReference: number | null;
  /** The contestant that does the same in another way. */
  readonly peer: string | null;
  /** How many times as fast as the peer. */
  readonly timesPeer: number | null;
  /** The formula's least traffic over the median: bytes a second that served the purpose. */
  readonly bytesPerSecond: number | null;
  /** The same as a share of the plain copy's. */
  readonly shareOfCopy: number | null;
}

/** One workload on one backend. */
export interface Cell {
  readonly backend: Backend;
  readonly workload: Workload;
  readonly contestants: readonly Contestant[];
}

/** A contestant that may be timed. */
interface Entrant {
  readonly contestant: Contestant;
  readonly trial: Trial;
  readonly steps: number;
  readonly rounds: number;
  readonly counts: StepCounts | null;
  readonly samples: Timing[];
}

/** A result before it is compared with others. */
interface Outcome extends Pick<Result, "status" | "reason" | "stepsPerSample" | "counts"> {
  readonly samples: readonly Timing[];
}

/**
 * Times the contestants of a cell in interleaved rounds on the current backend, after each has been
 * found to be right. All of them stay alive together, so that each round sees the same machine.
 *
 * @param report is told what is being done
 * @param signal aborted when the rounds so far are enough
 */
export async function measure(
  { backend, workload, contestants }: Cell,
  plan: Plan,
  report: (doing: string) => void,
  signal?: AbortSignal,
): Promise<Result[]> {
  const inputs = createInputs(workload);
  for (const { tensors } of inputs.gradients) backend.upload?.(tensors);
  const outcomes = new Map<Contestant, Outcome>();
  const entrants: Entrant[] = [];
  try {
    for (const contestant of contestants) {
      report(`${contestant.name}: validation`);
      await setTimeout(0); // so that a signal comes through
      const outcome = signal?.aborted ? STOPPED : await enter(contestant, inputs, backend, plan);
      if ("trial" in outcome) entrants.push(outcome);
      else outcomes.set(contestant, outcome);
    }
    for (let round = 0; round < plan.rounds; round++) {
      report(`round ${round + 1} of ${plan.rounds}`);
      await setTimeout(0);
      if (signal?.aborted) break;
      const order = round % 2 === 0 ? entrants : entrants.toReversed();
      for (const { trial, steps, rounds, samples } of order) {
        if (!takesPart(round, rounds, plan.rounds)) continue;
        collectGarbage();
        samples.push(perStep(await trial.run(steps), steps));
      }
    }
    for (const { contestant, steps, samples, counts } of entrants) {
      const outcome = {
        status: "timed",
        reason: null,
        stepsPerSample: steps,
        samples,
        counts,
      } as const;
      outcomes.set(contestant, samples.length > 0 ? outcome : STOPPED);
    }
  } finally {
    for (const { trial } of entrants) await trial.dispose();
    inputs.dispose();
    collectGarbage();
  }
  return compare({ backend, workload, contestants }, outcomes);
}

/** Of a contestant that had no turn before the end. */
const STOPPED: Outcome = {
  status: "left out",
  reason: "stopped before its turn",
  stepsPerSample: 0,
  samples: [],
  counts: null,
};

/** Starts, validates and warms up a contestant. */
async function enter(
  contestant: Contestant,
  inputs: Inputs,
  backend: Backend,
  { rounds, leastRounds, share, hurry, ...plan }: Plan,
): Promise<Entrant | Outcome> {
  const none = { stepsPerSample: 0, samples: [], counts: null };
  const [sample, warmUp] = backend.finish === undefined
    ? [plan.sample, plan.warmUp]
    : [plan.deviceSample, plan.deviceWarmUp];
  const reason = tooSlow(contestant, inputs.workload, backend, hurry);
  if (reason !== undefined) return { ...none, status: "left out", reason };
  let trial: Trial | undefined;
  try {
    trial = await contestant.start(inputs, backend);
    const { problem, times } = await validate(contestant, trial, inputs);
    if (problem !== undefined) {
      await trial.dispose();
      return { ...none, status: "wrong", reason: problem };
    }
    let spent = times.reduce((a, b) => a + b);
    let steps = 1;
    let step = times.at(-1)!;
    while (spent < warmUp) {
      steps = Math.max(1, Math.min(2 * steps, Math.floor((warmUp - spent) / step)));
      const { wall } = await trial.run(steps);
      spent += wall;
      step = Math.max(wall / steps, 1e-6);
    }
    const counts = trial.begin === undefined || backend.finish === undefined
      ? null
      : await countStep(trial.begin, backend.finish);
    steps = Math.max(1, Math.min(10_000, Math.round(sample / step)));
    const affordable = Math.floor(share / (steps * step));
    return {
      contestant,
      trial,
      steps,
      rounds: Math.max(Math.min(leastRounds, rounds), Math.min(rounds, affordable)),
      counts,
      samples: [],
    };
  } catch (error) {
    await trial?.dispose();
    return { ...none, status: "failed", reason: String(error) };
  }
}

/** Why a contestant is too slow for a workload, if it is. */
function tooSlow(
  { most, mostTensors }: Contestant,
  { parameters, shapes }: Workload,
  { name }: Backend,
  hurry: number,
): string | undefined {
  const elements = (most?.[name] ?? Infinity) / hurry;
  const tensors = (mostTensors?.[name] ?? Infinity) / hurry;
  if (parameters > elements) return `too slow above ${sizeName(elements)} parameters`;
  return shapes.length > tensors ? `too slow above ${tensors} tensors` : undefined;
}

/** Whether a contestant of so many rounds has its turn: the turns are spread evenly over all rounds. */
export function takesPart(round: number, rounds: number, allRounds: number): boolean {
  return Math.floor((round + 1) * rounds / allRounds) > Math.floor(round * rounds / allRounds);
}

/** Collects garbage where the runtime was started with --expose-gc. */
function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

function compare(
  { backend, workload, contestants }: Cell,
  outcomes: ReadonlyMap<Contestant, Outcome>,
): Result[] {
  const summaries = new Map(
    contestants.flatMap((contestant) => {
      const { samples } = outcomes.get(contestant)!;
      const walls = samples.map(({ wall }) => wall);
      return walls.length === 0 ? [] : [[contestant.name, summarize(walls)] as const];
    }),
  );
  const median = (name: string): number => summaries.get(name)?.median ?? NaN;
  const bandwidth = ({ name, formula }: Contestant): number =>
    formula.bytes * workload.parameters / (median(name) / 1000);
  const copy = contestants.find(({ name }) => name === COPY);
  return contestants.map((contestant) => {
    const { name, peer = null } = contestant;
    const { samples, ...outcome } = outcomes.get(contestant)!;
    const timed = samples.length > 0;
    return {
      backend: backend.name,
      workload: workload.name,
      parameters: workload.parameters,
      contestant: name,
      ...outcome,
      samples: samples.map(({ wall }) => wall),
      milliseconds: summaries.get(name) ?? null,
      processor: timed ? summarize(samples.map(({ processor }) => processor)) : null,
      calls: timed ? summarize(samples.map(({ calls }) => calls)) : null,
      timesReference: known(median(REFERENCE) / median(name)),
      peer,
      timesPeer: peer === null ? null : known(median(peer) / median(name)),
      bytesPerSecond: known(bandwidth(contestant)),
      shareOfCopy: copy === undefined ? null : known(bandwidth(contestant) / bandwidth(copy)),
    };
  });
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
