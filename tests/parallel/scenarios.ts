// What the ranks of a team do in tests, each by itself: in workers, or started by mpirun.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  adamf,
  BestWeights,
  Checkpoint,
  CsvLogger,
  filtered,
  JsonlLogger,
  Progress,
  ReduceLROnPlateau,
  sgdf,
  TensorBoard,
  TerminateOnNaN,
  trainingBatches,
} from "@signalfit/tfjs";
import { LivePage } from "@signalfit/tfjs/live";
import {
  distributed,
  ParameterAveraging,
  type ParameterAveragingOptions,
  type Team,
  TeamCallback,
} from "@signalfit/tfjs/mpi";
import { type BackendName, counts, useBackend } from "../support/backends.ts";
import {
  type Outcome as DiffusionOutcome,
  outcomeOf as outcomeOfRun,
  type Plan,
  prepare,
  train as trainRun,
} from "../faults/run.ts";
import { uniform } from "../support/random.ts";

/** What a rank reports. */
export interface Outcome {
  readonly error?: string;
  readonly weights?: number[][];
  /** Those of rank 0 at the beginning. */
  readonly first?: number[][];
  readonly state?: number[][];
  readonly history?: Record<string, number[]>;
  readonly batchLosses?: number[];
  readonly sums?: number[];
  readonly texts?: string[];
  readonly values?: number[];
  readonly leaked?: number;
  readonly diffusion?: DiffusionOutcome & {
    readonly start: number | undefined;
    readonly newest: string | undefined;
    readonly interrupted: string | undefined;
  };
  /** Those of several fits. */
  readonly runs?: Outcome[];
}

/** Optimizers by name. */
export const OPTIMIZERS = {
  sgd: () => tf.train.sgd(0.1),
  adam: () => tf.train.adam(0.01),
  sgdf: () => sgdf({ learningRate: 0.1 }),
  adamf: () => adamf({ learningRate: 0.01, globalClipNorm: 0.5, onNonFinite: "skip" }),
  accumulating: () =>
    adamf({ learningRate: 0.01, gradientAccumulationSteps: 2, globalClipNorm: 1 }),
  filtered: () => filtered(tf.train.momentum(0.05, 0.9)),
};

/** A fit. */
export interface TrainPlan {
  readonly backend?: BackendName;
  readonly optimizer: keyof typeof OPTIMIZERS;
  readonly epochs: number;
  readonly rows: number;
  readonly batchSize: number;
  readonly network?: "dense" | "normalized";
  /** A row whose input is NaN. */
  readonly badRow?: number;
  readonly averaging?: ParameterAveragingOptions;
  readonly checkEvery?: number;
  /** Whether callbacks decide by the logs: when to stop, which weights are best, the learning rate. */
  readonly deciding?: boolean;
  /** What a rank of this number does otherwise. */
  readonly odd?: {
    rank: number;
    units?: number;
    batchSize?: number;
    batches?: number;
    meddles?: true;
  };
  /** Data of the user's own, of which nothing is known but its batches. */
  readonly plainData?: boolean;
}

/** A run with ERD, averages of weights and checkpoints. */
export interface DiffusePlan extends Plan {
  readonly directory: string;
  readonly backend?: BackendName;
  /** A rank that is asked to end by SIGTERM in its first batch. */
  readonly interrupts?: number;
}

/** What each scenario is given. */
export interface Plans {
  train: TrainPlan;
  trainings: readonly TrainPlan[];
  diffuse: DiffusePlan;
  write: TrainPlan & { readonly directory: string };
  late: { readonly timeout: number; readonly rank: number };
}
export type ScenarioName = keyof Plans;

/** What a scenario gives, or its error. */
export async function outcomeOf(
  name: ScenarioName,
  team: Team,
  plan: unknown,
): Promise<Outcome> {
  try {
    return await SCENARIOS[name](team, plan as never);
  } catch (error) {
    return { error: (error as Error).message };
  }
}

const SCENARIOS: { [Name in ScenarioName]: (team: Team, plan: Plans[Name]) => Promise<Outcome> } = {
  train,
  trainings,
  diffuse,
  write,
  late,
};

/** Sums, broadcasts and barriers, few numbers and many. */
function sums(team: Team): number[] {
  const values: number[] = [];
  for (const length of [1, 1000, 100_003]) {
    const sum = Float32Array.from({ length }, (_, i) => (i % 1000) * (team.rank + 1));
    team.allReduce(sum);
    values.push(sum[0]!, sum.at(-1)!);
    const sent = new Float32Array(length).fill(team.rank === team.size - 1 ? 7 : NaN);
    team.broadcast(sent, team.size - 1);
    values.push(sent[0]!, sent.at(-1)!);
    team.barrier();
  }
  return values;
}

