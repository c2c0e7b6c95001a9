/** The schedules give the numbers that others publish. */
import assert from "node:assert/strict";
import {
  constantRate,
  cosineDecay,
  cosineRestarts,
  exponentialDecay,
  inverseSquareRoot,
  joinSchedules,
  linearWarmup,
  multiStep,
  oneCycle,
  polynomialDecay,
  type Schedule,
  stepDecay,
} from "@signalfit/tfjs";

/** Both are computed in float64 by a few operations, PyTorch's by as many as there are steps. */
const TOLERANCE = 50 * 2 ** -53;

function assertRates(schedule: Schedule, expected: readonly number[], within = TOLERANCE): void {
  assert.ok(expected.length > 0);
  const scale = Math.max(...expected);
  expected.forEach((value, step) => {
    const rate = schedule(step);
    assert.ok(Math.abs(rate - value) <= within * scale, `step ${step}: ${rate}, not ${value}`);
  });
}

const torch = JSON.parse(
  await Deno.readTextFile(new URL("../golden/schedules/torch.json", import.meta.url)),
) as Record<string, number[]>;

const AS_TORCH: Record<string, Schedule> = {
  "StepLR": stepDecay({ initialRate: 0.5, stepSize: 3, gamma: 0.2 }),
  "MultiStepLR": multiStep({ initialRate: 0.5, milestones: [2, 7, 8], gamma: 0.3 }),
  "ConstantLR": constantRate(0.5),
  "ExponentialLR": exponentialDecay({ initialRate: 0.5, decaySteps: 1, decayRate: 0.8 }),
  "PolynomialLR": polynomialDecay({ initialRate: 0.5, decaySteps: 10, endRate: 0, power: 1.7 }),
  "CosineAnnealingLR": cosineDecay({ initialRate: 0.5, decaySteps: 20, alpha: 0.1 }),
  "CosineAnnealingWarmRestarts": cosineRestarts({
    initialRate: 0.5,
    firstDecaySteps: 5,
    tMul: 2,
    alpha: 0.1,
  }),
  "CosineAnnealingWarmRestarts T_mult=1": cosineRestarts({
    initialRate: 0.5,
    firstDecaySteps: 7,
    tMul: 1,
  }),
  "SequentialLR": linearWarmup(cosineDecay({ initialRate: 0.5, decaySteps: 20 }), 5, 0.05),
  "OneCycleLR": oneCycle({ maxRate: 0.4, totalSteps: 30 }),
  "OneCycleLR linear": oneCycle({
    maxRate: 0.4,
    totalSteps: 25,
    pctStart: 0.25,
    divFactor: 10,
    finalDivFactor: 50,
    anneal: "linear",
  }),
  "OneCycleLR three phases": oneCycle({ maxRate: 0.4, totalSteps: 27, threePhase: true }),
  "OneCycleLR no rise": oneCycle({ maxRate: 0.4, totalSteps: 10, pctStart: 0 }),
  "OneCycleLR no fall": oneCycle({ maxRate: 0.4, totalSteps: 10, pctStart: 1 }),
};

for (const [name, schedule] of Object.entries(AS_TORCH)) {
  Deno.test(`as PyTorch 1.13: ${name}`, () => assertRates(schedule, torch[name]!));
}

Deno.test("every table of PyTorch is compared", () => {
  assert.deepEqual(Object.keys(AS_TORCH), Object.keys(torch).filter((name) => name !== "source"));
});

/** Keras 3, keras/src/optimizers/schedules/learning_rate_schedule_test.py: step and expected rate. */
const AS_KERAS: Record<string, [Schedule, [step: number, rate: number][]]> = {
  "ExponentialDecayTest.test_continuous": [
    exponentialDecay({ initialRate: 0.05, decaySteps: 10, decayRate: 0.96 }),
    [[5, 0.05 * 0.96 ** 0.5]],
  ],
  "ExponentialDecayTest.test_staircase": [
    exponentialDecay({ initialRate: 0.1, decaySteps: 3, decayRate: 0.96, staircase: true }),
    [[1, 0.1], [2, 0.1], [100, 0.1 * 0.96 ** 33]],
  ],
  "LinearDecayTest": [
    polynomialDecay({ initialRate: 0.05, decaySteps: 10, endRate: 0.001 }),
    [[0, 0.05], [5, 0.0255], [10, 0.001], [15, 0.001]],
  ],
  "LinearDecayTest.test_beyond_end_with_cycle": [
    polynomialDecay({ initialRate: 0.05, decaySteps: 10, endRate: 0.001, cycle: true }),
    [[0, 0.05], [10, 0.001], [15, (0.05 - 0.001) * 0.25 + 0.001], [20, 0.001]],
  ],
  "SqrtDecayTest": [
    polynomialDecay({ initialRate: 0.05, decaySteps: 10, endRate: 0.001, power: 0.5 }),
    [[5, (0.05 - 0.001) * Math.SQRT1_2 + 0.001], [10, 0.001], [15, 0.001]],
  ],
  "SqrtDecayTest.test_beyond_end_with_cycle": [
    polynomialDecay({
      initialRate: 0.05,
      decaySteps: 10,
      endRate: 0.001,
      power: 0.5,
      cycle: true,
    }),
    [[15, (0.05 - 0.001) * 0.25 ** 0.5 + 0.001]],
  ],
  "SqrtDecayTest.test_begin_with_cycle, Keras's default end": [
    polynomialDecay({ initialRate: 0.001, decaySteps: 10, cycle: true }),
    [[0, 0.001], [10, 0.0001]],
  ],
  "CosineDecayTest.test_decay": [
    cosineDecay({ initialRate: 1, decaySteps: 1000 }),
    [[0, 1], [250, (2 + Math.SQRT2) / 4], [500, 0.5], [750, (2 - Math.SQRT2) / 4], [1250, 0]],
  ],
  "CosineDecayTest.test_alpha": [
    cosineDecay({ initialRate: 1, decaySteps: 1000, alpha: 0.1 }),
    [[0, 1], [500, 0.55], [1000, 0.1], [1250, 0.1]],
  ],
  "CosineDecayTest.test_warmup_decay": [
    cosineDecay({ initialRate: 0, decaySteps: 1000, warmupTarget: 10, warmupSteps: 2000 }),
    [[0, 0], [250, 1.25], [1750, 8.75], [2000, 10], [2500, 5], [3000, 0], [4000, 0]],
  ],
  "CosineDecayRestartsTest.test_decay": [
    cosineRestarts({ initialRate: 1, firstDecaySteps: 1000 }),
    [[0, 1], [500, 0.5], [1000, 1], [2000, 0.5], [3000, 1]],
  ],
  "CosineDecayRestartsTest.test_alpha": [
    cosineRestarts({ initialRate: 1, firstDecaySteps: 1000, alpha: 0.1 }),
    [[0, 1], [500, 0.55], [1000, 1], [2000, 0.55]],
  ],
  "CosineDecayRestartsTest.test_mmul": [
    cosineRestarts({ initialRate: 1, firstDecaySteps: 1000, mMul: 0.9 }),
    [[0, 1], [500, 0.5], [1000, 0.9], [2000, 0.45], [3000, 0.81]],
  ],
  "CosineDecayRestartsTest.test_tmul": [
    cosineRestarts({ initialRate: 1, firstDecaySteps: 1000, tMul: 1 }),
    [[0, 1], [500, 0.5], [1000, 1], [1500, 0.5]],
  ],
};

