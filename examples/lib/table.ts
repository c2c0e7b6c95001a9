import Table from "cli-table3";
import type { TrainingResult } from "./train.ts";

const HEAD = [
  "Optimizer",
  "Hyper-parameters",
  "Test\naccuracy",
  "Training\nloss",
  "Optimizer\nms/step",
  "In all\nms/step",
];

/** Columns that the table takes besides the hyper-parameters. */
const OTHER_COLUMNS = 60;

/** How the table is to look. */
export interface TableStyle {
  /** Whether the head and the frame are styled. */
  readonly hasColor: boolean;
  /** Columns that it should fit in. */
  readonly columns: number;
}

/** The results as a table of text. The training loss is the mean of the last epoch. */
export function resultsTable(
  results: readonly TrainingResult[],
  { hasColor, columns }: TableStyle,
): string {
  const width = Math.max(19, Math.min(30, columns - OTHER_COLUMNS));
  const table = new Table({
    head: HEAD,
    colAligns: ["left", "left", "right", "right", "right", "right"],
    style: { head: hasColor ? ["bold"] : [], border: hasColor ? ["gray"] : [] },
  });
  for (const result of results) {
    table.push([
      result.name,
      hyperparameters(result.hyperparameters, width),
      result.testAccuracy === undefined ? "stopped" : `${(100 * result.testAccuracy).toFixed(2)} %`,
      result.finalLoss.toFixed(4),
      milliseconds(result.optimizerMs),
      milliseconds(result.stepMs),
    ]);
  }
  return table.toString();
}

/** Of a run that was whole before there is no time. */
function milliseconds(value: number): string {
  return Number.isNaN(value) ? "-" : value.toFixed(2);
}

/** Options that say nothing at this value, and the average's share that the demo does not keep. */
const OFF: Readonly<Record<string, number>> = {
  weightDecay: 0,
  gradientAccumulationSteps: 1,
  emaMomentum: 0.99,
};

/** `learningRate 0.5, beta1 0.9, ...`, the numbers of a configuration, broken where a line gets long. */
function hyperparameters(config: TrainingResult["hyperparameters"], width: number): string {
  const words = Object.entries(config)
    .filter(([name, value]) => name === "schedule" || typeof value === "number")
    .filter(([name, value]) => OFF[name] === undefined || OFF[name] !== value)
    .map(([name, value]) => `${name} ${value}`);
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== undefined && `${line}, ${word}`.length <= width) {
      lines[lines.length - 1] = `${line}, ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines.join("\n");
}
