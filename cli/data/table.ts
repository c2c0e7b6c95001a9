import { failure, Refusal } from "@signalfit/tfjs/parts";
import { nearest } from "@signalfit/tfjs/parts";
import { type CsvRow, type CsvTable, readCsv } from "./csv.ts";
import { divide } from "./divide.ts";
import type { Dataset, Rows, Scaling, TableFacts, Task } from "./dataset.ts";

/** How a table becomes data to learn from. */
export interface TableOptions {
  /**
   * The column to predict.
   * @default {the last one}
   */
  readonly target?: string;
  /** Columns that are left out, such as a number of the row. */
  readonly ignore?: readonly string[];
  /**
   * What is to be learned.
   * @default {a class, where the target holds words or whole numbers, else a number}
   */
  readonly task?: Task;
  /** Share of the rows that are kept for the test, in (0, 1). */
  readonly testSplit: number;
}

/** Share of numbers in a target above which what is no number is taken for a mistake. */
const MOSTLY = 0.9;

/**
 * Reads a CSV file: see {@link tableDataset}.
 *
 * @throws {Error} if it cannot be used, naming the file, the line, the column and what was expected
 */
export async function readTable(path: string, options: TableOptions): Promise<Dataset> {
  const table = await readCsv(path);
  try {
    return tableDataset(path, table, options);
  } catch (error) {
    throw failure("Cannot use", path, error);
  }
}

/**
 * Makes data to learn from of a table. Inputs must be numbers; they, and a target that is a number,
 * are shifted and scaled to mean 0 and deviation 1 over the rows to learn from. Which rows are kept
 * for the test depends on their number alone, not on any seed.
 *
 * @throws {Refusal} if it cannot be used
 */
export function tableDataset(name: string, table: CsvTable, options: TableOptions): Dataset {
  const { columns, rows } = table;
  const target = targetOf(columns, options.target);
  const ignored = (options.ignore ?? []).map((column) => indexOf(columns, column, "--ignore"));
  if (ignored.includes(target)) {
    throw new Refusal(
      `line 1: expected a column to predict, got "${
        columns[target]
      }", which --ignore leaves out; ` +
        `--target names another`,
    );
  }
  const inputs = columns.map((_, i) => i).filter((i) => i !== target && !ignored.includes(i));
  if (inputs.length === 0) {
    throw new Refusal(`line 1: expected columns beside the target "${columns[target]}", got none`);
  }
  if (rows.length < 2) {
    throw new Refusal(`expected at least 2 rows, one to learn from and one to test, got 1`);
  }
  const task = taskOf(rows, target, columns[target]!, options.task);
  const parts = divide(rows.length, options.testSplit);
  const scaled = inputs.map((column) => {
    const values = rows.map((row) => numberAt(row, column, columns[column]!));
    return scale(columns[column]!, values, parts[0]);
  });
  const labels = task === "classification"
    ? classesOf(rows, target, columns[target]!)
    : numbersOf(rows, target, columns[target]!, parts[0]);
  const [train, test] = parts.map((part): Rows => {
    const values = new Float32Array(part.length * inputs.length);
    part.forEach((row, at) =>
      scaled.forEach((column, i) => values[at * inputs.length + i] = column.values[row]!)
    );
    return {
      count: part.length,
      inputs: values,
      targets: Float32Array.from(part, (row) => labels.values[row]!),
    };
  }) as [Rows, Rows];
  const facts: TableFacts = {
    inputs: scaled.map(({ name, mean, scale }) => ({ name, mean, scale })),
    target: { name: columns[target]!, ...labels.scaling },
  };
  const { classes } = labels;
  return { name, task, inputShape: [inputs.length], classes, train, test, table: facts };
}

function targetOf(columns: readonly string[], target: string | undefined): number {
  return target === undefined ? columns.length - 1 : indexOf(columns, target, "--target");
}

