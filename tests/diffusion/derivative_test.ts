import assert from "node:assert/strict";
import { numericDerivative } from "../../src/diffusion/numeric/derivative.ts";
import { sigmoid } from "../../src/diffusion/noise/logsnr.ts";

const TIMES = [0, 1e-9, 1e-4, 0.0019, 0.002, 0.01, 0.1, 0.3, 0.5, 0.77, 0.99, 0.999, 1 - 1e-6, 1];

Deno.test("numericDerivative - smooth functions to 1e-10, both ends included", () => {
  const rows: [string, (t: number) => number, (t: number) => number][] = [
    ["cos", (t) => Math.cos(Math.PI * t / 2), (t) => -Math.PI / 2 * Math.sin(Math.PI * t / 2)],
    ["cube", (t) => t ** 3, (t) => 3 * t * t],
    ["exp", (t) => Math.exp(2 * t), (t) => 2 * Math.exp(2 * t)],
    [
      "sigmoid",
      (t) => sigmoid(5 - 10 * t),
      (t) => -10 * sigmoid(5 - 10 * t) * sigmoid(10 * t - 5),
    ],
  ];
  for (const [name, f, exact] of rows) {
    for (const t of TIMES) {
      const [slope] = numericDerivative((s) => [f(s)], t);
      assert.ok(Math.abs(slope! - exact(t)) <= 1e-10, `${name} at ${t}: ${slope} not ${exact(t)}`);
    }
  }
});

Deno.test("numericDerivative - keeps away from a root's infinite slope", () => {
  for (const t of [0.002, 0.004, 0.01, 0.1, 0.5, 1]) {
    const [slope] = numericDerivative((s) => [Math.sqrt(s)], t);
    const exact = 0.5 / Math.sqrt(t);
    // The Chebyshev series converges like (2 + sqrt 3)^-12 = 1.4e-7 there.
    assert.ok(Math.abs(slope! - exact) <= 1.4e-7 * exact, `at ${t}: ${slope} not ${exact}`);
  }
});

Deno.test("numericDerivative - never asks for a time outside [0, 1]", () => {
  for (const t of TIMES) {
    numericDerivative((s) => {
      assert.ok(s >= 0 && s <= 1, `asked for ${s} at ${t}`);
      return [s];
    }, t);
  }
});

Deno.test("numericDerivative - several functions at once", () => {
  const [a, b, c] = numericDerivative((t) => [1, t, t * t], 0.25);
  assert.equal(a, 0);
  assert.ok(Math.abs(b! - 1) < 1e-12 && Math.abs(c! - 0.5) < 1e-12);
});
