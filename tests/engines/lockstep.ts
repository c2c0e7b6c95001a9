import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type { Engine, SlotState } from "../../src/engines/engine.ts";
import { sizeOf } from "../../src/engines/engine.ts";
import type { Algebra } from "../../src/expr/algebra.ts";
import { float64 } from "../../src/expr/numbers.ts";
import { type GradientKind, GRADIENTS } from "../support/gradients.ts";
import type { RuleCase } from "../support/rule_table.ts";
import { type Trajectory, trajectory } from "../support/trajectory.ts";

/** A variable to test with. */
export interface Case {
  readonly shape: number[];
  readonly kind: GradientKind;
}

/** Every kind of gradient, at sizes around those where vectors and workgroups end. */
export const SMALL: readonly Case[] = [
  { shape: [], kind: "normal" },
  { shape: [], kind: "huge 1e20" },
  { shape: [1], kind: "normal" },
  { shape: [1], kind: "zero" },
  ...Object.keys(GRADIENTS).map((kind) => ({ shape: [7, 9], kind: kind as GradientKind })),
  { shape: [64], kind: "normal" },
  { shape: [64], kind: "mixed" },
  { shape: [5, 13], kind: "normal" },
  { shape: [5, 13], kind: "mixed" },
];

/** A size that ends nowhere. */
export const LARGE: readonly Case[] = [{ shape: [100003], kind: "mixed" }];

/** Runs an engine beside the oracle, all cases in one step, and checks parameters and states. */
export async function lockstep(
  engine: Engine,
  row: RuleCase,
  cases: readonly Case[],
  steps: number,
  check: Check,
  algebra: Algebra<number, boolean> = float64,
): Promise<void> {
  const variables = cases.map((item, index) => new Tested(engine, row, item, index, algebra));
  try {
    for (let step = 1; step <= steps; step++) {
      const scalars = row.rule.scalars(row.hyper, step);
      const gradients = variables.map((tested) => tested.gradient(step));
      engine.step(variables.map(({ variable, state }, index) => ({
        rule: row.rule,
        scalars,
        variable,
        gradient: gradients[index]!,
        state,
      })));
      tf.dispose(gradients);
      await Promise.all(variables.map((tested) => tested.check(step, check)));
    }
  } finally {
    for (const tested of variables) tested.dispose();
  }
}

/** One variable, its state on the engine, and its oracle. */
class Tested {
  readonly variable: tf.Variable;
  readonly state: SlotState;
  readonly #trajectory: Trajectory;
  readonly #isSigned: boolean;
  readonly #peaks: Record<string, Float64Array>;

  constructor(
    engine: Engine,
    readonly row: RuleCase,
    readonly item: Case,
    readonly index: number,
    algebra: Algebra<number, boolean>,
  ) {
    const { rule } = row;
    const size = sizeOf(item.shape);
    this.#isSigned = row.name.includes("sign") || rule.name === "lion";
    this.#trajectory = trajectory(row, item.kind, size, index, algebra);
    const initial = this.#trajectory.initial.slice();
    this.variable = tf.tidy(() => tf.variable(tf.tensor(initial, item.shape, "float32")));
    this.state = engine.createState(item.shape, rule.slots.length);
    this.#peaks = Object.fromEntries(
      [...rule.slots, "param"].map((name) => [name, new Float64Array(size)]),
    );
  }

  gradient(step: number): tf.Tensor {
    return tf.tensor(this.#trajectory.at(step).gradient.slice(), this.item.shape, "float32");
  }

  async check(step: number, check: Check): Promise<void> {
    const { slots } = this.row.rule;
    const [param, state] = await Promise.all([this.variable.data(), this.state.read()]);
    const arrays = [...state, param];
    const { gradient, before, after } = this.#trajectory.at(step);
    [...slots, "param"].forEach((name, slot) => {
      const expected = after[name]!;
      const actual = arrays[slot]!;
      const peak = this.#peaks[name]!;
      assert.equal(actual.length, expected.length);
      const terms = this.#terms(name);
      let i = 0;
      const where = () =>
        `${name}[${i}] of [${this.item.shape}] at step ${step}, gradient ${gradient[i]}`;
      for (; i < expected.length; i++) {
        const magnitude = terms(Math.abs(gradient[i]!), Math.abs(before[i]!));
        peak[i] = Math.max(peak[i]!, Math.abs(expected[i]!) + magnitude);
        if (name === "param" && this.#undecided(i)) continue;
        check(actual[i]!, expected[i]!, peak[i]!, step, where);
      }
    });
  }

  dispose(): void {
    this.variable.dispose();
    this.state.dispose();
  }

  /** The magnitude of what is added up to a new value, which may cancel; of gradient and parameter. */
  #terms(name: string): (grad: number, param: number) => number {
    const { hyper, rule } = this.row;
    const linear = STEP_GROWS.includes(rule.name) ? 1 : 0;
    const decay = this.#isCoupled ? hyper.weightDecay : 0;
    const [first, second] = ratesOf(this.row);
    switch (name) {
      case "param":
        return (grad, param) =>
          param + hyper.learningRate * Math.max(1, linear * (grad + decay * param));
      case "m":
        return (grad, param) => (1 - first) * (grad + decay * param);
      case "velocity":
        // RMSprop's is of gradients over their root mean square.
        if (rule.name === "rmsprop") return () => (1 - hyper.alpha) ** -0.5;
        return (grad, param) => grad + decay * param;
      default:
        return (grad, param) => (1 - second) * (grad + decay * param) ** 2;
    }
  }

  /** Whether the gradient contains the parameter. */
  get #isCoupled(): boolean {
    return this.row.name.includes("coupled") && !this.row.name.includes("decoupled");
  }

  /** Whether the sign of an estimate hangs on numbers below the normal range of float32. */
  #undecided(i: number): boolean {
    return this.#isSigned && this.#peaks.m![i]! < 2 ** -126;
  }
}

/** Rules whose steps, or first few steps, grow with the gradient. */
const STEP_GROWS: readonly string[] = ["sgdf", "momentum", "radam"];

/** How fast a rule's first and second moments decay. */
function ratesOf({ rule, hyper: { alpha, beta1, beta2 } }: RuleCase): [number, number] {
  switch (rule.name) {
    case "lion":
      return [beta2, beta2];
    case "rmsprop":
      return [alpha, alpha];
    default:
      return [beta1, beta2];
  }
}

/** Compares one number; `peak` is the largest magnitude it had or was made of so far. */
export type Check = (
  actual: number,
  expected: number,
  peak: number,
  step: number,
  where: () => string,
) => void;

/** The longest chain of roundings from inputs to a result in any rule. */
const ROUNDINGS = 18;

/**
 * Within the roundings of float32: each step adds at most ROUNDINGS half units in the last place of
 * the peak, and below the normal range that many times what the machine may lose there.
 *
 * @param lost the largest number that may become 0: half the smallest denormal of float32, or the
 * smallest normal number where denormals are flushed
 */
export const withinRounding =
  (lost = 2 ** -150): Check => (actual, expected, peak, step, where) => {
    const allowed = step * ROUNDINGS * (peak * 2 ** -24 + lost);
    if (Math.abs(actual - expected) <= allowed) return; // false for NaN
    assert.fail(`${where()}: ${actual} instead of ${expected}, allowed ${allowed}`);
  };

/** The very same number. */
export const bitForBit: Check = (actual, expected, _peak, _step, where) => {
  if (actual === expected && Number.isFinite(actual)) return;
  assert.fail(`${where()}: ${actual} instead of ${expected}`);
};
