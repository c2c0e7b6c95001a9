import type { Algebra } from "@signalfit/tfjs/parts";
import { float64 } from "@signalfit/tfjs/parts";
import type { Rule } from "@signalfit/tfjs/parts";

/**
 * One variable under a rule, in plain numbers: what every engine is compared with. The rule's text
 * is run as it stands, without recording or printing.
 */
export class Oracle<Hyper> {
  step = 0;
  param: number[];
  readonly slots: Record<string, number[]>;

  constructor(
    readonly rule: Rule<Hyper>,
    init: ArrayLike<number>,
    readonly algebra: Algebra<number, boolean> = float64,
  ) {
    this.param = Array.from(init);
    this.slots = Object.fromEntries(rule.slots.map((slot) => [slot, this.param.map(() => 0)]));
  }

  update(hyper: Hyper, gradient: ArrayLike<number>): void {
    const { rule, algebra, slots } = this;
    const scalars = Object.fromEntries(
      Object.entries(rule.scalars(hyper, ++this.step))
        .map(([name, value]) => [name, algebra.constant(value)]),
    );
    const x: Record<string, number> = { ...scalars };
    this.param = this.param.map((param, i) => {
      x.param = param;
      x.grad = gradient[i]!;
      for (const slot of rule.slots) x[slot] = slots[slot]![i]!;
      const next = rule.update(algebra, x);
      for (const slot of rule.slots) slots[slot]![i] = next[slot]!;
      return next.param!;
    });
  }

  /** The parameter or a slot. */
  get(name: string): readonly number[] {
    return name === "param" ? this.param : this.slots[name]!;
  }
}
