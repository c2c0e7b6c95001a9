import type { Result } from "./measure.ts";

/** Something to reach. It is reported; nothing depends on it. */
interface Target {
  readonly network: string;
  /** What is measured: this library on wasm. Beside whom, and how many times as fast it is to be. */
  readonly than: string;
  readonly on?: string;
  readonly least: number;
}

const TARGETS: readonly Target[] = [
  { network: "dense", than: "tfjs alone", on: "wasm", least: 4.5 },
  { network: "conv", than: "tfjs alone", on: "cpu", least: 100 },
  { network: "lstm", than: "tfjs alone", on: "cpu", least: 150 },
  { network: "dense", than: "PyTorch", least: 1 / 2 },
  { network: "conv", than: "PyTorch", least: 1 / 4 },
];

/** A line of Markdown for each target that the results tell about. */
export function reportTargets(results: readonly Result[]): string[] {
  return TARGETS.flatMap(({ network, than, on, least }) => {
    const find = (name: string, backend?: string) =>
      results.find((result) =>
        result.network === network && result.contestant === name &&
        (backend === undefined || result.backend === backend)
      )?.time?.median;
    const ours = find("our adamf and kernels", "wasm"), theirs = find(than, on);
    if (ours === undefined || theirs === undefined) return [];
    const ratio = theirs / ours;
    const whom = than === "PyTorch" ? "PyTorch on one thread" : `${than} on ${on}`;
    return [
      `- ${network} on wasm, beside ${whom}: ${times(ratio)}, to be at least ${times(least)}: ` +
      (ratio >= least ? "met" : "missed"),
    ];
  });
}

/** A ratio, for people. */
export function times(ratio: number): string {
  return `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)}x`;
}
