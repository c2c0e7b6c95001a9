import type { NormLimit } from "../engines/engine.ts";
import { type PreparationHyper, preparationScalars, prepared } from "../rules/prepared.ts";
import type { AnyRule, Scalars } from "../rules/rule.ts";
import type { CommonOptions } from "./common_options.ts";
import type { VariableDescription } from "./describe.ts";
import { checkOverrides, type Group, Groups, PLAIN } from "./groups.ts";
import type { MatchedVariable } from "./matcher.ts";
import type { OptionTable } from "../options/options.ts";
import { rateAt } from "./learning_rate.ts";
import type { InForce, RuleOf } from "./rule_of.ts";

/** What a call does with the gradients: adds them to a sum, steps by the sum's mean, or steps by them. */
export type Accumulate = "none" | "add" | "apply";

/** Whoever knows the rule that options ask for. */
export interface RuleSource<Options> {
  ruleOf(options: Options): RuleOf<InForce<Options>>;
}

/** Which rule runs for each group of variables, and with which numbers. */
export class StepRules<Options extends Required<CommonOptions>> {
  readonly #owner: string;
  readonly #options: Options;
  readonly #source: RuleSource<Options>;
  readonly #groups: Groups;

  /**
   * @param options those of the optimizer, which may change
   * @throws {RangeError | TypeError} if options do not go together
   */
  constructor(
    owner: string,
    table: OptionTable<Options>,
    options: Options,
    source: RuleSource<Options>,
  ) {
    this.#owner = owner;
    this.#options = options;
    this.#source = source;
    checkOverrides(owner, table, options.overrides);
    checkLimits(owner, options);
    this.#groups = new Groups(owner, options);
    this.#checkSlots();
  }

  /** The rule of a group's variables and the numbers of their steps. */
  groupStep(group: Group, accumulate: Accumulate, iterations: number): GroupStep {
    const options = this.optionsOf(group);
    const bare = this.#source.ruleOf(this.#formOf(options));
    const rule = this.#prepared(bare, accumulate);
    if (accumulate === "add") return { rule, scalars: () => NO_SCALARS };
    const learningRate = rateAt(this.#owner, options.learningRate, iterations);
    const inForce = { ...options, learningRate };
    const isPlain = rule === bare;
    const known = new Map<number, Scalars>();
    const scalars = (step: number) => {
      let numbers = known.get(step);
      if (numbers === undefined) {
        numbers = bare.scalars(inForce, step);
        if (!isPlain) numbers = { ...numbers, ...preparationScalars(this.#preparation, step) };
        known.set(step, numbers);
      }
      return numbers;
    };
    return { rule, scalars };
  }

  /** A variable as `describe` tells of it, but for its steps. */
  describe(
    { name, shape, size }: MatchedVariable & { readonly size: number },
    group: Group,
    iterations: number,
  ): Omit<VariableDescription, "steps"> {
    const { learningRate, weightDecay } = this.optionsOf(group);
    return {
      variable: name,
      group: group.label,
      shape: [...shape],
      parameters: size,
      learningRate: rateAt(this.#owner, learningRate, iterations),
      weightDecay,
      stateBytes: 4 * size * this.slots.length,
    };
  }

  /** The options of a group's variables. */
  optionsOf({ override, isExcluded }: Group): Options {
    if (override < 0 && !isExcluded) return this.#options;
    const { match: _, ...own } = this.#options.overrides?.[override] ?? { match: "" };
    return { ...this.#options, ...isExcluded ? { weightDecay: 0 } : {}, ...own };
  }

  /**
   * The options that a group's rule is chosen by: with weight decay where any group has some, so that
   * one rule serves all of them, and the number 0 keeps it off.
   */
  #formOf(options: Options): Options {
    if (options.weightDecay > 0) return options;
    const weightDecay = Math.max(
      this.#options.weightDecay,
      ...(this.#options.overrides ?? []).map((override) => override.weightDecay ?? 0),
    );
    return weightDecay > 0 ? { ...options, weightDecay } : options;
  }

  /** The groups of variables, see {@link Groups}. */
  groupsOf(variables: readonly MatchedVariable[]): Group[] {
    return this.#groups.of(variables);
  }

  /** Whether a step is made of several gradients. */
  get accumulates(): boolean {
    return this.#options.gradientAccumulationSteps > 1;
  }

  /** The limit on norms, if there is one. */
  get normLimit(): NormLimit | undefined {
    const { clipNorm, globalClipNorm } = this.#options;
    if (clipNorm !== null) return { kind: "variable", limit: clipNorm };
    return globalClipNorm === null ? undefined : { kind: "global", limit: globalClipNorm };
  }

  get #preparation(): PreparationHyper {
    const { gradientAccumulationSteps, clipValue, emaMomentum } = this.#options;
    return {
      accumulated: gradientAccumulationSteps,
      clipValue: clipValue ?? Infinity,
      averageMomentum: emaMomentum,
    };
  }

  #prepared(rule: AnyRule, accumulate: Accumulate): AnyRule {
    const isNormed = this.normLimit !== undefined;
    const limit = isNormed ? "norm" : this.#options.clipValue === null ? "none" : "value";
    return prepared(rule, { accumulate, limit, average: this.#options.useEma });
  }

  /** The slots of every variable's state. */
  get slots(): readonly string[] {
    return this.#prepared(this.#source.ruleOf(this.#options), this.accumulates ? "apply" : "none")
      .slots;
  }

  /** Overrides may change numbers, not what is kept. */
  #checkSlots(): void {
    const slots = String(this.#source.ruleOf(this.#options).slots);
    this.#options.overrides?.forEach((_, override) => {
      const own = this.#source.ruleOf(this.optionsOf({ ...PLAIN, override })).slots;
      if (String(own) === slots) return;
      throw new TypeError(
        `Cannot create ${this.#owner}: overrides[${override}] must keep the same state as ` +
          `the rest (${slots}), got ${own}`,
      );
    });
  }
}

/** What the variables of a group have in common at a step. */
export interface GroupStep {
  readonly rule: AnyRule;
  /** The numbers of a variable's step, counted from 1. */
  readonly scalars: (step: number) => Scalars;
}

const NO_SCALARS: Scalars = {};

function checkLimits(owner: string, options: Required<CommonOptions>): void {
  const given = (["clipValue", "clipNorm", "globalClipNorm"] as const)
    .filter((name) => options[name] !== null);
  if (given.length < 2) return;
  throw new RangeError(
    `Cannot create ${owner}: at most one of clipValue, clipNorm and globalClipNorm must be given, ` +
      `got ${given.map((name) => `${name} ${options[name]}`).join(" and ")}`,
  );
}
