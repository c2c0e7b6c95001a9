import type { Score } from "../train/score.ts";

/** What came out of a run. */
export interface Outcome {
  /** On the rows for the test; null if it diverged. */
  readonly test: Score | null;
  /** On the rows left out for validation, if there are any, and it did not diverge. */
  readonly validation: Score | null;
  /** Mean loss of the last epoch, over its rows; null if it diverged. */
  readonly trainingLoss: number | null;
  /** Whether a loss became NaN or infinite, which ended the run. */
  readonly diverged: boolean;
  /** Steps that were made. */
  readonly steps: number;
  /** What they took, all together. */
  readonly seconds: number;
  /** Mean milliseconds that the optimizer took of a step. */
  readonly optimizerMs: number;
  /** The loss over the training: means of stretches of equal length, with their last steps. */
  readonly curve: readonly (readonly [step: number, loss: number])[];
}

/** The most stretches of a curve. */
const STRETCHES = 60;

/** The curve of losses, one a step: means of at most {@link STRETCHES} stretches. */
export function curveOf(losses: readonly number[]): Outcome["curve"] {
  const { length: steps } = losses;
  const length = Math.max(1, Math.ceil(steps / STRETCHES), Math.min(10, Math.floor(steps / 8)));
  const count = Math.ceil(steps / length);
  return Array.from({ length: count }, (_, i) => {
    const part = losses.slice(i * length, (i + 1) * length);
    const mean = part.reduce((sum, loss) => sum + loss, 0) / part.length;
    return [i * length + part.length, Number(mean.toPrecision(6))] as const;
  }).filter(([, loss]) => Number.isFinite(loss));
}
