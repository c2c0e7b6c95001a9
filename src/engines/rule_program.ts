import type { Range } from "../expr/algebra.ts";
import { type Program, record } from "../expr/program.ts";
import type { AnyRule } from "../rules/rule.ts";

const programs: Record<Range, WeakMap<AnyRule, Program>> = {
  single: new WeakMap(),
  double: new WeakMap(),
};

/**
 * The program of a rule, recorded once: its inputs are "param", "grad", the slots and the scalars,
 * its outputs "param" and the slots.
 */
export function programOf(rule: AnyRule, range: Range): Program {
  let program = programs[range].get(rule);
  if (program === undefined) {
    program = record(range, (algebra, input) => {
      const names = ["param", "grad", ...rule.slots, ...rule.scalarNames];
      const outputs = rule.update(
        algebra,
        Object.fromEntries(names.map((name) => [name, input(name)])),
      );
      return Object.fromEntries(["param", ...rule.slots].map((name) => [name, outputs[name]!]));
    });
    programs[range].set(rule, program);
  }
  return program;
}
