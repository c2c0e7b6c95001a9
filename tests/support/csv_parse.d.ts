// The part of csv-parse that tests use. Its own types bring in all of Node's global types, which
// contradict Deno's.

/** The rows of a text of comma-separated values, by the names in its first line. */
export function parse(
  text: string,
  options: { columns: true; delimiter?: string },
): Record<string, string>[];
/** The rows of a text of comma-separated values. */
export function parse(text: string, options?: { delimiter?: string }): string[][];