/** Waits for a rank that does not come. */
async function late(team: Team, { rank, timeout }: Plans["late"]): Promise<Outcome> {
  team.barrier();
  if (team.rank === rank) await new Promise((resolve) => setTimeout(resolve, 4000 * timeout));
  team.barrier("the end of the test");
  return {};
}

/** Asks its own process to end, as `kill` does. */
class Interrupts extends tfl.Callback {
  #isDue: boolean;
  constructor(isDue: boolean) {
    super();
    this.#isDue = isDue;
  }
  override onBatchBegin(batch: number): Promise<void> {
    if (!this.#isDue || batch !== 1) return Promise.resolve();
    this.#isDue = false;
    const heard = new Promise<void>((resolve) => Deno.addSignalListener("SIGTERM", resolve));
    Deno.kill(Deno.pid, "SIGTERM");
    return heard;
  }
}

/** Every callback that writes, each with a place of its own in a directory. */
async function write(team: Team, { directory, ...plan }: Plans["write"]): Promise<Outcome> {
  await useBackend("cpu");
  const model = network(plan, 0), { x, y } = rowsOf(plan);
  model.compile({ optimizer: distributed(sgdf(), team), loss: "categoricalCrossentropy" });
  const texts: string[] = [];
  const output = {
    isTerminal: false,
    hasColors: false,
    columns: 80,
    write: (text: string) => void texts.push(text),
  };
  const data = trainingBatches(x, y, { batchSize: plan.batchSize, team });
  // What one rank writes where it alone may is seen by the others' files being missing.
  const own = `${directory}/${team.rank}`;
  const callbacks = [
    new TeamCallback(team),
    new Progress({ output }),
    new CsvLogger(`${own}/log.csv`),
    new JsonlLogger(`${own}/log.jsonl`),
    new TensorBoard(`${own}/board`),
    new LivePage({ report: `${own}/report.html` }),
    new Checkpoint(`${own}/checkpoints`, { data }),
  ];
  const lines = console.log;
  console.log = (line) => void texts.push(String(line));
  try {
    await model.fitDataset(data, { epochs: plan.epochs, verbose: 0, callbacks });
  } finally {
    console.log = lines;
    await (callbacks[5] as LivePage).close();
  }
  return { texts };
}

async function diffuse(
  team: Team,
  { directory, interrupts, ...plan }: DiffusePlan,
): Promise<Outcome> {
  await useBackend(plan.backend ?? "cpu");
  const run = prepare(directory, {
    ...plan,
    after: () => [new Interrupts(team.rank === interrupts)],
  }, team);
  const start = await trainRun(run), { newest, interrupted } = run.checkpoint;
  const outcome = await outcomeOfRun(run), { history } = run.model.history;
  run.dispose();
  return {
    history: history as Record<string, number[]>,
    diffusion: { ...outcome, start: start?.globalStep, newest, interrupted },
  };
}

/** The values of tensors. */
async function numbers(tensors: readonly tf.Tensor[]): Promise<number[][]> {
  return await Promise.all(tensors.map(async (tensor) => [...await tensor.data()]));
}

/** Begins with other weights on each rank: they are to have those of rank 0. */
function network(plan: TrainPlan, rank: number): tfl.LayersModel {
  const { units } = { units: 8, ...plan.odd?.rank === rank ? plan.odd : {} };
  const kernelInitializer = (seed: number) =>
    tfl.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed: seed + 10 * rank });
  return tfl.sequential({
    layers: [
      tfl.layers.dense({
        name: "first",
        units,
        inputShape: [4],
        activation: "tanh",
        kernelInitializer: kernelInitializer(1),
        kernelRegularizer: tfl.regularizers.l2({ l2: 0.01 }),
      }),
      ...plan.network === "normalized" ? [tfl.layers.batchNormalization({ name: "norm" })] : [],
      tfl.layers.dense({
        name: "last",
        units: 3,
        activation: "softmax",
        kernelInitializer: kernelInitializer(2),
      }),
    ],
  });
}

