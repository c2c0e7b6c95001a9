import assert from "node:assert/strict";
import type { BinMeans } from "../../src/diffusion/weights/bin_statistics.ts";
import { measuredWeight, rampMix } from "../../src/diffusion/weights/measured_weight.ts";
import { assertClose } from "./golden.ts";

const nodes = Array.from({ length: 8 }, (_, i) => ({ t: (i + 0.5) / 8, probability: 1 / 8 }));
const binOf = (t: number) => Math.floor(t * 4);
const closed = (t: number) => 2 * t; // mean 1

function bins(...values: (number | "thin")[]): BinMeans[] {
  return values.map((value) => ({
    count: 9,
    thin: value === "thin",
    loss: 1,
    variance: 1,
    recoverability: value === "thin" ? NaN : value,
  }));
}

const meanOf = (weight: (t: number) => number) =>
  nodes.reduce((sum, { t, probability }) => sum + probability * weight(t), 0);

Deno.test("measuredWeight - sqrt(max(R, rMin)) over its mean", () => {
  const means = bins(0, 0.25, 0.49, 0.64);
  const weight = measuredWeight(closed, nodes, { binOf, rMin: 0.04, mix: 1, means });
  const mean = (0.2 + 0.5 + 0.7 + 0.8) / 4;
  [0.2, 0.5, 0.7, 0.8].forEach((value, b) => {
    assertClose(weight((b + 0.3) / 4), value / mean, 1e-15, `bin ${b}`);
  });
});

Deno.test("measuredWeight - thin bins keep the closed form, on the others' scale", () => {
  const means = bins("thin", 0.25, 0.25, "thin");
  const weight = measuredWeight(closed, nodes, { binOf, rMin: 0, mix: 1, means });
  assertClose(meanOf(weight), 1, 1e-15, "mean");
  assertClose(weight(0.9) / weight(0.1), 9, 1e-14, "within the thin bins, closed");
  // Over the other bins the closed form has mean 1 here, and so has what was measured.
  assertClose(weight(0.9) / weight(0.5), 1.8, 1e-14, "between them");
});

Deno.test("measuredWeight - a mixture on the way, the closed form without measurements", () => {
  const options = { binOf, rMin: 0.01, means: bins(1, 1, 1, 1) };
  for (const mix of [0, 0.25, 1]) {
    const weight = measuredWeight(closed, nodes, { ...options, mix });
    assertClose(weight(0.1), (1 - mix) * 0.2 + mix, 1e-15, `mix ${mix}`);
    assertClose(meanOf(weight), 1, 1e-15, "mean");
  }
  const none = { ...options, mix: 1, means: bins("thin", "thin", "thin", "thin") };
  assert.equal(measuredWeight(closed, nodes, none), closed);
  const nothing = { ...options, mix: 1, rMin: 0, means: bins(0, 0, 0, 0) };
  assert.equal(measuredWeight(closed, nodes, nothing), closed);
});

Deno.test("rampMix - 0 in the warm-up, then linearly to 1", () => {
  assert.deepEqual([0, 10, 15, 20, 99].map((step) => rampMix(step, 10, 10)), [0, 0, 0.5, 1, 1]);
  assert.deepEqual([10, 11].map((step) => rampMix(step, 10, 0)), [0, 1]);
});
