import { adabelief } from "../../src/rules/adabelief.ts";
import { adamf } from "../../src/rules/adamf.ts";
import { adamw } from "../../src/rules/adamw.ts";
import type { FilterForm } from "../../src/rules/filter.ts";
import { lion } from "../../src/rules/lion.ts";
import { momentum } from "../../src/rules/momentum.ts";
import { nadam } from "../../src/rules/nadam.ts";
import { radam } from "../../src/rules/radam.ts";
import { rmsprop } from "../../src/rules/rmsprop.ts";
import type { AnyRule, Epsilon, Rule } from "../../src/rules/rule.ts";
import { sgdf } from "../../src/rules/sgdf.ts";

/** All hyper-parameters that any rule reads. */
export interface TestHyper {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  gamma: number;
  weightDecay: number;
  momentum: number;
  momentumDecay: number;
  alpha: number;
}

/** A rule with hyper-parameters to test it with. */
export interface RuleCase {
  readonly name: string;
  readonly rule: Rule<TestHyper> & AnyRule;
  readonly hyper: TestHyper;
}

const HYPER: TestHyper = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  gamma: 0.5,
  weightDecay: 0,
  momentum: 0.9,
  momentumDecay: 0.004,
  alpha: 0.99,
};

const row = (name: string, rule: Rule<TestHyper>, hyper: Partial<TestHyper> = {}): RuleCase => ({
  name,
  rule,
  hyper: { ...HYPER, weightDecay: decays(name) ? 0.05 : 0, ...hyper },
});
const decays = (name: string) => name.includes("decay") || name.startsWith("adamw");

/** Every rule in every form, for an epsilon of the given kind. */
function table(epsilon: Epsilon): readonly RuleCase[] {
  const filter: FilterForm = { power: 0.5, varianceCorrection: true, epsilon };
  const plainSgdf = { ...filter, decay: "none", sign: false } as const;
  const plainAdamf = { ...filter, decay: "none", amsgrad: false, denominator: "rms" } as const;
  const plain = { decay: "none", epsilon } as const;
  const filtered = { ...plain, filter };
  const plainRmsprop = { ...plain, centered: false, momentum: false } as const;
  return [
    row("sgdf", sgdf(plainSgdf)),
    row("sgdf, coupled decay", sgdf({ ...plainSgdf, decay: "coupled" })),
    row("sgdf, decoupled decay", sgdf({ ...plainSgdf, decay: "decoupled" })),
    row("sgdf, sign", sgdf({ ...plainSgdf, sign: true })),
    row("sgdf, gamma 0.25", sgdf({ ...plainSgdf, power: 0.25 }), { gamma: 0.25 }),
    row("sgdf, gamma 0.7", sgdf({ ...plainSgdf, power: "any" }), { gamma: 0.7 }),
    row("sgdf, gamma 1", sgdf({ ...plainSgdf, power: 1 }), { gamma: 1 }),
    row("sgdf, gamma 2", sgdf({ ...plainSgdf, power: 2 }), { gamma: 2 }),
    row("sgdf, no variance correction", sgdf({ ...plainSgdf, varianceCorrection: false })),
    row("sgdf, beta1 0", sgdf(plainSgdf), { beta1: 0 }),
    row("adamf", adamf(plainAdamf)),
    row("adamf, coupled decay", adamf({ ...plainAdamf, decay: "coupled" })),
    row("adamf, decoupled decay", adamf({ ...plainAdamf, decay: "decoupled" })),
    row("adamf, amsgrad", adamf({ ...plainAdamf, amsgrad: true }), { beta2: 0.9 }),
    row("adamf, centred", adamf({ ...plainAdamf, denominator: "centred" })),
    row("adamf, gamma 0.7", adamf({ ...plainAdamf, power: "any" }), { gamma: 0.7 }),
    row("adamw", adamw({ decay: "decoupled", amsgrad: false, epsilon })),
    row("adam", adamw({ decay: "none", amsgrad: false, epsilon })),
    row("adam, coupled decay", adamw({ decay: "coupled", amsgrad: false, epsilon })),
    row("adamw, amsgrad", adamw({ decay: "decoupled", amsgrad: true, epsilon }), {
      beta2: 0.9,
    }),
    row("momentum", momentum({ decay: "none", nesterov: false })),
    row("momentum, coupled decay", momentum({ decay: "coupled", nesterov: false })),
    row("nesterov", momentum({ decay: "none", nesterov: true })),
    row("nesterov, decoupled decay", momentum({ decay: "decoupled", nesterov: true })),
    row("nadam", nadam(plain)),
    row("nadam, filter", nadam(filtered)),
    row("nadam, coupled decay", nadam({ ...plain, decay: "coupled" })),
    row("radam", radam(plain)),
    row("radam, filter", radam(filtered)),
    row("adabelief", adabelief(plain), { epsilon: 1e-16 }),
    row("adabelief, filter, decoupled decay", adabelief({ ...filtered, decay: "decoupled" }), {
      epsilon: 1e-16,
    }),
    row("rmsprop", rmsprop(plainRmsprop)),
    row("rmsprop, momentum", rmsprop({ ...plainRmsprop, momentum: true })),
    row(
      "rmsprop, centered, momentum, coupled decay",
      rmsprop({ ...plainRmsprop, centered: true, momentum: true, decay: "coupled" }),
    ),
    row("lion, decoupled decay", lion({ decay: "decoupled" }), { beta2: 0.99 }),
    row("lion, filter", lion({ decay: "none", filter }), { beta2: 0.99 }),
  ];
}

/** Every rule as optimizers use it: the table that engines are tested by. */
export const RULES: readonly RuleCase[] = table("positive");

/** The same rules, guarded for an epsilon that may be 0. */
export const GUARDED_RULES: readonly RuleCase[] = table("any");

const EPSILONS = ["sgdf", "adamf", "adam", "nadam, filter", "radam", "adabelief", "rmsprop"];

/**
 * Rules with an epsilon of 0. Where squares underflow float32 they have nothing to hold on to: they
 * are compared with float32 arithmetic, not with float64.
 */
export const WITHOUT_EPSILON: readonly RuleCase[] = GUARDED_RULES
  .filter(({ name }) => EPSILONS.includes(name))
  .map(({ name, rule, hyper }) => ({
    name: `${name}, epsilon 0`,
    rule,
    hyper: { ...hyper, epsilon: 0 },
  }));
