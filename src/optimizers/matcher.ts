import type { OptionSpec } from "../options/options.ts";

/** A variable as matchers see it. */
export interface MatchedVariable {
  /** Its name, such as "dense_1/kernel". */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
}

/**
 * Which variables: a variable's name ("dense_1/kernel"), its layer's name ("dense_1"), a regular
 * expression over names, a predicate, the preset "bias-and-norm", or a list of these.
 */
export type Matcher =
  | string
  | RegExp
  | ((variable: MatchedVariable) => boolean)
  | readonly Matcher[];

/** Biases, and scales and offsets of normalization layers, by the last part of the name. */
const BIAS_AND_NORM = /(^|\/)(bias|beta|gamma|moving_mean|moving_variance)(_\d+)?$/;

/** Whether a variable is meant. A weight's name may have gained a suffix "_1" since it was chosen. */
export function matches(matcher: Matcher, variable: MatchedVariable): boolean {
  const { name } = variable;
  if (typeof matcher === "function") return matcher(variable);
  if (matcher instanceof RegExp) {
    return new RegExp(matcher.source, withoutMemory(matcher)).test(name);
  }
  if (typeof matcher !== "string") return matcher.some((each) => matches(each, variable));
  if (matcher === "bias-and-norm") return BIAS_AND_NORM.test(name);
  return name === matcher || name.startsWith(`${matcher}/`) ||
    (matcher.includes("/") && name.replace(/_\d+$/, "") === matcher);
}

/** A matcher for a message. */
export function showMatcher(matcher: Matcher): string {
  if (typeof matcher === "string") return `"${matcher}"`;
  if (typeof matcher === "function") return matcher.name || "a predicate";
  if (matcher instanceof RegExp) return String(matcher);
  return `[${matcher.map(showMatcher).join(", ")}]`;
}

/** The parts of a matcher, of which each must match something. */
export function partsOf(matcher: Matcher): readonly Matcher[] {
  return Array.isArray(matcher) ? matcher.flatMap(partsOf) : [matcher];
}

/** Whether a value is a matcher. */
export function isMatcher(value: unknown): value is Matcher {
  return typeof value === "string" || typeof value === "function" || value instanceof RegExp ||
    (Array.isArray(value) && value.every(isMatcher));
}

/** The specification of a matcher. */
export const matcherOption: OptionSpec<Matcher | null> = {
  fallback: null,
  rule:
    'must be "bias-and-norm", names, regular expressions, predicates or a list of these, or null',
  accepts: (value) => value === null || isMatcher(value),
};

/** Flags without "g" and "y", which make an expression remember where it was. */
function withoutMemory({ flags }: RegExp): string {
  return flags.replace(/[gy]/g, "");
}
