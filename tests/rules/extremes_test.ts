import assert from "node:assert/strict";
import fc from "fast-check";
import { FLOAT32_MAX } from "../../src/expr/algebra.ts";
import { float32 } from "../../src/expr/numbers.ts";
import { Oracle } from "../../cli/doctor/oracle.ts";
import { GUARDED_RULES, type RuleCase, RULES, type TestHyper } from "../support/rule_table.ts";
import { betas } from "./carriers.ts";

/** Any finite float32, with the limits of the format and of the squares among them. */
const gradient = fc.oneof(
  fc.constantFrom(0, FLOAT32_MAX, -FLOAT32_MAX, 2 ** 127, -(2 ** 127)),
  fc.constantFrom(2 ** -149, -(2 ** -149), 2 ** -126, -(2 ** -75), 1e-20, 1e-4, 1),
  fc.constantFrom(2 ** 50, 2 ** 64, -(2 ** 64), 1.85e19, -1e20).map(Math.fround),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
);
const mixed = fc.array(gradient, { minLength: 1, maxLength: 30, size: "max" });
/** One number again and again: the mean comes as near to it as rounding lets it. */
const steady = fc.tuple(gradient, fc.integer({ min: 1, max: 60 }))
  .map(([value, steps]): number[] => new Array(steps).fill(value));
const sequences = fc.oneof({ weight: 3, arbitrary: mixed }, { weight: 1, arbitrary: steady });

/** So small that neither a parameter nor its share in a decayed gradient leaves the range. */
const learningRate = 1e-10;

/** The largest float32 but for a share that no rounding makes up for. */
const LARGE = (1 - 2 ** -10) * FLOAT32_MAX;

const epsilons = fc.constantFrom(0, 1e-30, 1e-8, 1, 1e30);

/** Without a mean, a gradient's deviation from it is 0, and nothing is left to divide by. */
const degenerate = ({ name }: RuleCase, beta1: number) =>
  beta1 === 0 && (name === "adamf, centred" || name.startsWith("adabelief"));

/** Asserts that everything stays finite at every step. */
function assertFinite(
  { name, rule }: RuleCase,
  hyper: TestHyper,
  gradients: readonly number[],
): void {
  // A velocity is the sum of up to 1 / (1 - momentum) gradients, and Nesterov adds another one.
  const share = rule.name === "momentum" ? 2 ** -4 : 1;
  const oracle = new Oracle(rule, [0.5], float32);
  gradients.forEach((value, index) => {
    oracle.update(hyper, [value * share]);
    for (const array of ["param", ...rule.slots]) {
      const value = oracle.get(array)[0]!;
      assert.ok(Number.isFinite(value), `${name}: ${array} is ${value} at step ${index + 1}`);
    }
  });
}

for (const [index, row] of RULES.entries()) {
  Deno.test(`float32: ${row.name} stays finite whatever finite gradients come`, () => {
    fc.assert(
      fc.property(sequences, (gradients) => {
        assertFinite(row, { ...row.hyper, learningRate }, gradients);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  Deno.test(`float32: ${row.name} stays finite with other hyper-parameters too`, () => {
    // What is within 2^-10 of the limit is the subject of the next test.
    const inside = sequences.map((gradients) =>
      gradients.map((value) => Math.max(-LARGE, Math.min(LARGE, value)))
    );
    fc.assert(
      fc.property(inside, betas, epsilons, (gradients, { beta1, beta2 }, epsilon) => {
        fc.pre(!degenerate(row, beta1));
        const guarded = GUARDED_RULES[index]!;
        const hyper = { ...row.hyper, learningRate, beta1, beta2, epsilon, alpha: beta2 };
        assertFinite(guarded, hyper, gradients);
      }),
      { seed: 2, numRuns: 500 },
    );
  });
}

Deno.test("float32: the mean of gradients at the limit is not rounded beyond it", () => {
  fc.assert(
    fc.property(fc.constantFrom(...RULES), betas, steady, (row, betas, gradients) => {
      fc.pre(!degenerate(row, betas.beta1));
      assertFinite(row, { ...row.hyper, ...betas, learningRate }, gradients.map(() => FLOAT32_MAX));
    }),
    { seed: 3, numRuns: 500 },
  );
});

Deno.test("float32: a rule recovers from a gradient that saturated its state", () => {
  for (const { name, rule, hyper } of RULES) {
    if (rule.slots.includes("vmax")) continue; // never forgets, by design
    const oracle = new Oracle(rule, [0.5], float32);
    const share = rule.name === "momentum" ? 2 ** -4 : 1;
    const run = (learningRate: number, gradient: number, steps: number) => {
      for (let step = 0; step < steps; step++) {
        oracle.update({ ...hyper, beta2: 0.9, alpha: 0.9, learningRate }, [gradient]);
      }
      return oracle.param[0]!;
    };
    run(1e-40, share * FLOAT32_MAX, 1); // hardly moves the parameter
    const before = run(1e-40, 0, 1500); // 0.9^1500 FLOAT32_MAX is 1e-30
    const moved = before - run(0.1, 1, 100);
    assert.ok(moved > 5 && moved < Infinity, `${name}: ${moved}, where 100 steps of 0.1 make 10`);
  }
});
