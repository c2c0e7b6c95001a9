// The part of csv-parse that is used. Its own types bring in all of Node's global types, which
// contradict Deno's.

/** What is told of a row. */
export interface Info {
  /** The line that it ends in, counted from 1. */
  readonly lines: number;
}

/** A row and where it stands. */
export interface RecordWithInfo {
  readonly record: readonly string[];
  readonly info: Info;
}

/** How a text is read. */
export interface Options {
  readonly delimiter?: string;
  readonly bom?: boolean;
  readonly trim?: boolean;
  readonly skip_empty_lines?: boolean;
  readonly relax_column_count?: boolean;
}

/** The rows of a text of comma-separated values, with where they stand. */
export function parse(
  text: string,
  options: Options & {
    readonly info: true;
    /** Told of each row as it is read. */
    readonly on_record: (row: RecordWithInfo, context: Info) => RecordWithInfo;
  },
): RecordWithInfo[];
/** The rows of a text of comma-separated values, by the names in its first line. */
export function parse(
  text: string,
  options: { columns: true; delimiter?: string },
): Record<string, string>[];
/** The rows of a text of comma-separated values. */
export function parse(text: string, options?: { delimiter?: string }): string[][];
