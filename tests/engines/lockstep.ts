import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type { Engine } from "../../src/engines/engine.ts";
import type { Algebra } from "../../src/expr/algebra.ts";
import { float64 } from "../../src/expr/numbers.ts";
import { type GradientKind, gradientOf } from "../support/gradients.ts";
import { Oracle } from "../support/oracle.ts";
import { uniform } from "../support/random.ts";
import type { RuleCase } from "../support/rule_table.ts";

/** Runs an engine beside the oracle, and checks parameter and state after each step. */
export async function lockstep(
  engine: Engine,
  { name, rule, hyper }: RuleCase,
  { shape, kind, steps, algebra = float64 }: {
    shape: number[];
    kind: GradientKind;
    steps: number;
    algebra?: Algebra<number, boolean>;
  },
  check: Check,
): Promise<void> {
  const linear = rule.name === "sgdf" || rule.name === "momentum";
  const signed = name.includes("sign");
  const size = shape.reduce((a, b) => a * b, 1);
  const next = uniform(7);
  const init = Float32Array.from({ length: size }, () => 2 * next() - 1);
  const oracle = new Oracle(rule, init, algebra);
  const variable = tf.variable(tf.tensor(init.slice(), shape, "float32"));
  const state = engine.createState(shape, rule.slots.length);
  const peaks = Object.fromEntries(
    ["param", ...rule.slots].map((name) => [name, new Float64Array(size)]),
  );
  try {
    for (let step = 1; step <= steps; step++) {
      const values = gradientOf(kind, size, step);
      const before = oracle.param;
      oracle.update(hyper, values);
      const gradient = tf.tensor(values, shape, "float32");
      const scalars = rule.scalars(hyper, step);
      engine.step([{ rule, scalars, variable, gradient, state }]);
      gradient.dispose();
      const slots = await state.read();
      const arrays = [...slots, await variable.data()];
      [...rule.slots, "param"].forEach((name, index) => {
        const expected = oracle.get(name);
        const peak = peaks[name]!;
        const actual = arrays[index]!;
        assert.equal(actual.length, size);
        for (let i = 0; i < size; i++) {
          const magnitude = Math.abs(expected[i]!) +
            termsOf(name, Math.abs(values[i]!), Math.abs(before[i]!));
          peak[i] = Math.max(peak[i]!, magnitude);
          if (name === "param" && undecided(peaks, i)) continue;
          const where = () => `${name}[${i}] at step ${step}, gradient ${values[i]}`;
          check(actual[i]!, expected[i]!, peak[i]!, step, where);
        }
      });
    }
  } finally {
    variable.dispose();
    state.dispose();
  }

  /** The magnitude of what is added up to a new value, which may cancel. */
  function termsOf(name: string, grad: number, param: number): number {
    const decayed = grad + hyper.weightDecay * param;
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

  /** Whether the sign of an estimate hangs on numbers below the normal range of float32. */
  function undecided(peaks: Record<string, Float64Array>, i: number): boolean {
    return signed && peaks.m![i]! < 2 ** -126;
  }
}

/** Compares one number; `peak` is the largest magnitude it had or was made of so far. */
type Check = (
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
 * the peak; below the normal range, that many of the smallest denormal.
 */
export const withinRounding: Check = (actual, expected, peak, step, where) => {
  const allowed = step * ROUNDINGS * (peak * 2 ** -24 + 2 ** -150);
  if (Math.abs(actual - expected) <= allowed) return; // false for NaN
  assert.fail(`${where()}: ${actual} instead of ${expected}, allowed ${allowed}`);
};

/** The very same number. */
export const bitForBit: Check = (actual, expected, _peak, _step, where) => {
  if (actual === expected && Number.isFinite(actual)) return;
  assert.fail(`${where()}: ${actual} instead of ${expected}`);
};
