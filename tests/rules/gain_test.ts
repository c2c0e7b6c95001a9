import assert from "node:assert/strict";
import fc from "fast-check";
import { FLOAT32_MAX } from "../../src/expr/algebra.ts";
import { filterScalars, type Power, wienerGain } from "../../src/rules/filter.ts";
import { normal } from "../support/random.ts";
import { betas, CARRIERS, filtered, moderate, sequence, USUAL } from "./carriers.ts";

/** The largest x / (1 + x^2)^gamma, which bounds |ghat - mhat| / sqrt(shat); 1 and 1/2 at first. */
function bound(gamma: number): number {
  if (gamma === 0.5) return 1;
  return (2 * gamma - 1) ** -0.5 * (2 * gamma / (2 * gamma - 1)) ** -gamma;
}

for (const carrier of CARRIERS) {
  const { name, algebra: o, unit, tiny } = carrier;
  const any = carrier.number(-(2 ** 127), 2 ** 127).map((value) =>
    o.min(o.max(2 * value, -FLOAT32_MAX), FLOAT32_MAX)
  );
  const size = any.map((value) => Math.abs(value));

  Deno.test(`${name}: the gain is in [0, 1], and below 1 where the innovation counts`, () => {
    const epsilon = fc.oneof(fc.constantFrom(0, 1e-8, 1), carrier.number(0, 1));
    const step = fc.integer({ min: 1, max: 10000 });
    fc.assert(
      fc.property(size, any, epsilon, betas, step, (s, r, epsilon, betas, step) => {
        const { varianceCorrection } = filterScalars(
          { power: 1, varianceCorrection: true },
          { ...USUAL, ...betas },
          step,
        );
        const correction = o.constant(varianceCorrection);
        const gain = wienerGain(o, s, correction, r, o.constant(epsilon));
        assert.ok(gain >= 0 && gain <= 1, `K = ${gain}`); // false for NaN
        const signal = s * correction;
        const divisor = signal + r * r + o.constant(epsilon);
        // What a denormal s or product loses, multiplied by what comes after: the correction,
        // and the scale that float32 takes from large numbers.
        const lost = 4 * tiny * Math.max(1, correction) * (r * r > 2 ** 100 ? 2 ** 132 : 1);
        // Four roundings of the divisor and the signal, which is less by at least this much.
        if (divisor - signal > 8 * unit * signal + lost) assert.ok(gain < 1);
        // The formula as it stands, exact enough in float64 to tell float32's five roundings.
        const exact = divisor === 0 ? 0 : signal / divisor;
        const allowed = 5 * unit * exact + (divisor === 0 ? 0 : lost / divisor) + tiny;
        assert.ok(Math.abs(gain - exact) <= allowed, `${gain} instead of ${exact}`);
      }),
      { seed: 1, numRuns: 5000 },
    );
  });

  Deno.test(`${name}: the gain of nothing at all is 0`, () => {
    assert.equal(wienerGain(o, 0, 1, 0, 0), 0);
    assert.equal(wienerGain(o, 0, 1, 1, 0), 0);
    assert.equal(wienerGain(o, 1, 1, 0, 0), 1);
    assert.equal(wienerGain(o, 1, 1, 1, 0), 0.5);
  });

  Deno.test(`${name}: the estimate is within sqrt(shat) of mhat, half of it for gamma 1`, () => {
    const gammas = fc.constantFrom(0.5, 1, 2, 3, 10, 1e4);
    const epsilon = fc.constantFrom(0, 1e-8, 1);
    const gradients = sequence(moderate(carrier));
    let closest = 0;
    fc.assert(
      fc.property(gradients, betas, gammas, epsilon, (gradients, betas, gamma, epsilon) => {
        const power: Power = gamma === 0.5 || gamma === 1 || gamma === 2 ? gamma : "any";
        const form = { power, varianceCorrection: true };
        const hyper = { ...USUAL, ...betas, gamma, epsilon };
        for (const { mean, variance, estimate } of filtered(carrier, form, hyper, gradients)) {
          const width = Math.sqrt(variance);
          // K has eight roundings, its power gamma times as many at first order; beyond gamma 2 they
          // move the innovation at which the bound is reached instead, by the root of their number.
          const roundings = gamma <= 2 ? 20 * unit : Math.sqrt(20 * unit);
          const allowed = (bound(gamma) + roundings) * width +
            4 * unit * (Math.abs(mean) + Math.abs(estimate));
          const distance = Math.abs(estimate - mean);
          assert.ok(distance <= allowed, `${distance}, more than ${allowed}`);
          if (width > 0) closest = Math.max(closest, distance / width / bound(gamma));
        }
      }),
      { seed: 2, numRuns: 2000 },
    );
    assert.ok(closest > 0.99, `the bound was never near: ${closest}`);
  });

  Deno.test(`${name}: the power of the gain has the same value in its short and its long form`, () => {
    const powers = fc.constantFrom(0.25, 0.5, 1, 2);
    const gradients = sequence(moderate(carrier));
    fc.assert(
      fc.property(gradients, betas, powers, (gradients, betas, gamma) => {
        const hyper = { ...USUAL, ...betas, gamma };
        const [short, long] = ([gamma, "any"] as const).map((power) =>
          filtered(carrier, { power, varianceCorrection: true }, hyper, gradients)
        );
        short!.forEach(({ grad, mean, estimate }, index) => {
          // Two roundings of one form, one of the other, that of the product, and that of the sum.
          const allowed = 5 * unit * (Math.abs(grad) + Math.abs(mean) + Math.abs(estimate));
          assert.ok(Math.abs(long![index]!.estimate - estimate) <= allowed);
        });
      }),
      { seed: 3, numRuns: 1000 },
    );
  });
}

Deno.test("the variance factor is the sum of the squared weights of the mean", () => {
  fc.assert(
    fc.property(betas, fc.integer({ min: 1, max: 2000 }), ({ beta1, beta2 }, step) => {
      const hyper = { ...USUAL, beta1, beta2 };
      const factor = (varianceCorrection: boolean) =>
        filterScalars({ power: 1, varianceCorrection }, hyper, step).varianceCorrection;
      let weight = 1 - beta1; // of the last gradient, then of the one before, ...
      let squares = 0;
      for (let k = 0; k < step; k++, weight *= beta1) squares += weight ** 2;
      // As many roundings as there are terms, at most step, and those of 1 - beta1^2t, which cancels.
      const allowed = (2 * step + 10 + 2 / (1 - beta1 ** (2 * step))) * 2 ** -53;
      assert.ok(Math.abs(factor(true) / factor(false) / squares - 1) <= allowed);
    }),
    { seed: 4, numRuns: 300 },
  );
});

Deno.test("the variance factor is Var m / Var g of independent gradients", () => {
  const runs = 20000;
  const next = normal(5);
  for (const step of [1, 3, 30]) {
    const form = { power: 1, varianceCorrection: true } as const;
    const { varianceCorrection } = filterScalars(form, USUAL, step);
    const factor = varianceCorrection * (1 - USUAL.beta2 ** step);
    let squares = 0;
    for (let run = 0; run < runs; run++) {
      let m = 0;
      for (let t = 0; t < step; t++) m = USUAL.beta1 * m + (1 - USUAL.beta1) * next();
      squares += m ** 2;
    }
    // The mean of n squares of normal numbers has a relative deviation of sqrt(2 / n): four of them.
    assert.ok(Math.abs(squares / runs / factor - 1) <= 4 * Math.sqrt(2 / runs));
  }
});
