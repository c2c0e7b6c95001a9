import { basename } from "node:path";
import { nearest } from "@signalfit/tfjs/parts";
import { readCsv } from "../data/csv.ts";
import { numberIn, shown } from "../data/table.ts";
import { UsageError } from "../exit_codes.ts";
import type { Column, DiffusionData } from "./data.ts";

/**
 * Reads points from a CSV file whose first row names the columns.
 *
 * @param wanted the columns, all if undefined
 * @throws {UsageError} if there is no such column
 * @throws {Error} if a field is no number, naming file, line and column
 */
export async function readPoints(
  path: string,
  wanted: readonly string[] | undefined,
): Promise<DiffusionData> {
  const table = await readCsv(path);
  const names = wanted ?? table.columns;
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) throw new UsageError(`--columns has "${twice}" twice`);
  const places = names.map((name) => {
    const place = table.columns.indexOf(name);
    if (place >= 0) return place;
    const near = nearest(name, table.columns);
    throw new UsageError(
      `${path} has no column "${name}"; ` +
        (near === undefined ? `it has ${table.columns.join(", ")}` : `did you mean "${near}"?`),
    );
  });
  const count = table.rows.length;
  const raw = new Float64Array(count * places.length);
  for (const [row, { fields, line }] of table.rows.entries()) {
    for (const [column, place] of places.entries()) {
      const field = fields[place]!, value = numberIn(field);
      if (value === undefined) {
        throw new Error(
          `Cannot read ${path}: line ${line}, column "${names[column]}": expected a number, got ` +
            shown(field) +
            (wanted === undefined ? "; columns that are points can be named by --columns" : ""),
        );
      }
      raw[row * places.length + column] = value;
    }
  }
  const columns = names.map((name, column): Column => ({
    name,
    ...scaling(raw, column, places.length),
  }));
  const values = Float32Array.from(raw, (value, i) => {
    const { mean, scale } = columns[i % columns.length]!;
    return (value - mean) / scale;
  });
  return {
    name: basename(path),
    shape: [columns.length],
    count,
    values,
    labels: new Uint16Array(count),
    test: null,
    classes: ["all"],
    columns,
  };
}

/** Mean and standard deviation of a column; 1 for one that does not vary. */
function scaling(
  values: Float64Array,
  column: number,
  columns: number,
): { mean: number; scale: number } {
  const own = values.filter((_, i) => i % columns === column);
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
  const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length;
  return { mean, scale: Math.sqrt(variance) || 1 };
}
