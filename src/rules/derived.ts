import type { AnyRule } from "./rule.ts";

/**
 * Makes rules out of rules: the same one at every call with the same rule and key, so that each is
 * compiled once, for as long as the rule itself is there.
 */
export function derivedRules<Key>(
  create: (rule: AnyRule, key: Key) => AnyRule,
): (rule: AnyRule, key: Key) => AnyRule {
  const known = new WeakMap<AnyRule, Map<string, AnyRule>>();
  return (rule, key) => {
    let derived = known.get(rule);
    if (derived === undefined) known.set(rule, derived = new Map());
    const name = JSON.stringify(key);
    let result = derived.get(name);
    if (result === undefined) derived.set(name, result = create(rule, key));
    return result;
  };
}
