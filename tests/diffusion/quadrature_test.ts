import assert from "node:assert/strict";
import fc from "fast-check";
import { random } from "./golden.ts";
import { integrate } from "../../src/diffusion/numeric/quadrature.ts";

function assertIntegral(
  f: (x: number) => number,
  a: number,
  b: number,
  exact: number,
  what: string,
) {
  const error = Math.abs(integrate(f, a, b) - exact);
  assert.ok(error <= 1e-12 * Math.max(1, Math.abs(exact)), `${what}: off by ${error}`);
}

Deno.test("integrate - smooth functions, kinks, jumps and poles at an end", () => {
  assertIntegral((x) => Math.sin(Math.PI * x / 2), 0, 1, 2 / Math.PI, "sine");
  assertIntegral((x) => Math.exp(-x * x / 2), -10, 10, Math.sqrt(2 * Math.PI), "normal");
  assertIntegral((x) => Math.abs(x - 0.3), 0, 1, (0.09 + 0.49) / 2, "kink");
  assertIntegral((x) => (x < Math.SQRT1_2 ? 0 : 1), 0, 1, 1 - Math.SQRT1_2, "jump");
  assertIntegral((x) => Math.min(x / (1 - x), 1e5), 0, 1, Math.log1p(1e5), "capped pole");
  assertIntegral((x) => Math.log(x), 0, 1, -1, "logarithm");
  assertIntegral((x) => Math.sin(2 * Math.PI * x), 0, 1, 0, "cancelling");
});

Deno.test("integrate - a narrow interval, a reversed one and a NaN", () => {
  assertIntegral((x) => x, 2, 2 + 2 ** -20, 2 ** -19 + 2 ** -41, "narrow");
  assertIntegral((x) => x, 1, 0, -0.5, "reversed");
  assert.ok(Number.isNaN(integrate(() => NaN, 0, 1)));
});

Deno.test("integrate - exact for polynomials of degree 17, by one panel", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 17 }),
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      (degree, end) => {
        const exact = end ** (degree + 1) / (degree + 1);
        const error = Math.abs(integrate((x) => x ** degree, 0, end, 1) - exact);
        // Ten products and sums, each rounded to 2^-53, and powers of nodes that are rounded too.
        assert.ok(error <= 64 * 2 ** -53 * exact, `x^${degree} to ${end}: off by ${error / exact}`);
      },
    ),
  );
});

Deno.test("integrate - finds a jump and a kink wherever they are", () => {
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(place, (c) => {
    const jump = Math.abs(integrate((x) => (x < c ? 1 : 3), 0, 1) - (3 - 2 * c));
    const kink = Math.abs(integrate((x) => Math.abs(x - c), 0, 1) - (c * c + (1 - c) ** 2) / 2);
    assert.ok(jump <= 3e-12 && kink <= 1e-12, `at ${c}: off by ${jump} and ${kink}`);
  }));
});

Deno.test("integrate - finds a narrow peak, though the first points see its tails alone", () => {
  for (const width of [1e-3, 3e-4, 1e-4]) {
    for (const c of [0.1, 0.123, 0.5, 0.50037, 0.777]) {
      const peak = (x: number) => Math.exp(-(((x - c) / width) ** 2) / 2);
      const exact = width * Math.sqrt(2 * Math.PI);
      const error = Math.abs(integrate(peak, 0, 1) / exact - 1);
      assert.ok(error <= 1e-11, `width ${width} at ${c}: off by ${error}`);
    }
  }
});

Deno.test("integrate - noise on every scale ends", () => {
  const noise = random(7);
  let calls = 0;
  const mean = integrate(() => (calls++, noise()), 0, 1);
  assert.ok(calls < 3e6, `${calls} calls`);
  assert.ok(Math.abs(mean - 0.5) < 0.05, `${mean}`);
});

Deno.test("integrate - never asks for an end", () => {
  integrate(
    (x) => {
      assert.ok(x > 0 && x < 1);
      return x;
    },
    0,
    1,
  );
});
