import type { Score } from "../train/score.ts";
import type { Outcome } from "./outcome.ts";
import type { Contestant } from "./plan.ts";
import { type Mean, meanOf } from "./statistics.ts";

/** A finished run. */
export interface Finished {
  readonly contestant: Contestant;
  readonly seed: number;
  readonly outcome: Outcome;
}

/** What the runs of an optimizer at a rate come down to. */
export interface Summary {
  readonly contestant: Contestant;
  /** Runs, and those of them that diverged. */
  readonly runs: number;
  readonly diverged: number;
  /** Over the runs that did not diverge; null where all did. */
  readonly test: Mean | null;
  readonly testLoss: Mean | null;
  readonly validation: Mean | null;
  /** On the rows that tell the best. */
  readonly decidingLoss: Mean | null;
  readonly trainingLoss: Mean | null;
  /** Milliseconds of a step that the optimizer takes, and of the whole step. */
  readonly optimizerMs: Mean | null;
  readonly stepMs: Mean | null;
  /** Best of all. */
  readonly isBest: boolean;
  /** Best rate of its optimizer. */
  readonly isBestRate: boolean;
}

/** The number that is compared: the share of right answers, or the root mean squared error. */
export function gradeOf({ accuracy, rmse, loss }: Score): number {
  return accuracy ?? rmse ?? loss;
}

/**
 * A summary for each optimizer and rate that has a finished run, in the order of the plan. The best is
 * told by the validation rows where there are some, else by those for the test; runs that diverge come last.
 *
 * @param higherIsBetter whether the grade is a share of right answers
 */
export function summarize(
  contestants: readonly Contestant[],
  finished: readonly Finished[],
  higherIsBetter: boolean,
): Summary[] {
  const summaries = contestants.flatMap((contestant) => {
    const outcomes = finished.filter((run) => run.contestant === contestant)
      .map(({ outcome }) => outcome);
    if (outcomes.length === 0) return [];
    const whole = outcomes.filter(({ diverged }) => !diverged);
    const mean = (value: (outcome: Outcome) => number | null): Mean | null => {
      const values = whole.map(value).filter((each) => each !== null);
      return values.length === 0 ? null : meanOf(values);
    };
    return [{
      contestant,
      runs: outcomes.length,
      diverged: outcomes.length - whole.length,
      test: mean(({ test }) => test === null ? null : gradeOf(test)),
      testLoss: mean(({ test }) => test?.loss ?? null),
      validation: mean(({ validation }) => validation === null ? null : gradeOf(validation)),
      decidingLoss: mean(({ validation, test }) => (validation ?? test)?.loss ?? null),
      trainingLoss: mean(({ trainingLoss }) => trainingLoss),
      optimizerMs: mean(({ optimizerMs }) => optimizerMs),
      stepMs: mean(({ seconds, steps }) => 1000 * seconds / steps),
    }];
  });
  type Plain = typeof summaries[number];
  const isBetter = (a: Plain, b: Plain): boolean => {
    if (a.diverged !== b.diverged) return a.diverged < b.diverged;
    const [gradeA, gradeB] = [a, b].map(({ validation, test }) => (validation ?? test)?.mean);
    if (gradeA === undefined || gradeB === undefined) return gradeA !== undefined;
    if (gradeA !== gradeB) return higherIsBetter ? gradeA > gradeB : gradeA < gradeB;
    return a.decidingLoss!.mean < b.decidingLoss!.mean;
  };
  const bestOf = (some: readonly Plain[]) => some.reduce((a, b) => isBetter(b, a) ? b : a);
  const best = summaries.length === 0 ? undefined : bestOf(summaries);
  return summaries.map((summary) => {
    const rivals = summaries.filter(({ contestant }) =>
      contestant.label === summary.contestant.label
    );
    return {
      ...summary,
      isBest: summary === best && summary.test !== null,
      isBestRate: summary === bestOf(rivals) && summary.test !== null,
    };
  });
}
