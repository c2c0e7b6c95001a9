import type * as tfl from "@tensorflow/tfjs-layers";
import type { RunProgress } from "./observer.ts";
import type { Outcome } from "./outcome.ts";
import { type Settings, type WeightingName, weightingsOf } from "./settings.ts";
import { type Data, type Samples, TrainingRun } from "./training_run.ts";

/** How far an experiment is. */
export interface ExperimentProgress extends RunProgress {
  /** Steps done with all weightings. */
  readonly done: number;
}

/** What an experiment is carried out with. */
export interface ExperimentOptions {
  readonly settings: Settings;
  readonly data: Data;
  readonly samples: Samples;
  /** Directory for checkpoints; an experiment goes on from those that are there. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ExperimentProgress) => void;
  /** Called before a run is trained; gives callbacks that watch it. */
  readonly onRun?: (run: TrainingRun, weighting: WeightingName) => readonly tfl.Callback[];
}

/** Most images in a row of a grid. */
const MOST_COLUMNS = 16;

/** So many samples, each class in a column of its own if there is room. */
export function samplesOf({ samples }: Settings, { classes }: Data): Samples {
  return {
    labels: Uint8Array.from({ length: samples }, (_, i) => i % classes),
    columns: Math.min(classes, samples, MOST_COLUMNS),
  };
}

/** How an experiment ended. */
export interface ExperimentEnd {
  /** Whether all is done; otherwise it was stopped, and the checkpoints tell where. */
  readonly isDone: boolean;
  /** What came of each weighting that is done. */
  readonly outcomes: readonly Outcome[];
  /** What the process exits with after a signal that stopped it, else 0. */
  readonly exitCode: number;
}

/** Trains a denoiser with each weighting, from equal weights, on equal batches and noise. */
export async function experiment(options: ExperimentOptions): Promise<ExperimentEnd> {
  const { settings, data, samples, directory, signal, onRun } = options;
  const outcomes: Outcome[] = [];
  for (const weighting of weightingsOf(settings)) {
    if (signal.aborted) return { isDone: false, outcomes, exitCode: 0 };
    const run = new TrainingRun(settings, weighting, data, samples);
    try {
      const before = outcomes.length * settings.steps;
      const { outcome, exitCode } = await run.train({
        directory,
        signal,
        onProgress: (progress) => options.onProgress({ ...progress, done: before + progress.step }),
        watchers: onRun?.(run, weighting) ?? [],
      });
      if (outcome.step < settings.steps) return { isDone: false, outcomes, exitCode };
      outcomes.push(outcome);
    } finally {
      run.dispose();
    }
  }
  return { isDone: true, outcomes, exitCode: 0 };
}
