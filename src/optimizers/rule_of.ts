import type { AnyRule, Scalars } from "../rules/rule.ts";

/** A rule and the numbers that it reads at a step, given the hyper-parameters. */
export interface RuleOf<Hyper> extends AnyRule {
  /** The numbers of a step, counted from 1. */
  scalars(hyper: Hyper, step: number): Scalars;
}

/** Options with the learning rate that is in force. */
export type InForce<Options> = Options & { readonly learningRate: number };

/** A rule factory that gives the same rule for the same form, so that it is compiled once. */
export function memoized<Form, R>(create: (form: Form) => R): (form: Form) => R {
  const rules = new Map<string, R>();
  return (form) => {
    const key = JSON.stringify(form);
    const rule = rules.get(key) ?? create(form);
    rules.set(key, rule);
    return rule;
  };
}
