import assert from "node:assert/strict";
import fc from "fast-check";
import { adamf } from "../../src/rules/adamf.ts";
import { adamw } from "../../src/rules/adamw.ts";
import { type Power, powerOf } from "../../src/rules/filter.ts";
import { sgdf } from "../../src/rules/sgdf.ts";
import { Oracle } from "../../cli/doctor/oracle.ts";
import { normal } from "../support/random.ts";
import { GUARDED_RULES } from "../support/rule_table.ts";
import { betas, CARRIERS, filtered, moderate, sequence, USUAL } from "./carriers.ts";

const plain = (power: Power) =>
  sgdf({ power, varianceCorrection: true, decay: "none", sign: false });
const gammas = fc.oneof(
  fc.constantFrom(0.25, 0.5, 1, 2),
  fc.double({ min: 0.01, max: 100, noNaN: true }),
);

for (const carrier of CARRIERS) {
  const { name, algebra: o, unit, tiny } = carrier;
  const gradients = sequence(moderate(carrier));
  const param = carrier.number(-1, 1);

  Deno.test(`${name}: the first step is learningRate * g, whatever gamma`, () => {
    const hypers = fc.record({ gamma: gammas, epsilon: fc.constantFrom(0, 1e-8, 1) });
    const gradient = carrier.number(-(2 ** 60), 2 ** 60);
    fc.assert(
      fc.property(hypers, betas, param, gradient, (options, betas, param, g) => {
        const hyper = { ...USUAL, ...betas, ...options };
        const oracle = new Oracle(plain(powerOf(hyper.gamma)), [param], o);
        oracle.update(hyper, [g]);
        const step = o.mul(o.constant(hyper.learningRate), g);
        // Six roundings on the way from g to the estimate, two on the way to the parameter. A
        // denormal m loses up to `tiny`, which the correction of the mean magnifies.
        const lost = tiny / (1 - hyper.beta1);
        const allowed = 8 * unit * (Math.abs(step) + Math.abs(param)) + lost;
        assert.ok(Math.abs(oracle.param[0]! - o.sub(param, step)) <= allowed);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  Deno.test(`${name}: without a gradient there is no motion, with epsilon 0 either`, () => {
    const epsilon = fc.constantFrom(0, 1e-8);
    for (const { name, rule } of GUARDED_RULES) {
      fc.assert(
        fc.property(param, epsilon, betas, gammas, (param, epsilon, betas, gamma) => {
          const oracle = new Oracle(rule, [param], o);
          for (let step = 1; step <= 5; step++) {
            oracle.update({ ...USUAL, ...betas, gamma, epsilon }, [0]);
            assert.equal(oracle.param[0], param, name);
            for (const slot of rule.slots) assert.equal(oracle.get(slot)[0], 0, `${name}: ${slot}`);
          }
        }),
        { seed: 2, numRuns: 25 },
      );
    }
  });

  Deno.test(`${name}: beta1 0 is plain gradient descent, to the last bit`, () => {
    fc.assert(
      fc.property(gradients, param, gammas, betas, (gradients, param, gamma, { beta2 }) => {
        const hyper = { ...USUAL, beta1: 0, beta2, gamma };
        const oracle = new Oracle(plain(powerOf(gamma)), [param], o);
        let expected = param;
        for (const g of gradients) {
          oracle.update(hyper, [g]);
          expected = o.sub(expected, o.mul(o.constant(hyper.learningRate), g));
          assert.equal(oracle.param[0], expected);
        }
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  Deno.test(`${name}: gamma towards 0 is plain gradient descent`, () => {
    const form = { power: "any", varianceCorrection: true } as const;
    fc.assert(
      fc.property(gradients, (gradients) => {
        const hyper = { ...USUAL, epsilon: 0, gamma: 1e-12 };
        const results = filtered(carrier, form, hyper, gradients);
        let peak = 0;
        for (const { grad, estimate, mean, variance } of results) {
          peak = Math.max(peak, Math.abs(grad), Math.abs(mean));
          if (variance === 0) assert.equal(peak, 0); // nothing has come yet
          // K > e^-70, so 1 - K^gamma < 70 gamma; and five roundings of numbers up to 2 peak.
          const allowed = (2 * 70 * hyper.gamma + 10 * unit) * peak;
          assert.ok(Math.abs(estimate - grad) <= allowed, `${estimate} instead of ${grad}`);
        }
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  Deno.test(`${name}: gamma towards infinity makes AdamF Adam, AdamW and AMSGrad`, () => {
    // Signs in turn and sizes alike keep the innovation large and K below 0.9: K^gamma is 0.
    const sizes = fc.array(carrier.number(1, 1.25), { minLength: 1, maxLength: 40, size: "max" });
    const gamma = fc.constantFrom(1e4, 1e5, 1e6);
    const beta2 = fc.constantFrom(0.9, 0.999); // with 0.9, v falls below its maximum
    const forms = fc.record({
      decay: fc.constantFrom("none", "coupled", "decoupled"),
      amsgrad: fc.boolean(),
    });
    fc.assert(
      fc.property(sizes, gamma, beta2, forms, param, (sizes, gamma, beta2, form, param) => {
        const hyper = { ...USUAL, learningRate: 0.01, weightDecay: 0.05, gamma, beta2 };
        const filter = { power: "any", varianceCorrection: true, denominator: "rms" } as const;
        const ours = new Oracle(adamf({ ...filter, ...form }), [param], o);
        const adam = new Oracle(adamw(form), [param], o);
        sizes.forEach((size, index) => {
          const g = index % 2 === 0 ? size : -size;
          ours.update(hyper, [g]);
          adam.update(hyper, [g]);
          const names = ["m", "v", ...form.amsgrad ? ["vmax"] : [], "param"];
          for (const name of names) {
            const [actual, expected] = [ours.get(name)[0]!, adam.get(name)[0]!];
            // Only the first innovation, one of rounding, passes. What it moves, each step rounds
            // anew: four roundings at most, of numbers up to 1.5.
            const allowed = 4 * (index + 1) * unit * 1.5;
            assert.ok(Math.abs(actual - expected) <= allowed, `${name} at ${index + 1}`);
          }
        });
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  Deno.test(`${name}: the estimate of a gradient that stays is the gradient`, () => {
    fc.assert(
      fc.property(moderate(carrier), betas, gammas, fc.nat(200), (g, betas, gamma, steps) => {
        const form = { power: powerOf(gamma), varianceCorrection: true };
        const gradients = new Array(steps + 1).fill(g);
        // Each step adds three roundings to the mean and forgets 1 - beta1 of the earlier ones; six
        // more lead to the estimate.
        const allowed = (3 / (1 - betas.beta1) + 6) * unit * Math.abs(g);
        for (
          const { estimate } of filtered(carrier, form, { ...USUAL, ...betas, gamma }, gradients)
        ) {
          assert.ok(Math.abs(estimate - g) <= allowed, `${estimate} instead of ${g}`);
        }
      }),
      { seed: 6, numRuns: 300 },
    );
  });

  Deno.test(`${name}: with epsilon 0, gradients times 2^k give estimates times 2^k exactly`, () => {
    // The range keeps the squares, and those of differences in the last place, inside float32. There
    // innovations above 2^50 are scaled for the gain, which must not show.
    fc.assert(
      fc.property(
        gradients,
        betas,
        gammas,
        fc.integer({ min: -10, max: 50 }),
        (gs, betas, gamma, k) => {
          const form = { power: powerOf(gamma), varianceCorrection: true };
          const hyper = { ...USUAL, ...betas, gamma, epsilon: 0 };
          const estimates = (scale: number) =>
            filtered(carrier, form, hyper, gs.map((g) => g * scale)).map(({ estimate }) =>
              estimate
            );
          const expected = estimates(1).map((estimate) => estimate * 2 ** k);
          assert.deepEqual(estimates(2 ** k), expected);
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });

  Deno.test(`${name}: epsilon 1e-8 closes the filter for gradients far below 1e-4`, () => {
    const form = { power: 0.5, varianceCorrection: true } as const;
    /** How much of the innovation passes, on average over 1000 noisy gradients. */
    const passing = (scale: number) => {
      const next = normal(8);
      const gradients = Array.from({ length: 1000 }, () => o.constant(scale * (1 + next())));
      const shares = filtered(carrier, form, USUAL, gradients).slice(1)
        .map(({ grad, mean, estimate }) => Math.abs(estimate - mean) / Math.abs(grad - mean));
      return shares.reduce((sum, share) => sum + share) / shares.length;
    };
    const open = passing(1);
    // shat is about 0.05 g^2 and K = shat / (shat + r^2 + eps), so K^1/2 < (0.2 g^2 / 1e-8)^1/2.
    assert.ok(open > 0.25);
    assert.ok(Math.abs(passing(1e-2) / open - 1) < 1e-3);
    assert.ok(passing(1e-4) < 0.75 * open);
    assert.ok(passing(1e-5) < 0.1 * open);
    assert.ok(passing(1e-6) < 0.01 * open);
  });
}
