import assert from "node:assert/strict";
import fc from "fast-check";
import {
  DDPM_SCHEDULES,
  ddpmSchedule,
  type DdpmScheduleKind,
  type DdpmScheduleOptions,
} from "../../src/diffusion/noise/schedule.ts";
import { assertAllClose, assertClose, assertFails, golden, PATH_OF } from "./golden.ts";

interface ScheduleEntry {
  path: string;
  steps: number;
  beta_range: [number, number];
  snr_range: [number, number];
  t: number[];
  beta: number[];
  alpha_bar: number[];
  alpha: number[];
  sigma: number[];
  snr: number[];
  posterior_variance: number[];
  posterior_mean_coef1: number[];
  posterior_mean_coef2: number[];
  sum_betas: number;
}

function optionsOf(entry: ScheduleEntry): DdpmScheduleOptions {
  const kind: DdpmScheduleKind = PATH_OF[entry.path]!;
  const [betaStart, betaEnd] = entry.beta_range;
  return {
    kind,
    timesteps: entry.steps,
    ...(kind === "linear" ? { betaStart, betaEnd } : {}),
    ...(kind === "linear-logsnr" ? { logSnrRange: entry.snr_range } : {}),
  };
}

for (const entry of golden<ScheduleEntry>("ddpm_weights")) {
  Deno.test(`ddpmSchedule - golden ${entry.path}`, () => {
    const schedule = ddpmSchedule(optionsOf(entry));
    const at = (values: Float64Array) => entry.t.map((t) => values[t]!);
    assertAllClose(at(schedule.betas), entry.beta, 1e-9, "beta");
    assertAllClose(at(schedule.alphaBar), entry.alpha_bar, 1e-9, "alphaBar");
    assertAllClose(at(schedule.alpha), entry.alpha, 1e-9, "alpha");
    assertAllClose(at(schedule.sigma), entry.sigma, 1e-9, "sigma");
    assertClose(schedule.betas.reduce((sum, beta) => sum + beta, 0), entry.sum_betas, 1e-9, "sum");
    const snr = entry.t.map((t) => (schedule.alpha[t]! / schedule.sigma[t]!) ** 2);
    assertAllClose(snr, entry.snr, 1e-9, "snr");
  });

  Deno.test(`ddpmSchedule - golden posterior of ${entry.path}, from its arrays`, () => {
    const { betas, alphaBar, sigma } = ddpmSchedule(optionsOf(entry));
    for (const [i, t] of entry.t.entries()) {
      const before = t === 0 ? 1 : alphaBar[t - 1]!, noiseBefore = t === 0 ? 0 : sigma[t - 1]! ** 2;
      const noise = sigma[t]! ** 2, what = `at ${t}`;
      assertClose(betas[t]! * noiseBefore / noise, entry.posterior_variance[i], 1e-9, what);
      assertClose(betas[t]! * Math.sqrt(before) / noise, entry.posterior_mean_coef1[i], 1e-9, what);
      const second = noiseBefore * Math.sqrt(1 - betas[t]!) / noise;
      assertClose(second, entry.posterior_mean_coef2[i], 1e-9, what);
    }
  });
}

Deno.test("ddpmSchedule - defaults are those of the golden files", () => {
  for (const entry of golden<ScheduleEntry>("ddpm_weights")) {
    assert.deepEqual(ddpmSchedule({ kind: PATH_OF[entry.path]! }), ddpmSchedule(optionsOf(entry)));
  }
});

const anySchedule = fc.record({
  kind: fc.constantFrom(...DDPM_SCHEDULES),
  timesteps: fc.integer({ min: 21, max: 1500 }),
  zeroTerminalSnr: fc.boolean(),
});

Deno.test("ddpmSchedule - betas in (0, 1], alpha falls, variance is preserved", () => {
  fc.assert(fc.property(anySchedule, (options) => {
    const { betas, alphaBar, alpha, sigma } = ddpmSchedule(options);
    let product = 1;
    for (let i = 0; i < options.timesteps; i++) {
      assert.ok(betas[i]! > 0 && betas[i]! <= 1, `beta ${i}: ${betas[i]}`);
      assert.ok(alpha[i]! < (alpha[i - 1] ?? 1) && sigma[i]! > (sigma[i - 1] ?? 0), `step ${i}`);
      product *= 1 - betas[i]!;
      // Each step rounds beta, 1 - beta and the product, and sums the same for sigma.
      const bound = 4 * (i + 2) * 2 ** -53;
      assertClose(alphaBar[i], alpha[i]! ** 2, 4 * 2 ** -53, `alphaBar ${i}`);
      assertClose(alpha[i]! ** 2 + sigma[i]! ** 2, 1, bound, `variance ${i}`);
      assertClose(product, alphaBar[i], 0, `product ${i}`, bound);
    }
  }));
});

