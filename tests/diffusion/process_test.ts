import assert from "node:assert/strict";
import { diffusionProcess } from "../../src/diffusion/noise/process.ts";
import { noisePath } from "../../src/diffusion/noise/path.ts";
import { ddpmSchedule } from "../../src/diffusion/noise/schedule.ts";
import { timePlan } from "../../src/diffusion/times/time_plan.ts";
import type { TimeDistribution } from "../../src/diffusion/times/time_distribution.ts";
import { assertClose, assertFails } from "./golden.ts";

Deno.test("diffusionProcess - paths by name, of one's own, and schedules by their options", () => {
  assert.deepEqual(diffusionProcess("test", "cosine").at(0.3), noisePath("cosine")(0.3));
  const own = diffusionProcess("test", (t) => ({ alpha: 1 - t, sigma: t }));
  assertClose(own.at(0.25).alpha, 0.75, 0, "alpha");
  assert.equal(own.timesteps, undefined);
  const options = { kind: "linear", timesteps: 100 } as const;
  const process = diffusionProcess("test", options), { alpha, sigma } = ddpmSchedule(options);
  assert.equal(process.timesteps, 100);
  for (const i of [0, 42, 99]) {
    const level = { alpha: alpha[i]!, sigma: sigma[i]! };
    assert.deepEqual(process.at((i + 1) / 100), level);
    assert.deepEqual(process.at(Math.fround((i + 1) / 100)), level, "rounded to float32");
  }
  assert.deepEqual(process.at(0), { alpha: 1, sigma: 0 });
});

Deno.test("diffusionProcess - errors", () => {
  const { at } = diffusionProcess("test", { kind: "cosine", timesteps: 4 });
  for (const t of [0.3, -0.25, 1.25, NaN]) {
    assertFails(() => at(t), `Cannot find a timestep: t must be one of 0, 1/4, 2/4, … 1, got ${t}`);
  }
  assertFails(
    () => diffusionProcess("test", undefined as never),
    'Cannot test: path must be given, such as "cosine", got undefined',
  );
});

Deno.test("timePlan - nodes carry the whole probability, and sums over them are means", () => {
  const distributions: [TimeDistribution, number][] = [
    ["uniform", 1 / 3],
    [(t) => 2 * t, 1 / 2],
    [[0, 0.5, 1, 1], 0.5625],
  ];
  const process = diffusionProcess("test", "cosine");
  for (const [distribution, square] of distributions) {
    const plan = timePlan("test", process, distribution, 256);
    const sum = (f: (t: number) => number) =>
      plan.nodes.reduce((total, { t, probability }) => total + probability * f(t), 0);
    assertClose(sum(() => 1), 1, 1e-12, "probabilities");
    assertClose(sum((t) => t * t), square, 1e-4, "mean square by nodes");
    assertClose(plan.mean((t) => t * t), square, 1e-12, "mean square");
  }
});

Deno.test("timePlan - a schedule's times are its timesteps, rounded up", () => {
  const process = diffusionProcess("test", { kind: "cosine", timesteps: 4 });
  const plan = timePlan("test", process, "uniform", 99);
  assert.deepEqual(plan.nodes.map(({ t }) => t), [0.25, 0.5, 0.75, 1]);
  assert.deepEqual(plan.distribution, [0.25, 0.5, 0.75, 1]);
  assert.equal(plan.mean((t) => t), 0.625);
  assert.deepEqual([1e-9, 0.25, 0.2501, 0.99].map(plan.quantile), [0.25, 0.25, 0.5, 1]);
  const rising = timePlan("test", process, (t) => 2 * t, 99);
  rising.nodes.forEach(({ t, probability }) =>
    assertClose(probability, t ** 2 - (t - 0.25) ** 2, 1e-12, `at ${t}`)
  );
});
