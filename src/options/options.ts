import { show } from "./check.ts";
import { nearest } from "./nearest.ts";

/** What one option may be. */
export interface OptionSpec<Value> {
  /** The value where none is given. */
  readonly fallback: Value;
  /** The rule in words, such as "must be in [0, 1)". */
  readonly rule: string;
  /** Whether a value obeys the rule. */
  readonly accepts: (value: unknown) => boolean;
  /** The words that it may be, where it is one of a list. */
  readonly choices?: readonly string[];
}

/** The specifications of all options of something. */
export type OptionTable<Options> = {
  readonly [Name in keyof Options]: OptionSpec<Options[Name]>;
};

/** What obeys a rule of its own, such as "must be a function". */
export const spec = <Value>(
  fallback: Value,
  rule: string,
  accepts: (value: unknown) => boolean,
): OptionSpec<Value> => ({ fallback, rule, accepts });

/** What is checked where it is used. */
export const checkedLater = <Value>(fallback: Value): OptionSpec<Value> =>
  spec(fallback, "", () => true);

/** What must be given: its fallback obeys no rule. */
export const required = <Value>(
  { fallback: _, ...rest }: OptionSpec<Value>,
): OptionSpec<Value> => ({ fallback: undefined as Value, ...rest });

/** A finite number that obeys a rule of its own. */
export const number = (
  fallback: number,
  rule: string,
  accepts: (value: number) => boolean,
): OptionSpec<number> =>
  spec(
    fallback,
    rule,
    (value) => typeof value === "number" && Number.isFinite(value) && accepts(value),
  );

/** A number in [0, 1]. */
export const share = (fallback: number): OptionSpec<number> =>
  number(fallback, "must be in [0, 1]", (value) => value >= 0 && value <= 1);

/** A finite number above 0. */
export const positive = (fallback: number): OptionSpec<number> =>
  number(fallback, "must be a finite number > 0", (value) => value > 0);

/** A finite number of at least 0. */
export const nonNegative = (fallback: number): OptionSpec<number> =>
  number(fallback, "must be a finite number >= 0", (value) => value >= 0);

/** A number in [0, 1): what an average keeps of its past. */
export const decayRate = (fallback: number): OptionSpec<number> =>
  number(fallback, "must be in [0, 1)", (value) => value >= 0 && value < 1);

/** A whole number of at least `least`, and at most `most`. */
export const whole = (
  fallback: number,
  least = 1,
  most: number = Number.MAX_SAFE_INTEGER,
): OptionSpec<number> => ({
  fallback,
  rule: `must be a whole number ${
    most === Number.MAX_SAFE_INTEGER ? `>= ${least}` : `from ${least} to ${most}`
  }`,
  accepts: (value) => isWhole(value, least) && value <= most,
});

/** Whether a value is a whole number of at least `least`. */
export function isWhole(value: unknown, least = 0): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** What a specification accepts, or null for none; null is the fallback. */
export const orNull = <Value>(
  { rule, accepts, ...rest }: OptionSpec<Value>,
): OptionSpec<Value | null> => ({
  ...rest,
  fallback: null,
  rule: `${rule}, or null`,
  accepts: (value) => value === null || accepts(value),
});

/** What obeys a rule of its own, or null for none, which the rule need not say. */
export const optional = <Value>(
  rule: string,
  accepts: (value: unknown) => boolean,
): OptionSpec<Value | null> => spec(null, rule, (value) => value === null || accepts(value));

/** True or false. */
export const flag = (fallback: boolean): OptionSpec<boolean> => ({
  fallback,
  rule: "must be true or false",
  accepts: (value) => typeof value === "boolean",
});

/** One of a list of words; the first is the fallback. */
export const oneOf = <const Choice extends string>(
  ...choices: readonly [Choice, ...Choice[]]
): OptionSpec<Choice> => ({
  fallback: choices[0],
  rule: `must be one of ${choices.map((choice) => `"${choice}"`).join(", ")}`,
  accepts: (value) => (choices as readonly unknown[]).includes(value),
  choices,
});

/** What options are called elsewhere, and here; the first that there is counts. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  lr: ["learningRate"],
  rate: ["learningRate"],
  rho: ["alpha", "beta2"],
  momentum: ["beta1"],
  alpha: ["beta2"],
  eps: ["epsilon"],
  decay: ["weightDecay"],
};

/**
 * All options of an optimizer: the given ones, checked, and the fallbacks of the rest.
 *
 * @param owner the optimizer's name, for messages
 * @throws {RangeError} if a value is out of its range, naming the option, the rule and the value
 * @throws {TypeError} if there is no such option, naming the nearest one
 */
export function resolveOptions<Options extends object>(
  owner: string,
  table: OptionTable<Options>,
  given: Partial<Options>,
): Options {
  const names = Object.keys(table) as (keyof Options & string)[];
  if (typeof given !== "object" || given === null) {
    const [name] = names, { fallback } = table[name!];
    throw new TypeError(
      `Cannot create ${owner}: options must be an object such as ` +
        `{ ${name}: ${show(fallback)} }, got ${show(given)}`,
    );
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(table, name)) continue;
    const near = (Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined)?.find((alias) =>
      Object.hasOwn(table, alias)
    ) ??
      nearest(name, names);
    throw new TypeError(
      `Cannot create ${owner}: unknown option "${name}"; ` +
        (near === undefined ? `the options are ${names.join(", ")}` : `did you mean "${near}"?`),
    );
  }
  const options: Partial<Options> = {};
  for (const name of names) {
    const value = given[name];
    if (value === undefined) {
      options[name] = table[name].fallback;
      continue;
    }
    checkOption(`Cannot create ${owner}`, table, name, value);
    options[name] = value;
  }
  return options as Options;
}

/**
 * Checks one value.
 *
 * @param doing what is being done, the start of the message
 * @throws {RangeError} if the value is out of its range
 */
export function checkOption<Options>(
  doing: string,
  table: OptionTable<Options>,
  name: keyof Options & string,
  value: unknown,
): void {
  const { accepts, rule } = table[name];
  if (!accepts(value)) throw new RangeError(`${doing}: ${name} ${rule}, got ${show(value)}`);
}
