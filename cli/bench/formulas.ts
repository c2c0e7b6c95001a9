import { plainRules, type Rule } from "@signalfit/tfjs/parts";
import { Oracle } from "../doctor/oracle.ts";

/** What a contestant should compute, in float64. */
export interface Formula {
  /** The least a step must read and write, in bytes a parameter: each array once. */
  readonly bytes: number;
  readonly learningRate: number;
  /** Parameters under the formula. */
  start(init: readonly number[]): FormulaState;
}

/** Parameters under a formula. */
export interface FormulaState {
  readonly param: readonly number[];
  update(gradient: readonly number[]): void;
}

/** The hyper-parameters that all contestants are given. */
export const HYPER = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  gamma: 0.5,
  momentum: 0.9,
  weightDecay: 0.004,
} as const;

/** Numbers that are copied for each parameter, so that as many bytes move as in AdamF: 36. */
export const WIDE_COPY = 4.5;

const RULES = plainRules();

/** The formulas of all contestants. */
export const FORMULAS = {
  sgdf: formula(RULES.sgdf),
  adamf: formula(RULES.adamf),
  adam: formula(RULES.adam),
  adamw: formula(RULES.adamw),
  momentum: formula(RULES.momentum),
  sgd: { ...formula(RULES.momentum, { momentum: 0 }), bytes: 12 },
  copy: copy(1),
  wideCopy: copy(WIDE_COPY),
} satisfies Record<string, Formula>;

function copy(floats: number): Formula {
  const start = (param: readonly number[]): FormulaState => ({ param, update: () => {} });
  return { bytes: 8 * floats, learningRate: 0, start };
}

function formula(rule: Rule<typeof HYPER>, changes: { momentum?: number } = {}): Formula {
  const hyper = { ...HYPER, ...changes } as typeof HYPER;
  return {
    // Parameter and slots are read and written, the gradient is read; four bytes each.
    bytes: 4 * (2 + 1 + 2 * rule.slots.length),
    learningRate: hyper.learningRate,
    start: (init) => {
      const oracle = new Oracle(rule, init);
      return {
        get param() {
          return oracle.param;
        },
        update: (gradient) => oracle.update(hyper, gradient),
      };
    },
  };
}
