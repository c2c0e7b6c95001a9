import type { BackendName } from "./backends.ts";
import { REFERENCE } from "./contestants.ts";
import type { Result } from "./measure.ts";

/** A ratio to reach. It is reported; nothing depends on it. */
interface Target {
  readonly text: string;
  readonly backend: BackendName;
  readonly workloads: RegExp;
  readonly contestants: RegExp;
  readonly ratio: "timesReference" | "timesPeer";
  readonly least: number;
}

const TARGETS: readonly Target[] = [
  {
    text: "The printed loop takes at most 1.15 times as long as the one written by hand",
    backend: "cpu",
    workloads: /^one/,
    contestants: /^(sgdf|adamf) loop$/,
    ratio: "timesPeer",
    least: 1 / 1.15,
  },
  {
    text: "The loop engine is at least 15 times as fast as tf.train.adam",
    backend: "cpu",
    workloads: /^one 1e6$/,
    contestants: /^(sgdf|adamf|adamw) loop$/,
    ratio: "timesReference",
    least: 15,
  },
];

/** A line of Markdown for each target that the results tell about. */
export function reportTargets(results: readonly Result[]): string[] {
  return TARGETS.flatMap(({ text, backend, workloads, contestants, ratio, least }) => {
    const found = results.filter((result) =>
      result.backend === backend && workloads.test(result.workload) &&
      contestants.test(result.contestant) && result[ratio] !== null
    );
    if (found.length === 0) return [];
    return [
      `- ${text} (${backend}, at least ${least.toFixed(2)}x by the medians):`,
      ...found.map((result) => {
        const value = result[ratio]!;
        const other = ratio === "timesPeer" ? result.peer : REFERENCE;
        const best = fastest(results, result, other) / fastest(results, result, result.contestant);
        return `  - ${result.contestant}, ${result.workload}: ${value.toFixed(2)}x ${other}` +
          `${value >= least ? "" : ", missed"}; ${best.toFixed(2)}x by the fastest samples`;
      }),
    ];
  });
}

/** The fastest sample of a contestant beside another one. */
function fastest(
  results: readonly Result[],
  { backend, workload }: Result,
  contestant: string | null,
): number {
  return results.find((result) =>
    result.backend === backend && result.workload === workload && result.contestant === contestant
  )?.milliseconds?.min ?? NaN;
}
