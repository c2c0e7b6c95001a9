/**
 * How much faster two ranks are than one on this machine, how much of their time they spend in sums, and
 * what more of them would take: `deno task bench:parallel -- --help` tells about the options.
 *
 * @module
 */
import { float, integer, message, object, option, optional, string } from "@optique/core";
import { run } from "@optique/run";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { adamf, initBackend, trainingBatches } from "../mod.ts";
import { distributed, joinMpi, type Team, TeamCallback } from "../mpi.ts";

import { table } from "../cli/bench/report.ts";
import { hostFacts, runtimeName } from "../cli/lib/host_facts.ts";
import { taskArguments } from "../cli/lib/task_arguments.ts";

const parser = object({
  quick: option("--quick", { description: message`Few and short rounds: shows that all works.` }),
  mpirun: optional(option("--mpirun", string({ metavar: "COMMAND" }), {
    description: message`The launcher; mpirun if left out.`,
  })),
  rounds: optional(option("--rounds", integer({ metavar: "N", min: 1 }), {
    description:
      message`Starts of one rank and of two, in turn, of which the fastest counts; 3 if left out.`,
  })),
  latency: optional(option("--latency", float({ metavar: "MICROSECONDS", min: 0 }), {
    description: message`Of a network to reckon with, in place of what is measured here.`,
  })),
  bandwidth: optional(option("--bandwidth", float({ metavar: "GB/S", min: 1e-6 }), {
    description: message`The same for the bytes a second, in 10^9.`,
  })),
});

/** Networks for images of 28 x 28, with the rows of a batch of all ranks. */
const NETWORKS = {
  dense: {
    rows: 256,
    layers: () => [
      tfl.layers.flatten({ inputShape: [28, 28, 1] }),
      tfl.layers.dense({ units: 512, activation: "relu" }),
      tfl.layers.dense({ units: 512, activation: "relu" }),
    ],
  },
  convolutional: {
    rows: 128,
    layers: () => [
      tfl.layers.conv2d({
        inputShape: [28, 28, 1],
        filters: 16,
        kernelSize: 3,
        activation: "relu",
      }),
      tfl.layers.maxPooling2d({ poolSize: 2 }),
      tfl.layers.conv2d({ filters: 32, kernelSize: 3, activation: "relu" }),
      tfl.layers.maxPooling2d({ poolSize: 2 }),
      tfl.layers.flatten(),
    ],
  },
} as const;
type Network = keyof typeof NETWORKS;

/** What a rank is to do, in its environment. */
interface Task {
  /** Whether each rank is a team of its own, beside the others. */
  readonly apart?: boolean;
  readonly network: Network | "link";
  readonly batches: number;
  readonly epochs: number;
}
const TASK = "SIGNALFIT_BENCH_TASK";

/** What rank 0 has measured. */
interface Measured {
  /** Milliseconds of a batch, the fastest epoch's mean; of them those in sums and waits for others. */
  readonly batch?: number;
  readonly inSums?: number;
  readonly parameters?: number;
  /** Milliseconds of sums: of one number, and of a million. */
  readonly small?: number;
  readonly large?: number;
}

/** Takes the time that a team's sums take, waiting for others included. */
class Timed implements Team {
  milliseconds = 0;
  constructor(readonly team: Team) {}
  get rank(): number {
    return this.team.rank;
  }
  get size(): number {
    return this.team.size;
  }
  allReduce(...args: Parameters<Team["allReduce"]>): void {
    this.#take(() => this.team.allReduce(...args));
  }
  broadcast(...args: Parameters<Team["broadcast"]>): void {
    this.#take(() => this.team.broadcast(...args));
  }
  barrier(occasion?: string): void {
    this.#take(() => this.team.barrier(occasion));
  }
  abort(code: number): void {
    this.team.abort(code);
  }
  leave(): void {
    this.team.leave();
  }
  #take(f: () => void): void {
    const began = performance.now();
    f();
    this.milliseconds += performance.now() - began;
  }
}

/** A team of one. */
const ALONE: Team = {
  rank: 0,
  size: 1,
  allReduce() {},
  broadcast() {},
  barrier() {},
  abort() {},
  leave() {},
};

