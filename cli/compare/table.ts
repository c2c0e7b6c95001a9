import Table from "cli-table3";
import { short } from "../train/score.ts";
import type { Mean } from "./statistics.ts";
import type { Summary } from "./summary.ts";

/** How the table is to look. */
export interface TableStyle {
  /** Whether a share of right answers is compared; else the root mean squared error. */
  readonly isClasses: boolean;
  readonly hasColors: boolean;
}

/** What marks the best of all, and the best rate of an optimizer that has several. */
export const BEST = "★", BEST_RATE = "•";

/** The summaries as a table of text: means and their standard errors. */
export function summaryTable(
  summaries: readonly Summary[],
  { isClasses, hasColors }: TableStyle,
): string {
  const hasValidation = summaries.some(({ validation }) => validation !== null);
  const grade = isClasses ? "accuracy, %" : "RMSE";
  const table = new Table({
    head: [
      "",
      "Optimizer",
      "Learning\nrate",
      ...hasValidation ? [`Validation\n${grade}`] : [],
      `Test\n${grade}`,
      "Test\nloss",
      "Training\nloss",
      "Runs",
    ],
    colAligns: [
      "left",
      "left",
      "right",
      ...hasValidation ? ["right" as const] : [],
      "right",
      "right",
      "right",
      "right",
    ],
    style: { head: hasColors ? ["bold"] : [], border: hasColors ? ["gray"] : [] },
  });
  const shown = (mean: Mean | null): string =>
    mean === null ? "diverged" : isClasses ? spread(mean, 100, 2) : spread(mean);
  for (const summary of summaries) {
    const { contestant, validation, test, testLoss, trainingLoss, runs, diverged } = summary;
    const rivals = summaries.filter((each) => each.contestant.label === contestant.label);
    const mark = summary.isBest ? BEST : summary.isBestRate && rivals.length > 1 ? BEST_RATE : "";
    table.push([
      mark,
      contestant.label,
      short(contestant.learningRate),
      ...hasValidation ? [shown(validation)] : [],
      shown(test),
      testLoss === null ? "" : spread(testLoss),
      trainingLoss === null ? "" : spread(trainingLoss),
      diverged === 0 ? String(runs) : `${runs}, ${diverged} diverged`,
    ]);
  }
  return table.toString();
}

/** "97.21 ± 0.14"; of one run the mean alone. */
function spread({ mean, error }: Mean, scale = 1, digits?: number): string {
  const value = scale * mean, off = error === null ? undefined : scale * error;
  const places = digits ?? placesOf(off === undefined || off === 0 ? value / 100 : off);
  return value.toFixed(places) + (off === undefined ? "" : ` ± ${off.toFixed(places)}`);
}

/** Places after the point for two digits of an error. */
function placesOf(error: number): number {
  if (!(error > 0)) return 4;
  return Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(error))));
}
