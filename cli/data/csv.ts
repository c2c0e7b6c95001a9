import { readFile } from "node:fs/promises";
// @ts-types="./csv_parse.d.ts"
import { parse } from "csv-parse/sync";
import { failure, Refusal } from "@signalfit/tfjs/parts";

/** A table as a CSV file holds it. */
export interface CsvTable {
  /** Names of the columns, from the first row. */
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/** A row of a table. */
export interface CsvRow {
  /** A field for each column. */
  readonly fields: readonly string[];
  /** The line that it begins in, counted from 1. */
  readonly line: number;
}

/** What may stand between two fields. The one that is most frequent in the first line does. */
const SEPARATORS = [",", ";", "\t"] as const;

/**
 * Reads a CSV file whose first row names the columns. Fields are separated by commas, semicolons or
 * tabs and may be quoted; lines without anything are passed over.
 *
 * @throws {Error} if it is none, naming the file, the line and what was expected
 */
export async function readCsv(path: string): Promise<CsvTable> {
  try {
    return parseCsv(new TextDecoder().decode(await readFile(path)));
  } catch (error) {
    throw failure("Cannot read", path, error);
  }
}

/**
 * Parses the content of a CSV file.
 *
 * @throws {Refusal} if it is none, naming the line and what was expected
 */
export function parseCsv(text: string): CsvTable {
  const damaged = text.indexOf("\ufffd");
  if (damaged >= 0) {
    throw new Refusal(`line ${lineOf(text, damaged)}: expected UTF-8 text, got other bytes`);
  }
  // Inside quotes, csv-parse takes each half of a line end of Windows for a line.
  const [header, ...rows] = records(text.replaceAll("\r\n", "\n"));
  if (header === undefined) {
    throw new Refusal("line 1: expected a row with the names of the columns, got nothing");
  }
  checkHeader(header);
  const columns = header.fields;
  for (const { fields, line } of rows) {
    if (fields.length === columns.length) continue;
    throw new Refusal(
      `line ${line}: expected ${columns.length} fields, as many as the first row names, got ` +
        fields.length,
    );
  }
  if (rows.length === 0) {
    throw new Refusal(`line ${header.line + 1}: expected rows of data, got none`);
  }
  return { columns, rows };
}

function records(text: string): CsvRow[] {
  let last = 0;
  try {
    return parse(text, {
      delimiter: separatorOf(text),
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true, // told of with the line below
      info: true,
      on_record: (row) => {
        last = row.info.lines;
        return row;
      },
    }).map(({ record, info }) => ({ fields: record, line: info.lines - lineEnds(record) }));
  } catch (error) {
    const { code, lines } = error as { code?: string; lines?: number };
    if (code === "CSV_QUOTE_NOT_CLOSED") {
      throw new Refusal(`line ${last + 1} or below: expected a closing quote, got none to the end`);
    }
    if (code === undefined || lines === undefined) throw error;
    throw new Refusal(
      `line ${lines}: expected a field that is either quoted as a whole or has no quotes; quotes ` +
        `inside a quoted field are doubled`,
    );
  }
}

function separatorOf(text: string): string {
  const head = text.slice(0, text.search(/[\r\n]|$/));
  const counts = SEPARATORS.map((separator) => head.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))]!;
}

function checkHeader({ fields, line }: CsvRow): void {
  if (fields.every((field) => field !== "" && Number.isFinite(Number(field)))) {
    throw new Refusal(
      `line ${line}: expected a row with the names of the columns, got numbers alone`,
    );
  }
  const seen = new Set<string>();
  for (const [index, field] of fields.entries()) {
    if (field === "") {
      throw new Refusal(`line ${line}: expected a name for column ${index + 1}, got nothing`);
    }
    if (seen.has(field)) {
      throw new Refusal(
        `line ${line}: expected each column to have another name, got "${field}" ` +
          `twice`,
      );
    }
    seen.add(field);
  }
}

function lineEnds(record: readonly string[]): number {
  return record.reduce((sum, field) => sum + field.split("\n").length - 1, 0);
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
