import { number, table } from "../../../cli/bench/report.ts";
import { type Estimate, estimate } from "../paired.ts";
import { type Choice, type Experiment, keyOf, type Outcome } from "./plan.ts";

/** What the seeds of a choice came to. */
export interface Cell {
  readonly choice: Choice;
  /** Test loss; the mean is NaN if a run ended without finite parameters, or there is none. */
  readonly loss: Estimate;
  readonly accuracy: Estimate;
}

/** The outcomes of a choice. */
export function cellOf(choice: Choice, outcomes: readonly Outcome[]): Cell {
  const own = outcomes.filter((outcome) => keyOf(outcome) === keyOf(choice));
  return {
    choice,
    loss: estimate(own.map(({ testLoss }) => testLoss ?? NaN)),
    accuracy: estimate(own.map(({ accuracy }) => accuracy)),
  };
}

/** The cell with the least loss; undefined if none has a finite one. */
export function bestOf(cells: readonly Cell[]): Cell | undefined {
  return cells.filter(({ loss }) => Number.isFinite(loss.mean))
    .toSorted((a, b) => a.loss.mean - b.loss.mean)[0];
}

interface Row {
  readonly name: string;
  readonly cells: readonly Cell[];
}

/** An experiment as a heading and a table in Markdown: test losses, the best of each row in bold. */
export function reportExperiment(
  { title: heading, across, columns, rows }: Experiment,
  outcomes: readonly Outcome[],
): string {
  const found: Row[] = rows.map(({ name, choices }) => ({
    name,
    cells: choices.map((choice) => cellOf(choice, outcomes)),
  }));
  const markdown = table<Row>([
    { title: `${across}:`, cell: ({ name }) => name },
    ...columns.map((title, i) => ({
      title,
      align: "right" as const,
      cell: ({ cells }: Row) => lossOf(cells[i]!, bestOf(cells) === cells[i]),
    })),
    {
      title: "accuracy of the best, %",
      align: "right" as const,
      cell: ({ cells }) => percent(bestOf(cells)?.accuracy),
    },
  ], found);
  return `### ${heading}\n\n${markdown}`;
}

function lossOf({ loss }: Cell, isBest: boolean): string {
  if (loss.count === 0) return "";
  if (!Number.isFinite(loss.mean)) return "not finite";
  const text = Number.isFinite(loss.error)
    ? `${number(loss.mean)} ± ${number(loss.error)}`
    : number(loss.mean);
  return isBest ? `**${text}**` : text;
}

function percent(accuracy: Estimate | undefined): string {
  if (accuracy === undefined) return "";
  const text = (100 * accuracy.mean).toFixed(2);
  return Number.isFinite(accuracy.error) ? `${text} ± ${(100 * accuracy.error).toFixed(2)}` : text;
}