/** One rank's part. */
async function work({ network, batches, epochs, apart }: Task): Promise<Measured> {
  const joined = await joinMpi();
  const team = new Timed(apart ? ALONE : joined);
  if (network === "link") {
    const small = timeOf(team, new Float32Array(1), 50 * batches);
    return { small, large: timeOf(team, new Float32Array(1e6), batches) };
  }
  await initBackend({ backends: ["wasm"] });
  const { rows, layers } = NETWORKS[network];
  const output = tfl.layers.dense({ units: 10, activation: "softmax" });
  const model = tfl.sequential({ layers: [...layers(), output] });
  model.compile({
    optimizer: distributed(adamf({ learningRate: 1e-3 }), team),
    loss: "categoricalCrossentropy",
  });
  const x = tf.randomNormal([rows * batches, 28, 28, 1], 0, 1, "float32", 1);
  const y = tf.tidy(() =>
    tf.cast(tf.oneHot(tf.randomUniformInt([rows * batches], 0, 10, 2), 10), "float32")
  );
  const data = trainingBatches(x, y, { batchSize: rows, team });
  const found: { batch: number; inSums: number }[] = [];
  for (let epoch = 0; epoch <= epochs; epoch++) { // the first warms up
    const began = performance.now(), sums = team.milliseconds;
    await model.fitDataset(data, { epochs: 1, verbose: 0, callbacks: [new TeamCallback(team)] });
    const batch = (performance.now() - began) / batches;
    if (epoch > 0) found.push({ batch, inSums: (team.milliseconds - sums) / batches });
  }
  const [least] = found.sort((a, b) => a.batch - b.batch);
  return { ...least, parameters: model.countParams() };
}

/** Median milliseconds of a sum. */
function timeOf(team: Team, values: Float32Array, count: number): number {
  const times = Array.from({ length: count }, () => {
    team.barrier();
    const began = performance.now();
    team.allReduce(values);
    return performance.now() - began;
  });
  return median(times);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** A Markdown table of texts, the first column to the left. */
function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return table(
    titles.map((title, index) => ({
      title,
      align: index === 0 ? "left" : "right",
      cell: (row: readonly string[]) => row[index]!,
    })),
    rows,
  );
}

/** Starts so many ranks and gives what the first of them has measured. */
async function start(mpirun: string, ranks: number, task: Task): Promise<Measured> {
  const { code, stdout, stderr } = await new Deno.Command(mpirun, {
    args: ["-n", String(ranks), Deno.execPath(), "run", "--allow-all", import.meta.url],
    env: {
      [TASK]: JSON.stringify(task),
      OMPI_ALLOW_RUN_AS_ROOT: "1",
      OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
      OMPI_MCA_hwloc_base_binding_policy: "none", // V8 has threads of its own beside the one that trains
    },
  }).output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const line = text!.split("\n").find((line) => line.startsWith("{"));
  if (code !== 0 || line === undefined) throw new Error(`${mpirun} has failed: ${errors}`);
  return JSON.parse(line);
}

/** Microseconds of a sum of so many bytes over a ring of ranks. */
function ring(ranks: number, bytes: number, link: Link): number {
  const steps = 2 * (ranks - 1);
  return steps * link.latency + steps / ranks * bytes / link.bandwidth;
}

interface Link {
  /** Microseconds of a message. */
  readonly latency: number;
  /** Bytes a microsecond. */
  readonly bandwidth: number;
}

