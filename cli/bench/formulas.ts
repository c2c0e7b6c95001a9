import type { Rule } from "../../src/rules/rule.ts";
import { adamf } from "../../src/rules/adamf.ts";
import { adamw } from "../../src/rules/adamw.ts";
import type { FilterForm } from "../../src/rules/filter.ts";
import { momentum } from "../../src/rules/momentum.ts";
import { sgdf } from "../../src/rules/sgdf.ts";
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

const filter: FilterForm = { power: HYPER.gamma, varianceCorrection: true };

/** The formulas of all contestants. */
export const FORMULAS = {
  sgdf: formula(sgdf({ ...filter, decay: "none", sign: false })),
  adamf: formula(adamf({ ...filter, decay: "none", denominator: "rms", amsgrad: false })),
  adam: formula(adamw({ decay: "none", amsgrad: false })),
  adamw: formula(adamw({ decay: "decoupled", amsgrad: false })),
  momentum: formula(momentum({ decay: "none", nesterov: false })),
  sgd: { ...formula(momentum({ decay: "none", nesterov: false }), { momentum: 0 }), bytes: 12 },
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
