import { createHash } from "node:crypto";

/** What is to be learned: which class a row belongs to, or a number. */
export type Task = "classification" | "regression";

/** Rows of numbers and what belongs to each. */
export interface Rows {
  readonly count: number;
  /** The inputs, row after row. */
  readonly inputs: Float32Array;
  /** The class of each row, counted from 0, or its number. */
  readonly targets: Float32Array;
}

/** How a number of the data became one for the model: `(value - mean) / scale`. */
export interface Scaling {
  readonly mean: number;
  readonly scale: number;
}

/** How the columns of a table became inputs, for those who use the model afterwards. */
export interface TableFacts {
  /** The columns that are inputs, with how they were scaled. */
  readonly inputs: readonly ({ readonly name: string } & Scaling)[];
  /** The column that is predicted; scaled where it is a number. */
  readonly target: { readonly name: string } & Partial<Scaling>;
}

/** Data to learn from and others to test with. */
export interface Dataset {
  /** What it is called, such as "MNIST" or the name of a file. */
  readonly name: string;
  readonly task: Task;
  /** Shape of one row: `[28, 28, 1]` for an image, `[4]` for four columns. */
  readonly inputShape: readonly number[];
  /** Names of the classes; none where a number is predicted. */
  readonly classes: readonly string[];
  readonly train: Rows;
  readonly test: Rows;
  /** Of a table: its columns. Of images: null, brightness 0 to 255 is divided by 255. */
  readonly table: TableFacts | null;
}

/** Numbers in one row. */
export function width({ inputShape }: Pick<Dataset, "inputShape">): number {
  return inputShape.reduce((product, size) => product * size, 1);
}

/** Numbers that a model is to give for a row. */
export function outputs({ task, classes }: Pick<Dataset, "task" | "classes">): number {
  return task === "classification" ? classes.length : 1;
}

/** Some of the rows, from one to before another; no copy is made. */
export function slice(rows: Rows, from: number, to: number): Rows {
  const perRow = rows.inputs.length / rows.count;
  return {
    count: to - from,
    inputs: rows.inputs.subarray(from * perRow, to * perRow),
    targets: rows.targets.subarray(from, to),
  };
}

/** Sixteen hexadecimal digits that tell these data from any others. */
export function fingerprintOf({ task, inputShape, classes, train, test }: Dataset): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([task, inputShape, classes, train.count, test.count]));
  for (const { inputs, targets } of [train, test]) {
    for (const { buffer, byteOffset, byteLength } of [inputs, targets]) {
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
