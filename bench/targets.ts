import type { BackendName } from "../cli/bench/backends.ts";
import type { Clock } from "../cli/bench/clocks.ts";
import { REFERENCE } from "../cli/bench/contestants.ts";
import { TORCH } from "./peers/contestants.ts";
import type { Result } from "../cli/bench/measure.ts";
import type { Summary } from "../cli/bench/statistics.ts";

/** Something to reach. It is reported; nothing depends on it. */
interface Target {
  readonly text: string;
  readonly backends: readonly BackendName[];
  readonly workloads: RegExp;
  readonly contestants: RegExp;
  /** A contestant: so many times as fast, by the medians. Or the copy: a share of its bandwidth. */
  readonly than: string | "its like" | "copy";
  readonly least: number;
  /** Which clock; "wall" if left out. */
  readonly clock?: Clock;
}

const TARGETS: readonly Target[] = [
  {
    text: "The printed loop takes at most 1.15 times as long as the one written by hand",
    backends: ["cpu"],
    workloads: /^one/,
    contestants: /^(sgdf|adamf) loop$/,
    than: "its like",
    least: 1 / 1.15,
  },
  {
    text: "The loop engine is at least 15 times as fast as tf.train.adam",
    backends: ["cpu"],
    workloads: /^one 1e6$/,
    contestants: /^(sgdf|adamf|adamw) loop$/,
    than: REFERENCE,
    least: 15,
  },
  {
    text: "The SIMD engine is at least 60 times as fast as tf.train.adam",
    backends: ["cpu"],
    workloads: /^one 1e6$/,
    contestants: /^(sgdf|adamf|adamw) simd$/,
    than: REFERENCE,
    least: 60,
  },
  {
    text: "The SIMD engine is at least 3.5 times as fast as tf.train.adam",
    backends: ["wasm"],
    workloads: /^one 1e6$/,
    contestants: /^(sgdf|adamf|adamw) simd$/,
    than: REFERENCE,
    least: 3.5,
  },
  {
    text: "At sixty tensors the SIMD engine is at least 8 times as fast as tf.train.adam",
    backends: ["wasm"],
    workloads: /^sixty 1e5$/,
    contestants: /^(sgdf|adamf|adamw) simd$/,
    than: REFERENCE,
    least: 8,
  },
  {
    text:
      "The SIMD engine gets at least 60 % of the bandwidth of a plain copy of 36 bytes a parameter",
    backends: ["wasm"],
    workloads: /^one 1e6$/,
    contestants: /^(sgdf|adamf|adamw) simd$/,
    than: "copy",
    least: 0.6,
  },
  {
    text: "AdamF is at least twice as fast as PyTorch's own Adam",
    backends: ["wasm"],
    workloads: /^one 1e6$/,
    contestants: /^adamf simd$/,
    than: TORCH.adam,
    least: 2,
  },
  {
    text: "AdamF is at least 5 times as fast as SGDF written in PyTorch",
    backends: ["wasm"],
    workloads: /^one 1e6$/,
    contestants: /^adamf simd$/,
    than: TORCH.sgdf,
    least: 5,
  },
  {
    text: "At sixty tensors AdamF is no slower than PyTorch's own Adam",
    backends: ["wasm"],
    workloads: /^sixty 1e5$/,
    contestants: /^adamf simd$/,
    than: TORCH.adam,
    least: 1,
  },
  {
    text:
      "At sixty tensors the WebGPU engine takes at most an 80th of tf.train.adam's processor time",
    backends: ["webgpu"],
    workloads: /^sixty 1e5$/,
    contestants: /^(sgdf|adamf|adamw) webgpu$/,
    than: REFERENCE,
    least: 80,
    clock: "processor",
  },
  {
    text: "The WebGPU engine takes at most a fifth of tf.train.adam's processor time",
    backends: ["webgpu"],
    workloads: /^one 1e6$/,
    contestants: /^(sgdf|adamf|adamw) webgpu$/,
    than: REFERENCE,
    least: 5,
    clock: "processor",
  },
  ...[["adamw", REFERENCE], ["momentum", "tf.train.momentum"]].map(([rule, than]): Target => ({
    text: `The portable ${rule} is no slower than ${than}`,
    backends: ["cpu", "wasm", "webgpu"],
    workloads: /./,
    contestants: new RegExp(`^${rule} portable$`),
    than: than!,
    least: 1,
  })),
];

/** A line of Markdown for each target that the results tell about, and one for each result. */
export function reportTargets(results: readonly Result[]): string[] {
  return TARGETS.flatMap((target) => {
    const lines = results.flatMap((result) => lineOf(target, result, results));
    if (lines.length === 0) return [];
    const { text, backends, than, least, clock } = target;
    const aim = than === "copy" ? `${(100 * least).toFixed(0)} %` : `${least.toFixed(2)}x`;
    const by = clock === "processor" ? ", on the processor's clock" : "";
    return [`- ${text} (${backends.join(", ")}: at least ${aim} by the medians${by}):`, ...lines];
  });
}

/** What a result has to do with a target: a line, or none. */
function lineOf(
  { backends, workloads, contestants, than, least, clock = "wall" }: Target,
  result: Result,
  results: readonly Result[],
): string[] {
  const { backend, workload, contestant, shareOfCopy } = result;
  if (!backends.includes(backend) || !workloads.test(workload)) return [];
  if (!contestants.test(contestant)) return [];
  const where = `${backends.length > 1 ? `${backend} ` : ""}${workload}`;
  const line = (value: number, text: string): string[] => [
    `  - ${contestant}, ${where}: ${text}`.replace(
      "VERDICT",
      value >= least ? "met" : "missed",
    ),
  ];
  if (than === "copy") {
    if (shareOfCopy === null) return [];
    return line(shareOfCopy, `${(100 * shareOfCopy).toFixed(1)} % of a plain copy, VERDICT`);
  }
  const name = than === "its like" ? result.peer : than;
  const other = results.find((other) =>
    other.backend === backend && other.workload === workload && other.contestant === name
  );
  const own = times(result, clock);
  const others = other && times(other, clock);
  if (own == null || others == null) return [];
  const ratio = others.median / own.median;
  const best = others.min / own.min;
  return line(
    ratio,
    `${ratio.toFixed(2)}x ${name}, VERDICT; ${best.toFixed(2)}x by the fastest samples`,
  );
}

function times({ milliseconds, processor, calls }: Result, clock: Clock): Summary | null {
  return { wall: milliseconds, processor, calls }[clock];
}
