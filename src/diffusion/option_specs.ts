import type { OptionSpec } from "../optimizers/options.ts";

/** A whole number of at least `least`, and at most `most`. */
export function wholeNumber(
  fallback: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): OptionSpec<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `>= ${least}` : `from ${least} to ${most}`;
  return {
    fallback,
    rule: `must be a whole number ${range}`,
    accepts: (value) =>
      typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most,
  };
}

/** What is checked where it is used. */
export function checkedLater<Value>(fallback: Value): OptionSpec<Value> {
  return { fallback, rule: "", accepts: () => true };
}

/** A value that obeys a rule, or null for none. */
export function optional<Value>(
  rule: string,
  accepts: (value: unknown) => boolean,
): OptionSpec<Value | null> {
  return { fallback: null, rule, accepts: (value) => value === null || accepts(value) };
}
