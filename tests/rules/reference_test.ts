import assert from "node:assert/strict";
import { adabelief } from "../../src/rules/adabelief.ts";
import { lion } from "../../src/rules/lion.ts";
import { nadam } from "../../src/rules/nadam.ts";
import { radam } from "../../src/rules/radam.ts";
import { rmsprop } from "../../src/rules/rmsprop.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { Oracle } from "../../cli/doctor/oracle.ts";
import {
  type ReferenceName,
  type ReferenceOptions,
  references,
  type ReferenceTrace,
} from "../support/reference.ts";
import type { TestHyper } from "../support/rule_table.ts";
import { USUAL } from "./carriers.ts";

/** The rule of an optimizer with these options. */
function ruleOf(name: ReferenceName, options: ReferenceOptions): Rule<TestHyper> {
  const coupling = options.decoupledWeightDecay ? "decoupled" : "coupled";
  const decay = options.weightDecay === 0 ? "none" : coupling;
  switch (name) {
    case "nadam":
      return nadam({ decay });
    case "radam":
      return radam({ decay });
    case "adabelief":
      return adabelief({ decay });
    case "lion":
      return lion({ decay });
    case "rmsprop": {
      const { centered = false, momentum = 0 } = options;
      return rmsprop({ decay, centered, momentum: momentum > 0 });
    }
  }
}

/** What the reference calls its state, by our slots; null where it has none. */
const STATES: Record<string, (oracle: Oracle<TestHyper>) => readonly number[]> = {
  m: (oracle) => oracle.get("m"),
  exp_avg: (oracle) => oracle.get("m"),
  exp_avg_sq: (oracle) => oracle.get("v"),
  grad_avg: (oracle) => oracle.get("m"),
  momentum_buffer: (oracle) => oracle.get("velocity"),
  // The centred form keeps the variance itself.
  square_avg: (oracle) =>
    oracle.slots.v ?? oracle.get("s").map((s, i) => s + oracle.get("m")[i]! ** 2),
};

/** AdaBelief's s, with the epsilons that ours leaves out. */
const withEpsilons = (s: readonly number[], { epsilon, beta2 }: TestHyper, steps: number) => {
  let sum = 0;
  for (let step = 0; step < steps; step++) sum = beta2 * sum + epsilon;
  return s.map((value) => value + sum);
};

/** A few hundred roundings of float64, after thirty steps that pass errors on. */
function assertClose(actual: readonly number[], expected: readonly number[], what: string): void {
  const peak = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => {
    const error = Math.abs(actual[i]! - value);
    assert.ok(
      error <= 1e-12 * (Math.abs(value) + 1e-3 * peak),
      `${what}: ${actual[i]} not ${value}`,
    );
  });
}

function compare(trace: ReferenceTrace, name: ReferenceName, oracle: Oracle<TestHyper>): void {
  const hyper: TestHyper = { ...USUAL, ...trace.options };
  for (const [state, values] of Object.entries(trace.state)) {
    const ours = name === "adabelief" && state === "s"
      ? withEpsilons(oracle.get("s"), hyper, oracle.step)
      : STATES[state]!(oracle);
    assertClose(ours, values, state);
  }
}

for (const { optimizer, source, initial, gradients, traces } of references) {
  traces.forEach((trace, index) => {
    Deno.test(`float64: ${optimizer} is that of ${source}, options ${index}`, () => {
      const oracle = new Oracle(ruleOf(optimizer, trace.options), initial);
      gradients.forEach((gradient, step) => {
        oracle.update({ ...USUAL, ...trace.options }, gradient);
        assertClose(oracle.param, trace.parameters[step]!, `step ${step + 1}`);
      });
      compare(trace, optimizer, oracle);
    });
  });
}
