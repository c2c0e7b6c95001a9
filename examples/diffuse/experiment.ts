import { drawGrid, type Grid } from "./grid.ts";
import type { HeldOut } from "./held_out.ts";
import { type Settings, type WeightingName, weightingsOf } from "./settings.ts";
import { type Data, TrainingRun } from "./training_run.ts";

/** What is kept of a run after so many steps, plain data for JSON. */
export interface Snapshot {
  /** Steps done. */
  readonly step: number;
  /** The samples. */
  readonly grid: Grid;
  /** The raw loss on test images. */
  readonly heldOut: HeldOut;
}

/** What came of a weighting so far, plain data for JSON. */
export interface Outcome {
  readonly weighting: WeightingName;
  /** At equal steps for all weightings. */
  readonly snapshots: Snapshot[];
  /** Weight of the loss in force, by the middle of a noise level's bin. */
  weights: { readonly t: number; readonly weight: number }[];
  /** Seconds spent on training, and on samples and measurements. */
  readonly seconds: { training: number; looking: number };
}

/** How far an experiment is. */
export interface ExperimentProgress {
  readonly weighting: WeightingName;
  /** Steps done with it. */
  readonly step: number;
  /** Steps done with all weightings. */
  readonly done: number;
  /** Mean raw loss of the last stretch of steps; NaN before there is one. */
  readonly loss: number;
  /** Whether samples were just drawn. */
  readonly isSnapshot: boolean;
}

/** What an experiment reports to. */
export interface ExperimentOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ExperimentProgress) => void;
  /** Called when all weightings have come to the same step and shown their samples. */
  readonly onMilestone?: () => Promise<void>;
}

/** Samples are drawn so many times, at equal distances. */
const SNAPSHOTS = 5;
/** Most images in a row of a grid. */
const MOST_COLUMNS = 16;
/** Times at which the weight is noted. */
const WEIGHT_POINTS = 64;

/** Trains a denoiser with each weighting, from equal weights, on equal batches and noise. */
export class Experiment {
  readonly settings: Settings;
  readonly runs: readonly TrainingRun[];
  readonly outcomes: readonly Outcome[];
  /** Classes of the samples, each in a column of its own if there is room. */
  readonly labels: Uint8Array;
  /** Images in a row of a grid. */
  readonly columns: number;

  constructor(settings: Settings, data: Data) {
    this.settings = settings;
    const { samples } = settings, { classes } = data;
    this.labels = Uint8Array.from({ length: samples }, (_, i) => i % classes);
    this.columns = Math.min(classes, samples, MOST_COLUMNS);
    const weightings = weightingsOf(settings);
    this.runs = weightings.map((weighting) => new TrainingRun(settings, weighting, data));
    this.outcomes = weightings.map((weighting) => ({
      weighting,
      snapshots: [],
      weights: [],
      seconds: { training: 0, looking: 0 },
    }));
  }

  /** Goes on to the end, or until it is told to stop. */
  async continue(options: ExperimentOptions): Promise<void> {
    for (const milestone of milestones(this.settings.steps)) {
      const isNew = this.outcomes.some(({ snapshots }) => snapshots.at(-1)?.step !== milestone);
      for (const [i, run] of this.runs.entries()) {
        await this.#advance(run, this.outcomes[i]!, milestone, options);
        if (options.signal.aborted) return;
      }
      if (isNew) await options.onMilestone?.();
    }
  }

  dispose(): void {
    for (const run of this.runs) run.dispose();
  }

  /** Trains a run up to a step and notes what it has come to there, if that is still to be done. */
  async #advance(
    run: TrainingRun,
    outcome: Outcome,
    milestone: number,
    { signal, onProgress }: ExperimentOptions,
  ): Promise<void> {
    const { weighting } = run, { seconds, snapshots } = outcome;
    if ((snapshots.at(-1)?.step ?? 0) >= milestone) return;
    let loss = NaN;
    const report = (isSnapshot: boolean): void => {
      const done = this.runs.reduce((sum, { step }) => sum + step, 0);
      onProgress?.({ weighting, step: run.step, done, loss, isSnapshot });
    };
    const began = performance.now();
    await run.train(milestone, {
      signal,
      onStep: () => report(false),
      onLoss: (value) => loss = value,
    });
    const trained = performance.now();
    seconds.training += (trained - began) / 1000;
    if (signal.aborted) return;
    const grid = drawGrid(await run.sample(this.labels), this.columns);
    snapshots.push({ step: milestone, grid, heldOut: await run.measure() });
    outcome.weights = Array.from({ length: WEIGHT_POINTS }, (_, i) => {
      const t = (i + 0.5) / WEIGHT_POINTS;
      return { t, weight: run.erd.weightAt(t) };
    });
    seconds.looking += (performance.now() - trained) / 1000;
    report(true);
  }
}

/** The steps after which samples are drawn. */
export function milestones(steps: number): number[] {
  const count = Math.min(SNAPSHOTS, steps);
  return Array.from({ length: count }, (_, i) => Math.round(steps * (i + 1) / count));
}
