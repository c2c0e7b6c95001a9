import assert from "node:assert/strict";
import fc from "fast-check";
import { FLOAT32_MAX } from "../../src/expr/algebra.ts";
import { float32 } from "../../src/expr/numbers.ts";
import { adabelief } from "../../src/rules/adabelief.ts";
import { lion } from "../../src/rules/lion.ts";
import type { MomentForm } from "../../src/rules/moment.ts";
import { nadam } from "../../src/rules/nadam.ts";
import { radam } from "../../src/rules/radam.ts";
import { rmsprop } from "../../src/rules/rmsprop.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { Oracle } from "../../cli/doctor/oracle.ts";
import type { TestHyper } from "../support/rule_table.ts";
import { CARRIERS, USUAL } from "./carriers.ts";
import { noisyGradients } from "./reference_steps.ts";

const RULES: Record<string, (form: MomentForm) => Rule<TestHyper>> = {
  nadam,
  radam,
  adabelief,
  lion,
};
const FILTER = { power: "any", varianceCorrection: true } as const;
const DECAYS = ["none", "coupled", "decoupled"] as const;

for (const { name: carrier, algebra, unit } of CARRIERS) {
  for (const [name, create] of Object.entries(RULES)) {
    Deno.test(`${carrier}: gamma towards infinity makes ${name} with a filter ${name}`, () => {
      // Signs in turn and sizes alike keep the innovation large and K below 0.9: K^gamma is 0.
      const sizes = fc.array(fc.double({ min: 1, max: 1.25, noNaN: true }), {
        minLength: 1,
        maxLength: 40,
        size: "max",
      });
      fc.assert(
        fc.property(sizes, fc.constantFrom(...DECAYS), (sizes, decay) => {
          const hyper = {
            ...USUAL,
            learningRate: 0.01,
            weightDecay: 0.05,
            gamma: 1e5,
            beta2: 0.99,
          };
          const filtered = new Oracle(create({ decay, filter: FILTER }), [0.5], algebra);
          const plain = new Oracle(create({ decay }), [0.5], algebra);
          sizes.forEach((size, index) => {
            const g = algebra.constant(index % 2 === 0 ? size : -size);
            for (const oracle of [filtered, plain]) oracle.update(hyper, [g]);
            for (const array of ["param", ...plain.rule.slots]) {
              const [actual, expected] = [filtered.get(array)[0]!, plain.get(array)[0]!];
              // The first innovation, one of rounding, passes. Then a step is rounded a dozen times
              // on either way, and numbers are at most 1.5.
              const allowed = 12 * (index + 1) * unit * 1.5;
              assert.ok(Math.abs(actual - expected) <= allowed, `${array} at ${index + 1}`);
            }
          });
        }),
        { seed: 1, numRuns: 200 },
      );
    });
  }
}

/** The steps of each rule with the filter, as the documentation writes them; g has no decay in it. */
function directions(name: string, { beta1, beta2, epsilon, gamma, momentumDecay }: TestHyper) {
  const mean = name === "lion" ? beta2 : beta1; // how fast m decays
  let [m, s, v, product] = [0, 0, 0, 1];
  return (g: number, t: number): number => {
    m = mean * m + (1 - mean) * g;
    s = beta2 * s + (1 - beta2) * (g - m) ** 2;
    v = beta2 * v + (1 - beta2) * g ** 2;
    const mhat = m / (1 - mean ** t);
    const shat = s * (1 - mean) * (1 - mean ** (2 * t)) / ((1 + mean) * (1 - beta2 ** t));
    const gain = shat / (shat + (g - mhat) ** 2 + epsilon);
    const ghat = mhat + gain ** gamma * (g - mhat);
    const vhat = v / (1 - beta2 ** t);
    switch (name) {
      case "nadam": {
        const mu = (t: number) => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
        product *= mu(t);
        const look = mu(t + 1) * (1 - beta1 ** t) / (1 - product * mu(t + 1)) * ghat;
        return (look + (1 - mu(t)) / (1 - product) * g) / (Math.sqrt(vhat) + epsilon);
      }
      case "radam": {
        const longest = 2 / (1 - beta2) - 1;
        const rho = longest - 2 * t * beta2 ** t / (1 - beta2 ** t);
        if (rho <= 5) return ghat;
        const rectified = Math.sqrt(
          (rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho),
        );
        return rectified * ghat * Math.sqrt(1 - beta2 ** t) / (Math.sqrt(v) + epsilon);
      }
      case "adabelief": {
        const deviation = s / (1 - beta2 ** t) + epsilon / (1 - beta2);
        return ghat / (Math.sqrt(deviation) + epsilon);
      }
      default:
        return Math.sign(beta1 * (1 - beta2 ** t) * ghat + (beta2 - beta1) * g);
    }
  };
}

