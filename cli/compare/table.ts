import Table from "cli-table3";
import { wrapped } from "../lib/note.ts";
import { short } from "../train/score.ts";
import type { Mean } from "./statistics.ts";
import type { Summary } from "./summary.ts";

/** How the table is to look. */
export interface TableStyle {
  /** Whether a share of right answers is compared; else the root mean squared error. */
  readonly isClasses: boolean;
  readonly hasColors: boolean;
  /**
   * Columns of the terminal, which the table is to fit in.
   * @default {as many as it takes}
   */
  readonly columns?: number;
}

/** What marks the best of all, and the best rate of an optimizer that has several. */
export const BEST = "★", BEST_RATE = "•";

/** A column. */
interface Column {
  readonly head: string;
  readonly align: "left" | "right";
  /** Which columns go first where there is little room; those without it never do. */
  readonly worth?: number;
  cell(summary: Summary): string;
}

/** Letters of an optimizer's name in a line, where there is little room. */
const NARROW_NAME = 16;

/** The summaries as a table of text: means and their standard errors. */
export function summaryTable(summaries: readonly Summary[], style: TableStyle): string {
  const { columns = Infinity } = style;
  const all = columnsOf(summaries, style);
  for (const name of [Infinity, NARROW_NAME]) {
    let kept = all;
    for (;;) {
      const table = drawn(summaries, kept, name, style);
      const worth = kept.flatMap((column) => column.worth ?? []);
      const isLast = worth.length === 0 && name === NARROW_NAME;
      if (widthOf(table) <= columns || isLast) {
        const left = all.filter((column) => !kept.includes(column));
        const note = wrapped(`For want of room without: ${list(left)}.`, columns);
        return left.length === 0 ? table : [table, ...note].join("\n");
      }
      if (worth.length === 0) break;
      kept = kept.filter((column) => column.worth !== Math.min(...worth));
    }
  }
  throw new Error("unreachable: the narrowest table was given");
}

const list = (columns: readonly Column[]): string =>
  columns.map(({ head }) => head.replace("\n", " ").toLowerCase()).join(", ");

function columnsOf(summaries: readonly Summary[], { isClasses }: TableStyle): Column[] {
  const hasValidation = summaries.some(({ validation }) => validation !== null);
  const hasTimes = summaries.some(({ stepMs }) => stepMs !== null);
  const grade = isClasses ? "accuracy, %" : "RMSE";
  const graded = (mean: Mean | null): string =>
    mean === null ? "diverged" : isClasses ? spread(mean, 100, 2) : spread(mean);
  const lost = (mean: Mean | null): string => mean === null ? "" : spread(mean);
  const timed = (mean: Mean | null): string =>
    mean === null || !Number.isFinite(mean.mean) ? "-" : mean.mean.toFixed(2);
  return [
    { head: "", align: "left", cell: (summary) => markOf(summary, summaries) },
    { head: "Optimizer", align: "left", cell: ({ contestant }) => contestant.label },
    {
      head: "Learning\nrate",
      align: "right",
      cell: ({ contestant }) => short(contestant.learningRate),
    },
    ...hasValidation
      ? [
        {
          head: `Validation\n${grade}`,
          align: "right",
          worth: 6,
          cell: ({ validation }: Summary) => graded(validation),
        } as const,
      ]
      : [],
    { head: `Test\n${grade}`, align: "right", cell: ({ test }) => graded(test) },
    { head: "Test\nloss", align: "right", worth: 4, cell: ({ testLoss }) => lost(testLoss) },
    {
      head: "Training\nloss",
      align: "right",
      worth: 3,
      cell: ({ trainingLoss }) => lost(trainingLoss),
    },
    ...hasTimes
      ? [
        {
          head: "Optimizer\nms/step",
          align: "right",
          worth: 1,
          cell: ({ optimizerMs }: Summary) => timed(optimizerMs),
        } as const,
        {
          head: "In all\nms/step",
          align: "right",
          worth: 2,
          cell: ({ stepMs }: Summary) => timed(stepMs),
        } as const,
      ]
      : [],
    {
      head: "Runs",
      align: "right",
      worth: 5,
      cell: ({ runs, diverged }) => diverged === 0 ? String(runs) : `${runs}, ${diverged} diverged`,
    },
  ];
}

function markOf(summary: Summary, summaries: readonly Summary[]): string {
  const rivals = summaries.filter(({ contestant }) =>
    contestant.label === summary.contestant.label
  );
  return summary.isBest ? BEST : summary.isBestRate && rivals.length > 1 ? BEST_RATE : "";
}

function drawn(
  summaries: readonly Summary[],
  columns: readonly Column[],
  nameWidth: number,
  { hasColors }: TableStyle,
): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ align }) => align),
    style: { head: hasColors ? ["bold"] : [], border: hasColors ? ["gray"] : [] },
  });
  for (const summary of summaries) {
    table.push(columns.map(({ cell }) => broken(cell(summary), nameWidth)));
  }
  return table.toString();
}

/** A text in lines of at most so many letters, broken before colons and after commas where it may be. */
function broken(text: string, most: number): string {
  const lines = [""];
  for (const part of text.split(/(?=:)|(?<=, )/)) {
    if (lines.at(-1) !== "" && (lines.at(-1) + part).trimEnd().length > most) lines.push("");
    lines[lines.length - 1] += part;
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}

// deno-lint-ignore no-control-regex -- the colors are what is to be left out
const COLOR = /\x1b\[\d+m/g;

const widthOf = (table: string): number => table.split("\n")[0]!.replaceAll(COLOR, "").length;

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
