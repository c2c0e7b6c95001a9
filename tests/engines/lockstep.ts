import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type { Engine, SlotState } from "../../src/engines/engine.ts";
import { sizeOf } from "../../src/engines/engine.ts";
import type { Algebra } from "../../src/expr/algebra.ts";
import { float64 } from "../../src/expr/numbers.ts";
import { type GradientKind, gradientOf, GRADIENTS } from "../support/gradients.ts";
import { Oracle } from "../support/oracle.ts";
import { uniform } from "../support/random.ts";
import type { RuleCase, TestHyper } from "../support/rule_table.ts";

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
  readonly #oracle: Oracle<TestHyper>;
  readonly #peaks: Record<string, Float64Array>;
  #before: readonly number[] = [];
  #values: Float32Array = new Float32Array();

  constructor(
    engine: Engine,
    readonly row: RuleCase,
    readonly item: Case,
    readonly index: number,
    algebra: Algebra<number, boolean>,
  ) {
    const { rule } = row;
    const size = sizeOf(item.shape);
    const next = uniform(7 + index);
    const init = Float32Array.from({ length: size }, () => 2 * next() - 1);
    this.#oracle = new Oracle(rule, init, algebra);
    this.variable = tf.tidy(() => tf.variable(tf.tensor(init.slice(), item.shape, "float32")));
    this.state = engine.createState(item.shape, rule.slots.length);
    this.#peaks = Object.fromEntries(
      [...rule.slots, "param"].map((name) => [name, new Float64Array(size)]),
    );
  }

  /** The gradient of a step, which the oracle has taken already. */
  gradient(step: number): tf.Tensor {
    this.#values = gradientOf(this.item.kind, this.variable.size, step);
    this.#before = this.#oracle.param;
    this.#oracle.update(this.row.hyper, this.#values);
    return tf.tensor(this.#values.slice(), this.item.shape, "float32");
  }

  async check(step: number, check: Check): Promise<void> {
    const { slots } = this.row.rule;
    const [param, state] = await Promise.all([this.variable.data(), this.state.read()]);
    const arrays = [...state, param];
    [...slots, "param"].forEach((name, slot) => {
      const expected = this.#oracle.get(name);
      const actual = arrays[slot]!;
      const peak = this.#peaks[name]!;
      assert.equal(actual.length, expected.length);
      for (let i = 0; i < expected.length; i++) {
        const terms = this.#terms(name, Math.abs(this.#values[i]!), Math.abs(this.#before[i]!));
        peak[i] = Math.max(peak[i]!, Math.abs(expected[i]!) + terms);
        if (name === "param" && this.#undecided(i)) continue;
        const where = () =>
          `${name}[${i}] of [${this.item.shape}] at step ${step}, gradient ${this.#values[i]}`;
        check(actual[i]!, expected[i]!, peak[i]!, step, where);
      }
    });
  }

  dispose(): void {
    this.variable.dispose();
    this.state.dispose();
  }

  /** The magnitude of what is added up to a new value, which may cancel. */
  #terms(name: string, grad: number, param: number): number {
    const { hyper, rule } = this.row;
    const linear = rule.name === "sgdf" || rule.name === "momentum";
    const decayed = grad + (this.#isCoupled ? hyper.weightDecay * param : 0);
    switch (name) {
      case "param":
        return param + hyper.learningRate * Math.max(1, linear ? decayed : 0);
      case "m":
        return (1 - hyper.beta1) * decayed;
      case "velocity":
        return decayed;
      default:
        return (1 - hyper.beta2) * decayed ** 2;
    }
  }

  /** Whether the gradient contains the parameter. */
  get #isCoupled(): boolean {
    return this.row.name.includes("coupled") && !this.row.name.includes("decoupled");
  }

  /** Whether the sign of an estimate hangs on numbers below the normal range of float32. */
  #undecided(i: number): boolean {
    return this.row.name.includes("sign") && this.#peaks.m![i]! < 2 ** -126;
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
const ROUNDINGS = 16;

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