for (const [name, create] of Object.entries(RULES)) {
  Deno.test(`float64: ${name} with the filter is what the documentation says`, () => {
    for (const change of [{}, { beta2: 0.99, gamma: 2, epsilon: 1e-3 }, { momentumDecay: 0.5 }]) {
      const hyper = { ...USUAL, ...change };
      const oracle = new Oracle(create({ decay: "none", filter: FILTER }), [0, 0, 0, 0, 0]);
      const expected = [0, 0, 0, 0, 0];
      const rules = expected.map(() => directions(name, hyper));
      noisyGradients(60, 5, 3).forEach((gradient, index) => {
        oracle.update(hyper, gradient);
        rules.forEach((direction, i) => {
          expected[i]! -= hyper.learningRate * direction(gradient[i]!, index + 1);
          const error = Math.abs(oracle.param[i]! - expected[i]!);
          const message = `step ${index + 1}: ${oracle.param[i]} not ${expected[i]}`;
          assert.ok(error <= 1e-13 * (index + 1) * (1 + Math.abs(expected[i]!)), message);
        });
      });
    }
  });
}

Deno.test("nadam: the product of momenta follows from the step alone", () => {
  const form = { decay: "none" } as const;
  const shares = (rule: Rule<TestHyper>, hyper: TestHyper, step: number) => {
    const { gradShare, meanShare } = rule.scalars(hyper, step);
    return [gradShare, meanShare];
  };
  const hypers = [USUAL, { ...USUAL, beta1: 0.999 }, { ...USUAL, momentumDecay: 2 }];
  const used = nadam(form);
  // Forwards, backwards and where the product is nothing, and other hyper-parameters in between.
  const inTurn = [3, 7, 3].flatMap((step) => hypers.map((hyper) => ({ step, hyper })));
  const onEnd = hypers.flatMap((hyper) =>
    [1, 2, 3, 50, 7, 400, 401, 402, 2, 5000, 1, 100000].map((step) => ({ step, hyper }))
  );
  for (const { step, hyper } of [...inTurn, ...onEnd]) {
    let product = 1;
    const mu = (t: number) => hyper.beta1 * (1 - 0.5 * 0.96 ** (t * hyper.momentumDecay));
    for (let t = 1; t <= step; t++) product *= mu(t);
    const expected = [
      (1 - mu(step)) / (1 - product),
      mu(step + 1) / (1 - product * mu(step + 1)),
    ];
    assert.deepEqual(shares(used, hyper, step), expected);
    assert.deepEqual(shares(nadam(form), hyper, step), expected);
  }
});

Deno.test("lion with the filter: with beta2 0 there is no momentum, and the gradient is followed", () => {
  const oracle = new Oracle(lion({ decay: "none", filter: FILTER }), [0]);
  for (const [index, g] of [3, -1, -2, 0, 5].entries()) {
    const before = oracle.param[0]!;
    oracle.update({ ...USUAL, beta2: 0, learningRate: 1 }, [g]);
    assert.equal(before - oracle.param[0]!, Math.sign(g), `step ${index + 1}`);
  }
});

Deno.test("rmsprop: no memory and the largest gradients make no NaN", () => {
  const rule = rmsprop({ decay: "none", centered: true, momentum: true });
  const oracle = new Oracle<TestHyper>(rule, [0], float32);
  for (const sign of [1, -1, 1, -1]) {
    oracle.update({ ...USUAL, alpha: 0, epsilon: 1e30 }, [sign * FLOAT32_MAX]);
    for (const array of ["param", ...rule.slots]) assert.ok(Number.isFinite(oracle.get(array)[0]));
  }
});

Deno.test("radam: the first five steps divide by nothing, the sixth does", () => {
  const form = { decay: "none" } as const;
  const oracle = new Oracle(radam(form), [0]);
  const steps = Array.from({ length: 7 }, () => {
    const before = oracle.param[0]!;
    oracle.update({ ...USUAL, learningRate: 1 }, [1000]);
    return before - oracle.param[0]!;
  });
  steps.forEach((step, index) => {
    if (index < 5) assert.ok(Math.abs(step - 1000) < 1e-9, `step ${index + 1} is ${step}`);
    else assert.ok(step > 0 && step < 0.1, `step ${index + 1} is ${step}`);
  });
});

Deno.test("rmsprop: the centred form never takes the root of a negative number", () => {
  // Of a gradient that stays, v - m^2 is what rounding has left of two equal numbers.
  const gradient = Float32Array.from({ length: 50 }, (_, i) => 100 + i / 7);
  const rule = rmsprop({ decay: "none", centered: true, momentum: false });
  const oracle = new Oracle<TestHyper>(rule, gradient.map(() => 0), float32);
  const { add, mul, sub, constant } = float32;
  const average = (old: number, value: number) =>
    add(mul(constant(0.9), old), mul(constant(0.1), value));
  const [m, v] = [new Float32Array(50), new Float32Array(50)];
  let negative = 0;
  for (let step = 1; step <= 300; step++) {
    oracle.update({ ...USUAL, alpha: 0.9 }, gradient);
    gradient.forEach((g, i) => {
      m[i] = average(m[i]!, g);
      v[i] = average(v[i]!, mul(g, g));
      if (sub(v[i]!, mul(m[i]!, m[i]!)) < 0) negative++;
    });
    assert.ok(oracle.get("s").every((s) => s >= 0));
    assert.ok(oracle.param.every(Number.isFinite));
  }
  assert.ok(negative > 0, "the difference of the two moments would do as well");
});