function indexOf(columns: readonly string[], name: string, option: string): number {
  const index = columns.indexOf(name);
  if (index >= 0) return index;
  const near = nearest(name, columns);
  throw new Refusal(
    `line 1: expected a column "${name}" (${option}); ` +
      (near === undefined ? `the columns are ${columns.join(", ")}` : `did you mean "${near}"?`),
  );
}

/** A number that float32 can hold, or undefined. */
export function numberIn(field: string): number | undefined {
  const value = field === "" ? NaN : Number(field);
  return Number.isFinite(Math.fround(value)) ? value : undefined;
}

function numberAt({ fields, line }: CsvRow, column: number, name: string): number {
  const value = numberIn(fields[column]!);
  if (value !== undefined) return value;
  throw new Refusal(
    `line ${line}, column "${name}": expected a number, got ${shown(fields[column]!)}`,
  );
}

/** A field that is no number, as an error shows it. */
export function shown(field: string): string {
  if (field === "") return "nothing";
  return `"${field}"` + (Number.isFinite(Number(field)) ? ", too great for float32" : "");
}

function taskOf(
  rows: readonly CsvRow[],
  target: number,
  name: string,
  task: Task | undefined,
): Task {
  for (const { fields, line } of rows) {
    if (fields[target] !== "") continue;
    throw new Refusal(`line ${line}, column "${name}": expected a value to learn, got nothing`);
  }
  if (task !== undefined) return task;
  const numbers = rows.map(({ fields }) => numberIn(fields[target]!));
  const there = numbers.filter((value) => value !== undefined);
  if (there.every(Number.isInteger)) return "classification";
  if (there.length < MOSTLY * rows.length) return "classification";
  return "regression"; // A word among fractions is told of where it stands.
}

/** What belongs to each row. */
interface Labels {
  readonly classes: readonly string[];
  readonly values: readonly number[];
  /** How numbers were scaled. */
  readonly scaling?: Scaling;
}

/** The classes by name, whole numbers in their order, and the class of each row. */
function classesOf(
  rows: readonly CsvRow[],
  target: number,
  name: string,
): Labels {
  const names = [...new Set(rows.map(({ fields }) => fields[target]!))];
  const classes = names.every((name) => numberIn(name) !== undefined)
    ? names.sort((a, b) => Number(a) - Number(b))
    : names.sort();
  if (classes.length < 2) {
    throw new Refusal(`column "${name}": expected at least 2 classes, got "${classes[0]}" alone`);
  }
  if (classes.length > Math.max(2, rows.length / 2)) {
    throw new Refusal(
      `column "${name}": expected classes that recur, got ${classes.length} in ${rows.length} ` +
        `rows; --task regression predicts a number`,
    );
  }
  const index = new Map(classes.map((name, i) => [name, i]));
  return { classes, values: rows.map(({ fields }) => index.get(fields[target]!)!) };
}

/** The numbers to predict, scaled. */
function numbersOf(
  rows: readonly CsvRow[],
  target: number,
  name: string,
  train: Uint32Array,
): Labels {
  const { values, mean, scale: by } = scale(
    name,
    rows.map((row) => numberAt(row, target, name)),
    train,
  );
  return { classes: [], values, scaling: { mean, scale: by } };
}

/** Values shifted and scaled so that those of some rows have mean 0 and deviation 1. */
function scale(
  name: string,
  values: readonly number[],
  train: Uint32Array,
): { name: string; values: number[] } & Scaling {
  const count = train.length;
  const mean = train.reduce((sum, row) => sum + values[row]!, 0) / count;
  const variance = train.reduce((sum, row) => sum + (values[row]! - mean) ** 2, 0) / count;
  const deviation = Math.sqrt(variance);
  const scale = deviation > 1e-12 * Math.abs(mean) ? deviation : 1; // else it is a constant
  return { name, mean, scale, values: values.map((value) => (value - mean) / scale) };
}
