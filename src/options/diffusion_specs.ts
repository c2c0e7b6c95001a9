import type { OptionSpec } from "./options.ts";

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