Deno.test("ddpmSchedule - zeroTerminalSnr keeps the first level and ends in pure noise", () => {
  for (const kind of DDPM_SCHEDULES) {
    const plain = ddpmSchedule({ kind }), zero = ddpmSchedule({ kind, zeroTerminalSnr: true });
    assert.equal(zero.alpha[0], plain.alpha[0]);
    assert.equal(zero.sigma[0], plain.sigma[0]);
    assert.deepEqual([zero.alpha[999], zero.alphaBar[999], zero.sigma[999], zero.betas[999]], [
      0,
      0,
      1,
      1,
    ]);
    // Algorithm 1 of arXiv 2305.08891, written out.
    const first = plain.alpha[0]!, last = plain.alpha[999]!;
    const expected = plain.alpha.map((value) => (value - last) * first / (first - last));
    assertAllClose(zero.alpha, expected, 4 * 2 ** -53, kind);
  }
});

Deno.test("ddpmSchedule - linear betas scale with the number of steps", () => {
  const { betas } = ddpmSchedule({ kind: "linear", timesteps: 250, betaStart: 1e-3, betaEnd: 0.1 });
  assertClose(betas[0], 4e-3, 1e-15, "first");
  assertClose(betas[249], 0.4, 1e-15, "last");
  assertClose(betas[100]! - betas[99]!, 4 * 0.099 / 249, 1e-12, "increment");
  const single = ddpmSchedule({ kind: "linear", timesteps: 1, betaStart: 1e-4, betaEnd: 5e-4 });
  assertClose(single.alphaBar[0], 0.9, 1e-15, "one step");
});

Deno.test("ddpmSchedule - errors name the option, the rule and the value", () => {
  const fails = (options: Partial<Record<keyof DdpmScheduleOptions, unknown>>, message: string) =>
    assertFails(
      () => ddpmSchedule(options as unknown as DdpmScheduleOptions),
      `Cannot create a DDPM schedule: ${message}`,
    );
  fails({ kind: "sigmoid" }, 'kind must be "linear", "cosine" or "linear-logsnr", got "sigmoid"');
  fails({}, 'kind must be "linear", "cosine" or "linear-logsnr", got undefined');
  for (const timesteps of [0, 1.5, -3, NaN, Infinity]) {
    fails(
      { kind: "cosine", timesteps },
      `timesteps must be a whole number from 1 to 100000, got ${timesteps}`,
    );
  }
  fails(
    { kind: "cosine", timesteps: "10" },
    'timesteps must be a whole number from 1 to 100000, got "10"',
  );
  fails(
    { kind: "cosine", timesteps: 1, zeroTerminalSnr: true },
    "timesteps must be a whole number from 2 to 100000 with zeroTerminalSnr, got 1",
  );
  fails({ kind: "linear", betaStart: 0 }, "betaStart must be in (0, 1), got 0");
  fails({ kind: "linear", betaStart: NaN }, "betaStart must be in (0, 1), got NaN");
  fails(
    { kind: "linear", betaStart: 0.1 },
    "betaEnd must be in [betaStart, 1) with betaStart 0.1, got 0.02",
  );
  fails(
    { kind: "linear", betaEnd: 1 },
    "betaEnd must be in [betaStart, 1) with betaStart 0.0001, got 1",
  );
  fails({ kind: "linear", timesteps: 10 }, "betaEnd x 1000 / timesteps must be below 1, got 2");
  fails(
    { kind: "cosine", betaStart: 0.1 },
    'betaStart belongs to kind "linear" alone, not to "cosine", got 0.1',
  );
  fails(
    { kind: "linear-logsnr", betaEnd: 0.1 },
    'betaEnd belongs to kind "linear" alone, not to "linear-logsnr", got 0.1',
  );
  fails(
    { kind: "linear", logSnrRange: [-1, 1] },
    'logSnrRange belongs to kind "linear-logsnr" alone, not to "linear", got [-1, 1]',
  );
  fails(
    { kind: "linear-logsnr", logSnrRange: [5, 5] },
    "logSnrRange must be [min, max] with -200 <= min < max <= 200, got [5, 5]",
  );
  fails(
    { kind: "linear-logsnr", logSnrRange: [0, 1e-300], zeroTerminalSnr: true },
    "with zeroTerminalSnr the last alpha must be below the first, got 1",
  );
});
