import type { AnyRule, Rule, Scalars } from "../rules/rule.ts";

/** A rule with the hyper-parameters that give its scalars. */
export interface BoundRule {
  readonly rule: AnyRule;
  /** The numbers of a step, counted from 1. */
  scalars(step: number): Scalars;
}

/** Gives a rule its hyper-parameters. */
export function bind<Hyper>(
  rule: AnyRule & Pick<Rule<Hyper>, "scalars">,
  hyper: Hyper,
): BoundRule {
  return { rule, scalars: (step) => rule.scalars(hyper, step) };
}

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
