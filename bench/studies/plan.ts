import type { ERDMode } from "../../diffusion.ts";

/** Data sets of the study. */
export const DATA = ["ring", "digits"] as const;
/** Targets of the study. */
export const TARGETS = ["epsilon", "x0", "v", "flow"] as const;
/** Weightings of the study. The first is what the others are compared with. */
export const WEIGHTINGS = ["uniform", "erd", "min-snr", "p2", "online"] as const;

/** Name of a data set. */
export type DataName = typeof DATA[number];
/** Name of a target. */
export type TargetName = typeof TARGETS[number];
/** Name of a weighting. */
export type WeightingName = typeof WEIGHTINGS[number];

/** The library's mode behind each weighting; all are normalized. */
export const MODES: Readonly<Record<WeightingName, ERDMode>> = {
  "uniform": "uniform",
  "erd": "closed",
  "min-snr": { kind: "min-snr", gamma: 5 },
  "p2": { kind: "p2", k: 1, gamma: 1 },
  "online": "online",
};

/** What is the same in all runs of a data set, fixed before any of them. */
export interface Settings {
  /** Training batches. */
  readonly steps: number;
  /** Steps after which samples are measured, rising; the last is `steps`. */
  readonly checkpoints: readonly number[];
  readonly batchSize: number;
  /** Units and number of the denoiser's hidden layers. */
  readonly width: number;
  readonly depth: number;
  readonly learningRate: number;
  readonly emaDecay: number;
  readonly emaEvery: number;
  /** Samples drawn at a checkpoint, and the sampler's steps. */
  readonly samples: number;
  readonly samplerSteps: number;
}

/** The settings for so many training batches. */
export function settingsOf(data: DataName, steps: number, quick: boolean): Settings {
  return {
    steps,
    checkpoints: [steps / 4, steps / 2, steps].map(Math.ceil),
    batchSize: quick ? 16 : 128,
    width: quick ? 8 : { ring: 64, digits: 128 }[data],
    depth: 2,
    learningRate: 1e-3,
    emaDecay: 0.999,
    emaEvery: 5,
    samples: quick ? 64 : 2000,
    samplerSteps: quick ? 4 : 50,
  };
}

/** One run: a denoiser trained with one weighting. */
export interface Run {
  readonly data: DataName;
  readonly target: TargetName;
  readonly weighting: WeightingName;
  readonly seed: number;
}

/** What came out of a run. */
export interface Outcome extends Run {
  /** Its settings. */
  readonly settings: Settings;
  /** The distance of samples from data at each checkpoint. */
  readonly distances: readonly number[];
  /** Effective rank of the last hidden layer at each time of `RANK_TIMES`. */
  readonly ranks: readonly number[];
  /** On the ring: the mean loss beyond what the best denoiser has, over t; else null. */
  readonly excess: number | null;
  readonly seconds: number;
}

/** Times at which the rank of features is measured. */
export const RANK_TIMES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** The path of a target: flow matching has its own, the others the variance-preserving one. */
export const pathOf = (target: TargetName): "linear" | "cosine" =>
  target === "flow" ? "linear" : "cosine";

/** Why a weighting of a target is left out; undefined if it is not. */
export function leftOut(
  { target, weighting }: Pick<Run, "target" | "weighting">,
): string | undefined {
  return target === "flow" && weighting === "erd"
    ? "the closed form of flow is 1 at all t: the same runs as uniform"
    : undefined;
}

/** All runs, seed by seed, so that whatever is finished is paired. */
export function runsOf(
  { data, targets, weightings, seeds }: {
    data: DataName;
    targets: readonly TargetName[];
    weightings: readonly WeightingName[];
    seeds: number;
  },
): Run[] {
  return Array.from({ length: seeds }, (_, seed) => seed).flatMap((seed) =>
    targets.flatMap((target) => weightings.map((weighting) => ({ data, target, weighting, seed })))
  ).filter((run) => leftOut(run) === undefined);
}

/** Whether an outcome is that of a run. */
export function isOutcomeOf(run: Run): (outcome: Outcome) => boolean {
  return ({ data, target, weighting, seed }) =>
    data === run.data && target === run.target && weighting === run.weighting && seed === run.seed;
}