for (const [name, [schedule, points]] of Object.entries(AS_KERAS)) {
  Deno.test(`as Keras 3: ${name}`, () => {
    for (const [step, rate] of points) {
      assert.ok(Math.abs(schedule(step) - rate) <= TOLERANCE * schedule(0) + 1e-15, `step ${step}`);
    }
  });
}

Deno.test("as optax: JoinTest.test_join_schedules", () => {
  const schedule = joinSchedules([constantRate(1), constantRate(2), constantRate(1)], [3, 6]);
  assertRates(schedule, [1, 1, 1, 2, 2, 2, 1], 0);
});

Deno.test("as optax: warmup_cosine_decay_schedule, WarmupCosineDecayTest.test_limits", () => {
  // warmup_cosine_decay_schedule(init_value, peak_value, 100, decay_steps=1000, end_value)
  for (const [init, peak, end] of [[10, 0.5, 1e-4], [5, 3, 0]] as const) {
    const decay = cosineDecay({ initialRate: peak, decaySteps: 900, alpha: end / peak });
    const schedule = linearWarmup(decay, 100, init);
    for (const [step, rate] of [[0, init], [100, peak], [1000, end]] as const) {
      assert.ok(Math.abs(schedule(step) - rate) <= TOLERANCE * init, `step ${step}`);
    }
  }
});

Deno.test("as fairseq: inverse_sqrt", () => {
  // --lr 7e-4 --warmup-updates 4000 --warmup-init-lr 1e-7 (arXiv 1806.00187): warmup_init_lr +
  // step * lr_step, then lr * warmup^0.5 * step^-0.5.
  const schedule = inverseSquareRoot({ peakRate: 7e-4, warmupSteps: 4000, initialRate: 1e-7 });
  const lrStep = (7e-4 - 1e-7) / 4000, decayFactor = 7e-4 * 4000 ** 0.5;
  for (const step of [0, 1, 1999, 3999]) {
    assert.ok(Math.abs(schedule(step) - (1e-7 + step * lrStep)) < TOLERANCE * 7e-4);
  }
  for (const step of [4000, 4001, 16_000, 1_000_000]) {
    assert.ok(Math.abs(schedule(step) - decayFactor * step ** -0.5) < TOLERANCE * 7e-4);
  }
  assert.ok(Math.abs(schedule(16_000) - 3.5e-4) < 1e-18, "half at four times the warm-up");
});

Deno.test("as the Transformer and T5", () => {
  // arXiv 1706.03762, equation 3, where steps count from 1: d^-0.5 min(n^-0.5, n warmup^-1.5)
  const transformer = inverseSquareRoot({ peakRate: (512 * 4000) ** -0.5, warmupSteps: 4000 });
  for (const n of [1, 100, 4000, 100_000]) {
    const expected = 512 ** -0.5 * Math.min(n ** -0.5, n * 4000 ** -1.5);
    assert.ok(Math.abs(transformer(n) - expected) < TOLERANCE * 1e-3);
  }
  // arXiv 1910.10683, section 3.1.2: 1 / sqrt(max(n, k))
  const t5 = inverseSquareRoot({ peakRate: 0.01, initialRate: 0.01, warmupSteps: 10_000 });
  for (const n of [0, 5000, 10_000, 250_000]) {
    assert.ok(Math.abs(t5(n) - 1 / Math.sqrt(Math.max(n, 10_000))) < TOLERANCE * 0.01);
  }
  const later = inverseSquareRoot({ peakRate: 0.4, timescale: 100 });
  assert.deepEqual([0, 300, 1500].map(later), [0.4, 0.2, 0.1]);
});
