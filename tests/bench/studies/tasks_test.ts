import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type { Denoiser } from "../../../bench/studies/denoiser.ts";
import { shrink } from "../../../bench/studies/digits.ts";
import { leftOut, runsOf, settingsOf, TARGETS, WEIGHTINGS } from "../../../bench/studies/plan.ts";
import { RING, ring, ringFloor } from "../../../bench/studies/ring.ts";
import { trainRun } from "../../../bench/studies/train_run.ts";
import { exactDenoiser, levelsOf } from "../../diffusion/exact_denoiser.ts";
import { mixtureVariance } from "../../diffusion/mixture_floor.ts";
import { backendTest } from "../../support/test.ts";

Deno.test("study: a seed's training data are one sequence, wherever it is cut", () => {
  const all = ring.data(3, 0, 5000);
  assert.deepEqual(ring.data(3, 4000, 1000), all.subarray(8000));
  assert.notDeepEqual(ring.data(4, 0, 10), all.subarray(0, 20));
  assert.ok(Math.abs(mixtureVariance(RING) - 1) < 1e-12);
});

Deno.test("study: small images are means of 4 x 4 pixels, with a margin", () => {
  const pixels = new Uint8Array(28 * 28).fill(255);
  const small = shrink({ count: 1, size: [28, 28], pixels, labels: new Uint8Array(1) });
  // A corner has 4 of 16 pixels in the image, an edge 8, the inside all.
  [[0, -0.5], [1, 0], [8, 0], [9, 1], [63, -0.5]].forEach(([cell, value]) =>
    assert.ok(Math.abs(small[cell!]! - value!) < 1e-5)
  );
});

backendTest(
  "study: the best denoiser has no excess, and the floor is below 1: wasm",
  "wasm",
  () => {
    const denoiser = exactDenoiser(RING, levelsOf("cosine", "v"));
    const predict = (inputs: tf.Tensor[]) => denoiser.predict(inputs);
    const run = { data: "ring", target: "v", weighting: "uniform", seed: 0 } as const;
    const best = { model: { predict } } as unknown as Denoiser;
    assert.ok(ring.excess(run, best)! < 1e-4);
    const nothing = { model: { predict: ([x]: [tf.Tensor]) => tf.zerosLike(x) } };
    const loss = ring.excess(run, nothing as unknown as Denoiser)! + ringFloor("v");
    assert.ok(Math.abs(loss - 1) < 0.05, `the variance of v is 1, not ${loss}`);
  },
);

backendTest("study: pairing is exact, and nothing is left behind: wasm", "wasm", async () => {
  const settings = settingsOf("ring", 8, true);
  const flow = { data: "ring", target: "flow", seed: 0 } as const;
  const before = tf.memory().numTensors;
  // The weights of these two are 1 at all t, so that every number must be the same.
  const uniform = await trainRun({ ...flow, weighting: "uniform" }, settings, ring);
  const erd = await trainRun({ ...flow, weighting: "erd" }, settings, ring);
  assert.deepEqual(
    { ...erd, weighting: "", seconds: 0 },
    { ...uniform, weighting: "", seconds: 0 },
  );
  const other = await trainRun({ ...flow, weighting: "p2" }, settings, ring);
  assert.notDeepEqual(other.distances, uniform.distances);
  const seed = await trainRun({ ...flow, seed: 1, weighting: "uniform" }, settings, ring);
  assert.notDeepEqual(seed.distances, uniform.distances);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("study: runs go seed by seed, without what is left out", () => {
  const runs = runsOf({ data: "ring", targets: TARGETS, weightings: WEIGHTINGS, seeds: 2 });
  assert.equal(runs.length, 2 * 19);
  assert.ok(runs.slice(0, 19).every(({ seed }) => seed === 0));
  assert.match(leftOut({ target: "flow", weighting: "erd" })!, /1 at all t/);
});
