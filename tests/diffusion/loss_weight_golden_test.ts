import assert from "node:assert/strict";
import type { NoiseLevel } from "../../src/diffusion/noise/level.ts";
import { noisePath } from "../../src/diffusion/noise/path.ts";
import { ddpmSchedule } from "../../src/diffusion/noise/schedule.ts";
import type { Target } from "../../src/diffusion/noise/target.ts";
import { lossWeight, weightSource } from "../../src/diffusion/weights/loss_weight.ts";
import {
  assertClose,
  golden,
  PATH_OF,
  TARGET_OF,
  type WeightCase,
  WEIGHTING_OF,
} from "./golden.ts";

interface WeightEntry {
  path: string;
  steps?: number;
  t: number[];
  snr: number[];
  p2_k: number;
  p2_gamma: number;
  cases: WeightCase[];
}

/** Compares every case; returns the names of those that the authors refuse. */
function compareCases(
  entry: WeightEntry,
  levels: readonly NoiseLevel[],
  relative: number,
): string[] {
  const refused: string[] = [];
  assert.deepEqual([entry.p2_k, entry.p2_gamma], [1, 1]);
  for (const { target, weight_type, weights, error } of entry.cases) {
    const weighting = WEIGHTING_OF[weight_type]!, what = `${weight_type} of ${target}`;
    assert.ok(weighting !== undefined, what);
    if (target === "PREVIOUS_X") {
      assert.throws(() => lossWeight(weighting, target as Target, levels[0]!), {
        name: "RangeError",
      });
      continue;
    }
    const ours = TARGET_OF[target]!;
    assert.equal(weightSource(weighting, ours), error === undefined ? "authors" : "derived", what);
    if (weights === undefined) {
      refused.push(what);
      continue;
    }
    assert.equal(weights.length, levels.length, what);
    for (const [i, level] of levels.entries()) {
      assertClose(
        lossWeight(weighting, ours, level),
        weights[i],
        relative,
        `${what} at ${entry.t[i]}`,
      );
    }
  }
  return refused;
}

for (const entry of golden<WeightEntry>("ddpm_weights")) {
  Deno.test(`lossWeight - golden DDPM ${entry.path}`, () => {
    const { alpha, sigma } = ddpmSchedule({ kind: PATH_OF[entry.path]!, timesteps: entry.steps! });
    const levels = entry.t.map((t) => ({ alpha: alpha[t]!, sigma: sigma[t]! }));
    assert.equal(compareCases(entry, levels, 1e-9).length, 11);
  });
}

for (const entry of golden<WeightEntry>("flow_weights")) {
  Deno.test(`lossWeight - golden flow ${entry.path}`, () => {
    const levels = entry.t.map(noisePath(PATH_OF[entry.path]!));
    assert.equal(compareCases(entry, levels, 1e-9).length, 11);
  });
}

for (
  const entry of golden<WeightEntry & { alpha: number[]; sigma: number[] }>(
    "flow_weights_edges_float32",
  )
) {
  Deno.test(`lossWeight - golden float32 ends of ${entry.path}`, () => {
    const path = noisePath(PATH_OF[entry.path]!);
    let compared = 0;
    for (const { target, weight_type, weights } of entry.cases) {
      if (target === "PREVIOUS_X") continue;
      const weighting = WEIGHTING_OF[weight_type]!, ours = TARGET_OF[target]!;
      for (const [i, t] of entry.t.entries()) {
        const what = `${weight_type} of ${target} at ${t}`;
        // The float32 amplitudes themselves, one of them -4.4e-8, are as good as exact ones.
        const rounded = { ...path(t), alpha: entry.alpha[i]!, sigma: entry.sigma[i]! };
        for (const snrZero of ["limit", "authors"] as const) {
          for (const level of [path(t), rounded]) {
            const weight = lossWeight(weighting, ours, level, { snrZero });
            assert.ok(Number.isFinite(weight) && weight >= 0, `${what}: ${weight}`);
          }
        }
        // Where float32 makes alpha negative, the authors' weights are rounding errors.
        if (weights === undefined || entry.alpha[i]! < 0) continue;
        compared++;
        const weight = lossWeight(weighting, ours, path(t), { snrZero: "authors" });
        assertClose(weight, weights[i], 1e-5, what);
      }
    }
    assert.equal(compared, entry.path === "cosine" ? 14 : 28);
  });
}