async function main(): Promise<void> {
  const given = run(parser, {
    programName: "deno task bench:parallel",
    args: taskArguments(Deno.args),
  });
  const { quick, mpirun = "mpirun", rounds = quick ? 1 : 3 } = given;
  const { cpu, os, versions } = hostFacts();
  console.log(`${cpu.model}, ${cpu.cores} cores, ${os}, ${runtimeName(versions)}, ${mpirun}\n`);
  const batches = quick ? 5 : 10, epochs = quick ? 2 : 12;

  const { small, large } = await start(mpirun, 2, { network: "link", batches, epochs });
  const measured = { latency: 1000 * small! / 2, bandwidth: 4e6 / (1000 * (large! - small!)) };
  console.log(
    `Two ranks sum one number in ${(1000 * small!).toFixed(1)} us and a million in ` +
      `${large!.toFixed(2)} ms: ${measured.latency.toFixed(1)} us a message, ` +
      `${(measured.bandwidth / 1000).toFixed(2)} GB/s.\n`,
  );
  const link: Link = {
    latency: given.latency ?? measured.latency,
    bandwidth: given.bandwidth === undefined ? measured.bandwidth : 1000 * given.bandwidth,
  };

  const found: Record<string, { one: Measured; two: Measured; apart: Measured }> = {};
  for (const network of Object.keys(NETWORKS) as Network[]) {
    const ones: Measured[] = [], twos: Measured[] = [], aparts: Measured[] = [];
    const task = { network, batches, epochs };
    const measures = [
      async () => ones.push(await start(mpirun, 1, task)),
      async () => twos.push(await start(mpirun, 2, task)),
      async () => aparts.push(await start(mpirun, 2, { ...task, apart: true })),
    ];
    for (let round = 0; round < rounds; round++) {
      for (const measure of round % 2 === 0 ? measures : measures.toReversed()) await measure();
    }
    const least = (all: Measured[]) => all.sort((a, b) => a.batch! - b.batch!)[0]!;
    found[network] = { one: least(ones), two: least(twos), apart: least(aparts) };
  }
  const perSecond = (network: string, { batch }: Measured) =>
    1000 * NETWORKS[network as Network].rows / batch!;
  console.log(
    tableOf(
      [
        "network",
        "parameters",
        "images/s, 1 rank",
        "2 ranks",
        "faster",
        "in sums and waits",
        "2 apart",
      ],
      Object.entries(found).map(([network, { one, two, apart }]) => [
        network,
        String(one.parameters),
        perSecond(network, one).toFixed(0),
        perSecond(network, two).toFixed(0),
        `${(one.batch! / two.batch!).toFixed(2)}x`,
        `${(100 * two.inSums! / two.batch!).toFixed(0)} %`,
        `${(2 * one.batch! / apart.batch!).toFixed(2)}x`,
      ]),
    ),
  );
  console.log(
    `\n"2 apart" are two processes that train each for itself at the same time, and have the whole batch ` +
      `each: what this machine gives two of them.`,
  );
  const { one, two } = found.convolutional!, ratio = one.batch! / two.batch!;
  console.log(
    `\n- The convolutional network is at least 1.6 times as fast on two ranks: ` +
      `${ratio.toFixed(2)}x, ${ratio >= 1.6 ? "met" : "missed"}\n`,
  );

  console.log(
    `A ring of p ranks sums n bytes in 2 (p - 1) latency + 2 (p - 1) / p * n / bandwidth. At ` +
      `${link.latency.toFixed(1)} us and ${
        (link.bandwidth / 1000).toFixed(2)
      } GB/s, with as many rows ` +
      `a rank as one has here alone:\n`,
  );
  console.log(
    tableOf(
      ["network", "ranks", "ms a batch", "ms of the sum", "efficiency", "images/s"],
      Object.entries(found).flatMap(([network, { one }]) =>
        [8, 64, 512].map((ranks) => {
          const sum = ring(ranks, 4 * one.parameters!, link) / 1000, batch = one.batch! + sum;
          return [
            network,
            String(ranks),
            batch.toFixed(1),
            sum.toFixed(2),
            `${(100 * one.batch! / batch).toFixed(0)} %`,
            (1000 * ranks * NETWORKS[network as Network].rows / batch).toFixed(0),
          ];
        })
      ),
    ),
  );

  console.log("\nWhat a rank of 64 sends a batch, in kB:\n");
  const sent = (parameters: number) => 2 * 63 / 64 * 4 * parameters / 1000;
  console.log(
    tableOf(
      ["network", "sum of gradients", "averages every 20", "every 500 (DiLoCo)"],
      Object.entries(found).map(([network, { one: { parameters } }]) => [
        network,
        ...[1, 20, 500].map((every) => (sent(parameters!) / every).toFixed(1)),
      ]),
    ),
  );
}

const task = Deno.env.get(TASK);
if (task === undefined) await main();
else {
  const measured = await work(JSON.parse(task));
  if ((await joinMpi()).rank === 0) console.log(JSON.stringify(measured));
}