function rowsOf({ rows, badRow }: TrainPlan): { x: tf.Tensor2D; y: tf.Tensor2D } {
  const random = uniform(5);
  const values = Array.from(
    { length: rows },
    () => Array.from({ length: 4 }, () => random() - 0.5),
  );
  const labels = values.map(([a, b]) => a! > 0.1 ? 0 : b! > 0 ? 1 : 2);
  if (badRow !== undefined) values[badRow]![0] = NaN;
  const y = labels.map((label) => [0, 1, 2].map((each) => Number(each === label)));
  return { x: tf.tensor2d(values, [rows, 4]), y: tf.tensor2d(y, [rows, 3]) };
}

async function trainings(team: Team, plans: readonly TrainPlan[]): Promise<Outcome> {
  const runs: Outcome[] = [], values = sums(team);
  for (const plan of plans) runs.push(await train(team, plan));
  return { runs, values };
}

async function train(team: Team, plan: TrainPlan): Promise<Outcome> {
  const { backend = "cpu", optimizer: kind, epochs, averaging, checkEvery = 4 } = plan;
  await useBackend(backend);
  const odd = plan.odd?.rank === team.rank ? plan.odd : undefined;
  const model = network(plan, team.rank), { x, y } = rowsOf(plan);
  const optimizer = averaging === undefined
    ? distributed(OPTIMIZERS[kind](), team)
    : OPTIMIZERS[kind]();
  model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  const batchSize = odd?.batchSize ?? plan.batchSize;
  const shuffled = { batchSize, seed: 3 }, count = odd?.batches ?? Infinity;
  const batches = trainingBatches(x, y, { ...shuffled, team });
  const data = plan.plainData
    ? {
      iterator: async () => sliced(await trainingBatches(x, y, shuffled).iterator(), team, count),
    }
    : odd?.batches !== undefined
    ? { iterator: async () => cut(await batches.iterator(), count) }
    : batches;
  const first = await numbers(model.weights.map((weight) => weight.read()));
  const batchLosses: number[] = [];
  const watch = new tfl.CustomCallback({
    onBatchEnd(batch, logs) {
      batchLosses.push(logs!.loss as number);
      if (odd?.meddles && batch === 1) {
        const weight = model.weights[2]!;
        tf.tidy(() => void weight.write(tf.add(weight.read(), 1e-7)));
      }
    },
  }, "never");
  const callbacks: (tfl.Callback | tfl.CustomCallback)[] = [
    new TeamCallback(team, { checkEvery }),
    ...averaging === undefined ? [] : [new ParameterAveraging(averaging)],
    ...plan.deciding ? deciders() : [],
    watch,
  ];
  const before = counts().tensors;
  const sums = (team as { sums?: number[] }).sums, summed = sums?.length;
  const { history } = await model.fitDataset(data as typeof batches, {
    epochs,
    verbose: 0,
    callbacks,
    validationData: [x, y],
  });
  const leaked = counts().tensors - before, state = await optimizer.getWeights();
  const outcome = {
    first,
    weights: await numbers(model.weights.map((weight) => weight.read())),
    state: await numbers(state.map(({ tensor }) => tensor)),
    history: history as Record<string, number[]>,
    batchLosses,
    leaked,
    sums: sums?.slice(summed),
  };
  model.dispose();
  tf.dispose([x, y]);
  return outcome;
}

function deciders(): tfl.Callback[] {
  return [
    new TerminateOnNaN(),
    new BestWeights({ monitor: "loss", minDelta: 0.01 }),
    new ReduceLROnPlateau({ monitor: "loss", factor: 0.5, patience: 0, minDelta: 0.02 }),
    tfl.callbacks.earlyStopping({ monitor: "loss", patience: 2, minDelta: 0.01 }),
  ];
}

/** At most so many batches of a pass. */
async function* cut<T>(pass: AsyncIterator<T>, count: number): AsyncGenerator<T> {
  for (let i = 0; i < count; i++) {
    const { value, done } = await pass.next();
    if (done) return;
    yield value;
  }
}

/** A rank's part of each batch, as someone would cut it who knows nothing of teams. */
async function* sliced(
  pass: AsyncIterator<{ xs: tf.Tensor; ys: tf.Tensor }>,
  { rank, size }: Team,
  count: number,
): AsyncGenerator<{ xs: tf.Tensor; ys: tf.Tensor }> {
  for await (const { xs, ys } of cut(pass, count)) {
    const rows = Math.floor(xs.shape[0]! / size), begin = rank * rows;
    const end = rank === size - 1 ? xs.shape[0]! : begin + rows;
    yield {
      xs: tf.slice(xs, begin, end - begin),
      ys: tf.slice(ys, begin, end - begin),
    };
    tf.dispose([xs, ys]);
  }
}
