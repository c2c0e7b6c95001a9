import assert from "node:assert/strict";
import { samplingDisagreement } from "../../src/diffusion/times/sampling_disagreement.ts";
import type { TimeDistribution } from "../../src/diffusion/times/time_distribution.ts";
import { checkDistribution } from "../../src/diffusion/times/time_distribution.ts";
import { assertClose, assertFails, random, randomNormal } from "./golden.ts";

const logitNormal = (mean: number, std: number): TimeDistribution => ({
  kind: "logit-normal",
  mean,
  std,
});

function draw(count: number, sample: () => number): number[] {
  return Array.from({ length: count }, sample);
}

/** Samplers, each with its own distribution. */
const SAMPLERS: [string, TimeDistribution, (seed: number) => () => number][] = [
  ["uniform", "uniform", random],
  ["logit-normal", logitNormal(0.3, 1.4), (seed) => {
    const normal = randomNormal(seed);
    return () => 1 / (1 + Math.exp(-0.3 - 1.4 * normal()));
  }],
  ["density 2 t", (t) => 10 * t, (seed) => {
    const uniform = random(seed);
    return () => Math.sqrt(uniform());
  }],
  ["four times", [0.125, 0.375, 0.625, 0.875], (seed) => {
    const uniform = random(seed);
    return () => Math.fround((Math.floor(4 * uniform()) + 0.5) / 4);
  }],
  ["a thousand steps", Float64Array.from({ length: 1000 }, (_, i) => i), (seed) => {
    const uniform = random(seed);
    return () => Math.floor(1000 * uniform());
  }],
];

Deno.test("samplingDisagreement - quiet where the distribution is the sampler's own", () => {
  for (const [name, distribution, sampler] of SAMPLERS) {
    for (const count of [1, 7, 64, 1000]) {
      for (let seed = 0; seed < 25; seed++) {
        const times = draw(count, sampler(seed));
        const found = samplingDisagreement(distribution, times);
        assert.ok(!found.disagrees, `${name}, ${count}, seed ${seed}: p ${found.pValue}`);
        assert.equal(found.count, count);
      }
    }
  }
});

Deno.test("samplingDisagreement - heard where it is another's", () => {
  for (const [name, , sampler] of SAMPLERS) {
    for (const [other, distribution] of SAMPLERS) {
      if (name === other) continue;
      const found = samplingDisagreement(distribution, draw(4000, sampler(5)));
      assert.ok(found.disagrees && found.pValue < 1e-6, `${name} as ${other}: p ${found.pValue}`);
    }
  }
  const times = draw(4000, SAMPLERS[1]![2](5));
  // D is about the shift in standard deviations times 0.4: 0.057 and 0.007, where 0.043 is needed.
  assert.ok(samplingDisagreement(logitNormal(0.5, 1.4), times).disagrees);
  assert.ok(!samplingDisagreement(logitNormal(0.325, 1.4), times).disagrees);
});

Deno.test("samplingDisagreement - the share of false alarms stays below the threshold", () => {
  for (const [name, distribution, sampler] of SAMPLERS) {
    let alarms = 0;
    for (let seed = 100; seed < 600; seed++) {
      const times = draw(40, sampler(seed));
      if (samplingDisagreement(distribution, times, { threshold: 0.05 }).disagrees) alarms++;
    }
    // 25 expected at most; five standard deviations more is 49.
    assert.ok(alarms <= 49, `${name}: ${alarms} of 500`);
  }
});

Deno.test("samplingDisagreement - statistic and bound by hand", () => {
  const found = samplingDisagreement("uniform", [0.9, 0.1, 0.2, 0.3]);
  // After the third of four times, at 0.3, the step is at 3/4.
  assertClose(found.statistic, 0.45, 1e-15, "D");
  assertClose(found.pValue, Math.min(1, 2 * Math.exp(-8 * 0.45 ** 2)), 1e-14, "p");
  const alike = samplingDisagreement("uniform", new Float32Array(8).fill(1));
  assert.deepEqual(alike, { disagrees: true, statistic: 1, pValue: 2 * Math.exp(-16), count: 8 });
  assert.equal(samplingDisagreement("uniform", new Float32Array(7).fill(1)).disagrees, false);
  const list = samplingDisagreement([0, 1, 1, 2], [0, 0, 1, 2]);
  assertClose(list.statistic, 0.25, 1e-15, "D of a list");
});

