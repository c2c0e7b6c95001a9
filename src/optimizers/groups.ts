import { engine } from "@tensorflow/tfjs-core";
import type { CommonOptions } from "./common_options.ts";
import { type MatchedVariable, matches, partsOf, showMatcher } from "./matcher.ts";
import { checkOption, type OptionTable } from "../options/options.ts";
import type { Override } from "./overrides.ts";

/** Options that belong to the optimizer as a whole. */
const SHARED: readonly (keyof CommonOptions)[] = [
  "exclude",
  "overrides",
  "clipValue",
  "clipNorm",
  "globalClipNorm",
  "gradientAccumulationSteps",
  "useEma",
  "emaMomentum",
  "onNonFinite",
  "engine",
];

/** What variables of one group have in common. */
export interface Group {
  /** Position of its override, or -1 without one. */
  readonly override: number;
  /** Whether weight decay is kept off. */
  readonly isExcluded: boolean;
  /** A short name for tables. */
  readonly label: string;
}

/** Finds the group of each variable, once. */
export class Groups {
  readonly #owner: string;
  readonly #options: Required<CommonOptions>;
  readonly #groups = new Map<string, Group>();
  readonly #byVariable = new Map<string, Group>();

  constructor(owner: string, options: Required<CommonOptions>) {
    this.#owner = owner;
    this.#options = options;
  }

  /**
   * The groups of variables.
   *
   * @throws {Error} if a matcher matches none of the variables there are
   */
  of(variables: readonly MatchedVariable[]): Group[] {
    const { exclude, overrides } = this.#options;
    if (exclude === null && overrides === null) return variables.map(() => PLAIN);
    if (variables.some(({ name }) => !this.#byVariable.has(name))) this.#checkMatchers(variables);
    return variables.map((variable) => {
      let group = this.#byVariable.get(variable.name);
      if (group === undefined) this.#byVariable.set(variable.name, group = this.#find(variable));
      return group;
    });
  }

  #find(variable: MatchedVariable): Group {
    const { exclude, overrides } = this.#options;
    const override = (overrides ?? []).findIndex(({ match }) => matches(match, variable));
    const isExcluded = exclude !== null && matches(exclude, variable) &&
      overrides?.[override]?.weightDecay === undefined;
    const key = `${override} ${isExcluded}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      const name = override < 0 ? "" : showMatcher(overrides![override]!.match);
      const label = [name, isExcluded ? "no decay" : ""].filter(Boolean).join(", ");
      this.#groups.set(key, group = { override, isExcluded, label });
    }
    return group;
  }

  #checkMatchers(variables: readonly MatchedVariable[]): void {
    const all = [...variables, ...Object.values(engine().registeredVariables)];
    const check = (option: string, matcher: Override["match"]) => {
      for (const part of partsOf(matcher)) {
        if (part === "bias-and-norm" || all.some((variable) => matches(part, variable))) continue;
        throw new Error(
          `Cannot apply gradients with ${this.#owner}: ${option} must match a variable, got ` +
            `${showMatcher(part)}; the variables are ` +
            variables.map(({ name }) => `"${name}"`).slice(0, 8).join(", ") +
            (variables.length > 8 ? `, and ${variables.length - 8} more` : ""),
        );
      }
    };
    if (this.#options.exclude !== null) check("exclude", this.#options.exclude);
    this.#options.overrides?.forEach(({ match }, index) =>
      check(`overrides[${index}].match`, match)
    );
  }
}

/** The group of variables that nothing sets apart. */
export const PLAIN: Group = { override: -1, isExcluded: false, label: "" };

/**
 * Checks the options of all overrides.
 *
 * @throws {RangeError} if a value is out of its range
 * @throws {TypeError} if an option is unknown, or cannot differ between variables
 */
export function checkOverrides<Options extends Required<CommonOptions>>(
  owner: string,
  table: OptionTable<Options>,
  overrides: readonly Override[] | null,
): void {
  const own = Object.keys(table).filter((name) => !(SHARED as readonly string[]).includes(name));
  overrides?.forEach((override, index) => {
    for (const [name, value] of Object.entries(override)) {
      if (name === "match") continue;
      if (!own.includes(name)) {
        throw new TypeError(
          `Cannot create ${owner}: overrides[${index}] must set options that variables can have of ` +
            `their own (${own.join(", ")}), got "${name}"`,
        );
      }
      checkOption(
        `Cannot create ${owner}: overrides[${index}]`,
        table,
        name as keyof Options & string,
        value,
      );
    }
  });
}
