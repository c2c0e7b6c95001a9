import type { Algebra } from "../../src/expr/algebra.ts";
import { type GradientKind, gradientOf } from "./gradients.ts";
import { Oracle } from "../../cli/doctor/oracle.ts";
import { uniform } from "./random.ts";
import type { RuleCase, TestHyper } from "./rule_table.ts";

/** What the oracle says of one step. */
interface Expected {
  readonly gradient: Float32Array;
  /** The parameter before the step. */
  readonly before: ArrayLike<number>;
  /** Parameter and slots after it. */
  readonly after: Readonly<Record<string, ArrayLike<number>>>;
}

/** A variable's course under a rule, step by step, computed as far as somebody asks. */
export class Trajectory {
  readonly initial: Float32Array;
  readonly #oracle: Oracle<TestHyper>;
  readonly #steps: Expected[] = [];

  constructor(
    readonly row: RuleCase,
    readonly kind: GradientKind,
    size: number,
    seed: number,
    algebra: Algebra<number, boolean>,
  ) {
    const next = uniform(7 + seed);
    this.initial = Float32Array.from({ length: size }, () => 2 * next() - 1);
    this.#oracle = new Oracle(row.rule, this.initial, algebra);
  }

  /** The given step, counted from 1. */
  at(step: number): Expected {
    const { rule, hyper } = this.row;
    while (this.#steps.length < step) {
      const gradient = gradientOf(this.kind, this.initial.length, this.#steps.length + 1);
      const before = Float64Array.from(this.#oracle.param);
      this.#oracle.update(hyper, gradient);
      const names = [...rule.slots, "param"];
      const after = Object.fromEntries(
        names.map((name) => [name, Float64Array.from(this.#oracle.get(name))]),
      );
      this.#steps.push({ gradient, before, after });
    }
    return this.#steps[step - 1]!;
  }
}

let kept = new Map<string, Trajectory>();
let keptRow: RuleCase | undefined;

/**
 * A trajectory, computed once for all engines as long as they are tested rule by rule: only those of
 * the latest rule are kept.
 */
export function trajectory(
  row: RuleCase,
  kind: GradientKind,
  size: number,
  seed: number,
  algebra: Algebra<number, boolean>,
): Trajectory {
  if (row !== keptRow) [kept, keptRow] = [new Map(), row];
  const key = `${kind} ${size} ${seed} ${algebra.range}`;
  let found = kept.get(key);
  if (found === undefined) {
    found = new Trajectory(row, kind, size, seed, algebra);
    kept.set(key, found);
  }
  return found;
}