Deno.test("samplingDisagreement - one impossible time is enough, rounding is not", () => {
  const impossible = { disagrees: true, statistic: 1, pValue: 0, count: 1 };
  assert.deepEqual(samplingDisagreement("uniform", [17]), impossible);
  assert.deepEqual(samplingDisagreement("uniform", [-0.1]), impossible);
  assert.deepEqual(samplingDisagreement(logitNormal(0, 1), [1.1]), impossible);
  assert.deepEqual(samplingDisagreement([0.1, 0.3], [0.2]), impossible);
  assert.deepEqual(samplingDisagreement([0.1, 0.3], [0.4]), impossible);
  assert.deepEqual(samplingDisagreement([100, 300], [99]), impossible);
  for (const t of [Math.fround(0.1), 0.1 - 1e-7, Math.fround(0.3), 0.3 + 1e-7]) {
    assert.equal(samplingDisagreement([0.1, 0.3], [t]).statistic, 0.5, `${t}`);
  }
  assert.equal(samplingDisagreement("uniform", [1 + 2 ** -23]).statistic, 1);
  assert.equal(samplingDisagreement("uniform", [1 + 2 ** -23]).disagrees, false);
});

Deno.test("samplingDisagreement - evenly spread times do not alarm", () => {
  const even = Array.from({ length: 5000 }, (_, i) => (i + 0.5) / 5000);
  const found = samplingDisagreement("uniform", even);
  assertClose(found.statistic, 1e-4, 1e-9, "D");
  assert.equal(found.pValue, 1);
});

/** Phi(log 9), to twenty digits. */
const PHI = 0.98599779442605495274;

Deno.test("checkDistribution - distribution functions", () => {
  const times = [-1, 0, 0.1, 0.5, 0.5, 0.9, 1, 2];
  const cdf = (distribution: TimeDistribution) =>
    checkDistribution("test", distribution).cdf(times);
  assert.deepEqual(cdf("uniform"), [0, 0, 0.1, 0.5, 0.5, 0.9, 1, 1]);
  assert.deepEqual(cdf([0.1, 0.5, 0.5, 2]), [0, 0, 0.25, 0.75, 0.75, 0.75, 0.75, 1]);
  for (const [i, value] of cdf((t) => 5 * t).entries()) {
    assertClose(value, Math.min(1, Math.max(0, times[i]!)) ** 2, 1e-12, `density at ${times[i]}`);
  }
  // Phi(logit(0.1)) and Phi(logit(0.9)); Phi(2.1972245773362196) = 0.98599772...
  const [, zero, low, half, , high, one] = cdf({ kind: "logit-normal" });
  assertClose(half, 0.5, 1e-13, "half");
  assertClose(high, PHI, 1e-13, "high");
  assertClose(low, 1 - PHI, 1e-12, "low");
  assert.equal(zero, 0);
  assertClose(one, 1, 1e-13, "one");
});

Deno.test("samplingDisagreement - errors", () => {
  const at = "Cannot compare sampled times: ";
  const empty = "sampledTimes must be a list of at least one number";
  assertFails(() => samplingDisagreement("uniform", []), `${at}${empty}, got []`);
  assertFails(
    () => samplingDisagreement("uniform", 1 as unknown as number[]),
    `${at}${empty}, got 1`,
  );
  for (const bad of [NaN, Infinity, -Infinity]) {
    assertFails(
      () => samplingDisagreement("uniform", [0.5, bad]),
      `${at}sampledTimes must hold finite numbers, got ${bad}`,
    );
  }
  for (const threshold of [0, 1, NaN]) {
    assertFails(
      () => samplingDisagreement("uniform", [0.5], { threshold }),
      `${at}threshold must be in (0, 1), got ${threshold}`,
    );
  }
  assertFails(
    () => samplingDisagreement({ kind: "logit-normal", std: -1 }, [0.5]),
    `${at}std must be a finite number > 0, got -1`,
  );
});
