/**
 * Whole batches of `model.fit`: tfjs alone, with this library's optimizer, with its kernels too, and
 * PyTorch. `deno task bench:fit -- --help` tells about the options.
 *
 * @module
 */
import { choice, integer, message, multiple, object, option, optional } from "@optique/core";
import { run } from "@optique/run";
import { adapter, BACKENDS } from "../cli/bench/backends.ts";
import { describeMachine } from "../cli/bench/machine.ts";
import { Progress } from "../cli/bench/progress.ts";
import { type Column, table } from "../cli/bench/report.ts";
import { taskArguments } from "../cli/lib/task_arguments.ts";
import { hasFused } from "../src/kernels/heap.ts";
import { contestantsOn } from "./fit/contestants.ts";
import { measure, type Result } from "./fit/measure.ts";
import { NETWORKS } from "./fit/networks.ts";
import { reportTargets, times } from "./fit/targets.ts";
import { TorchFit } from "./fit/torch.ts";
import { validate } from "./fit/validate.ts";

const parser = object({
  networks: multiple(option("--network", choice(NETWORKS.map(({ name }) => name)), {
    description: message`A network; all, if left out.`,
  })),
  backends: multiple(option("--backend", choice(["cpu", "wasm", "webgpu"]), {
    description: message`A backend; all that are there, if left out.`,
  })),
  rounds: optional(option("--rounds", integer({ metavar: "N", min: 1 }), {
    description: message`Samples of each contestant; 7 if left out.`,
  })),
  peers: option("--peers", {
    description: message`PyTorch on one thread in the same rounds, from Debian's python3-torch.`,
  }),
});

/** Kernels of a profile that are listed. */
const LISTED = 8;

async function main(): Promise<void> {
  const { networks, backends, rounds = 7, peers } = run(parser, {
    programName: "bench:fit",
    args: taskArguments(Deno.args),
    help: { option: true },
    brief: message`Times whole batches of model.fit.`,
  });
  const graphics = await adapter();
  const own = BACKENDS.filter(({ name }) =>
    (backends.length === 0 || backends.includes(name)) &&
    (name !== "webgpu" || typeof graphics !== "string")
  );
  const wanted = NETWORKS.filter(({ name }) => networks.length === 0 || networks.includes(name));
  const torch = peers ? await TorchFit.start() : undefined;
  if (typeof torch === "string") console.error(`Without PyTorch: ${torch}`);
  const peer = torch instanceof TorchFit ? torch : undefined;
  const contestants = own.flatMap(contestantsOn);
  const progress = new Progress(
    wanted.flatMap(() => [5, ...contestants.map(() => 10), ...Array<number>(rounds).fill(5)]),
  );
  const results: Result[] = [];
  try {
    for (const network of wanted) {
      progress.show(`${network.name}: comparing gradients`);
      await validate(network);
      progress.next();
      results.push(...await measure(network, contestants, peer, rounds, progress));
    }
  } finally {
    await peer?.stop();
  }
  progress.clear();
  const machine = await describeMachine({
    adapter: typeof graphics === "string" ? null : graphics,
    torch: peer?.facts.torch ?? null,
  });
  const fused = hasFused() ? "with" : "without";
  console.log([
    "# Milliseconds a batch of model.fit",
    `${machine.date}: signalfit ${machine.versions.signalfit}, Deno ${machine.versions.deno}, ` +
    `TensorFlow.js ${machine.versions.tfjs} (wasm ${machine.wasm.threads ? "with" : "without"} ` +
    `threads, ${fused} fused multiply-add), ${machine.os}, ${machine.cpu.cores} x ` +
    `${machine.cpu.model}, load ${machine.load.toFixed(1)}` +
    (machine.adapter === null ? "." : `, WebGPU on ${machine.adapter.description}.`) +
    (peer === undefined ? "" : ` PyTorch ${peer.facts.torch} on one thread with ` +
      `${peer.facts.blas}, its Adam ${peer.facts.fused ? "" : "not "}fused.`),
    ...wanted.flatMap(({ name, title, batchSize }) => {
      const rows = results.filter(({ network }) => network === name);
      return [`## ${name}: ${title}, batches of ${batchSize}`, table(COLUMNS(rows), rows)];
    }),
    "## What the kernels take of a batch, in milliseconds",
    ...results.filter(({ kernels }) => kernels !== undefined).map(profileLine),
    "## Targets",
    reportTargets(results).join("\n"),
  ].join("\n\n"));
}

const COLUMNS = (rows: readonly Result[]): Column<Result>[] => {
  const ours = rows.find(({ contestant, backend }) =>
    contestant === "our adamf and kernels" && backend === "wasm"
  )?.time?.median;
  return [
    { title: "", cell: ({ contestant, backend }) => `${contestant}, ${backend}` },
    {
      title: "median (quartiles)",
      cell: ({ time, reason }) =>
        time === undefined
          ? `cannot: ${reason}`
          : `${short(time.median)} (${short(time.lowerQuartile)} to ${short(time.upperQuartile)})`,
    },
    {
      title: "samples a second",
      align: "right",
      cell: ({ imagesPerSecond }) => imagesPerSecond === undefined ? "" : short(imagesPerSecond),
    },
    {
      title: "beside ours on wasm",
      align: "right",
      cell: ({ time }) => time === undefined || ours === undefined ? "" : times(time.median / ours),
    },
    {
      title: "process, MiB",
      align: "right",
      cell: ({ memory }) => memory === undefined ? "" : memory.toFixed(0),
    },
  ];
};

function profileLine({ network, contestant, backend, kernels }: Result): string {
  const all = kernels!.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const listed = kernels!.slice(0, LISTED).map(({ name, milliseconds, calls }) =>
    `${name} ${short(milliseconds)} (${short(calls)} calls)`
  );
  return `- ${network}, ${contestant}, ${backend}: ${short(all)} in all: ${listed.join(", ")}`;
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}

if (import.meta.main) await main();
