import assert from "node:assert/strict";
import {
  constantRate,
  cosineDecay,
  cosineRestarts,
  cosineWarmup,
  exponentialDecay,
  inverseSquareRoot,
  joinSchedules,
  linearWarmup,
  multiStep,
  oneCycle,
  polynomialDecay,
  type Schedule,
  type ScheduleKind,
  stepDecay,
} from "@signalfit/tfjs";
import { isSchedule } from "../../src/schedules/schedule.ts";
import { SCHEDULES } from "./fixtures.ts";

type Values = Record<string, unknown>;

/** How each kind is made of options, by name or in order. */
const MAKE: Record<ScheduleKind, [owner: string, make: (options: never) => Schedule]> = {
  "constant": ["constantRate", ({ rate }: { rate: number }) => constantRate(rate)],
  "step": ["stepDecay", stepDecay],
  "multi-step": ["multiStep", multiStep],
  "exponential": ["exponentialDecay", exponentialDecay],
  "polynomial": ["polynomialDecay", polynomialDecay],
  "cosine": ["cosineDecay", cosineDecay],
  "cosine-restarts": ["cosineRestarts", cosineRestarts],
  "linear-warmup": [
    "linearWarmup",
    ({ schedule, steps, from }: WarmupOptions) => linearWarmup(schedule, steps, from),
  ],
  "cosine-warmup": [
    "cosineWarmup",
    ({ schedule, steps, from }: WarmupOptions) => cosineWarmup(schedule, steps, from),
  ],
  "one-cycle": ["oneCycle", oneCycle],
  "inverse-square-root": ["inverseSquareRoot", inverseSquareRoot],
  "join": [
    "joinSchedules",
    ({ schedules, boundaries }: JoinOptions) => joinSchedules(schedules, boundaries),
  ],
};

interface WarmupOptions {
  schedule: Schedule;
  steps: number;
  from?: number;
}

interface JoinOptions {
  schedules: Schedule[];
  boundaries: number[];
}

const RATE = { rule: "must be a finite number >= 0", bad: [-0.1, NaN, Infinity, "0.1", null] };
const FACTOR = { rule: "must be a finite number > 0", bad: [0, -1, NaN, Infinity, "2"] };
const STEPS = { rule: "must be a whole number >= 1", bad: [0, -3, 1.5, NaN, Infinity, "3"] };
const SHARE = { rule: "must be in [0, 1]", bad: [-0.1, 1.1, NaN, "0"] };
const FLAG = { rule: "must be true or false", bad: [0, "yes"] };
const INCREASING = {
  rule: "must be a list of whole numbers >= 1, each greater than the one before",
  bad: [3, "3", [0, 2], [2, 2], [3, 1], [1.5], [1, NaN], [1, null]],
};
const SCHEDULE = "made by functions of this library, such as cosineDecay({ ... })";

/** The rule of each option, and values that break it. */
const BAD: Record<string, { rule: string; bad: unknown[] }> = {
  rate: RATE,
  initialRate: RATE,
  endRate: RATE,
  peakRate: RATE,
  from: RATE,
  warmupTarget: { rule: `${RATE.rule}, or null`, bad: [-1, NaN, Infinity, "0.1"] },
  maxRate: FACTOR,
  gamma: FACTOR,
  decayRate: FACTOR,
  power: FACTOR,
  mMul: FACTOR,
  divFactor: FACTOR,
  finalDivFactor: FACTOR,
  timescale: { rule: `${FACTOR.rule}, or null`, bad: [0, -1, NaN, Infinity, "2"] },
  tMul: { rule: "must be a finite number >= 1", bad: [0.5, NaN, Infinity, "2"] },
  stepSize: STEPS,
  decaySteps: STEPS,
  firstDecaySteps: STEPS,
  totalSteps: STEPS,
  steps: STEPS,
  warmupSteps: { rule: "must be a whole number >= 0", bad: [-1, 1.5, NaN, "3"] },
  alpha: SHARE,
  pctStart: SHARE,
  staircase: FLAG,
  cycle: FLAG,
  threePhase: FLAG,
  anneal: { rule: 'must be one of "cos", "linear"', bad: ["cosine", 1] },
  milestones: INCREASING,
  boundaries: INCREASING,
  schedule: { rule: `must be a schedule ${SCHEDULE}`, bad: [0.1, () => 0.1, {}, null] },
  schedules: { rule: `must be a list of schedules ${SCHEDULE}`, bad: [[], [0.1], null] },
};

/** Options that may be left out. */
const OPTIONAL = new Set(
  "gamma staircase endRate power cycle alpha warmupTarget warmupSteps tMul mMul pctStart divFactor \
finalDivFactor anneal threePhase timescale from".split(" "),
);

/** Options of a kind, schedules as they are. */
function optionsOf(kind: ScheduleKind): Values {
  const { kind: _, ...options } = SCHEDULES[kind].config as unknown as Values;
  if ("schedule" in options) options.schedule = SCHEDULES.cosine;
  if ("schedules" in options) options.schedules = Array(3).fill(SCHEDULES.cosine);
  return options;
}

for (const kind of Object.keys(MAKE) as ScheduleKind[]) {
  const [owner, make] = MAKE[kind], options = optionsOf(kind);
  const attempt = (changed: Values) => () => make({ ...options, ...changed } as never);

  Deno.test(`${owner}() - options out of their range are named, with rule and value`, () => {
    for (const name of Object.keys(options)) {
      const { rule, bad } = BAD[name]!;
      for (const value of bad) {
        if (value === null && name === "rate") continue;
        assert.throws(attempt({ [name]: value }), (error: unknown) => {
          assert.ok(error instanceof RangeError);
          assert.ok(
            error.message.startsWith(`Cannot create ${owner}: ${name} ${rule}, got `),
            error.message,
          );
          return true;
        });
      }
    }
  });

  Deno.test(`${owner}() - required options must be given`, () => {
    for (const name of Object.keys(options)) {
      const initialRateIsOptional = kind === "inverse-square-root" && name === "initialRate";
      if (OPTIONAL.has(name) || initialRateIsOptional) continue;
      assert.throws(attempt({ [name]: undefined }), {
        name: "RangeError",
        message: `Cannot create ${owner}: ${name} ${BAD[name]!.rule}, got undefined`,
      });
    }
  });

  Deno.test(`${owner}() - finite rates of at least 0 at any step`, () => {
    const schedule = SCHEDULES[kind];
    assert.ok(isSchedule(schedule));
    for (const step of [0, 0.5, 1, 2, 4, 5, 17, 18, 33, 34, 1000, 1e6 + 1, 2 ** 53]) {
      const rate = schedule(step);
      assert.ok(Number.isFinite(rate) && rate >= 0 && rate <= 0.5, `${rate} at ${step}`);
    }
    for (const step of [-1, NaN, Infinity, "3" as unknown as number]) {
      assert.throws(() => schedule(step), {
        name: "RangeError",
        message: `Cannot take a learning rate from ${owner}: step must be a finite number >= 0, ` +
          `got ${step}`,
      });
    }
  });
}

Deno.test("options that do not go together", () => {
  assert.throws(
    () => cosineDecay({ initialRate: 0.1, decaySteps: 3, warmupSteps: 3 }),
    /Cannot create cosineDecay: warmupTarget must be given with warmupSteps, got null/,
  );
  assert.throws(
    () => cosineDecay({ initialRate: 0.1, decaySteps: 3, warmupTarget: 3 }),
    /warmupSteps must be a whole number >= 1 with warmupTarget, got 0/,
  );
  assert.throws(
    () => inverseSquareRoot({ peakRate: 0.1 }),
    /timescale must be a finite number > 0 without warm-up, got null/,
  );
  assert.throws(
    () => oneCycle({ maxRate: 1, totalSteps: 9, threePhase: true, pctStart: 0.6 }),
    /pctStart must be in \[0, 0\.5\] with threePhase, got 0\.6/,
  );
  assert.throws(
    () => joinSchedules([constantRate(1), constantRate(2)], []),
    /Cannot create joinSchedules: boundaries must be one less than the 2 schedules, got 0/,
  );
});

Deno.test("a misspelt option is refused with the nearest one", () => {
  assert.throws(
    () => cosineDecay({ initialRate: 0.1, decaySteps: 3, warmupStep: 3 } as never),
    /unknown option "warmupStep"; did you mean "warmupSteps"\?/,
  );
  assert.throws(() => cosineDecay(3 as never), /options must be an object such as/);
});

Deno.test("a rate that grows past all bounds is an error, not Infinity", () => {
  const schedule = stepDecay({ initialRate: 1, stepSize: 1, gamma: 10 });
  assert.equal(schedule(300), 1e300);
  assert.throws(() => schedule(400), {
    name: "RangeError",
    message: "Cannot take a learning rate from stepDecay: it must be a finite number >= 0, got " +
      "Infinity at step 400",
  });
});

Deno.test("isSchedule() tells schedules from other functions", () => {
  for (const value of [undefined, 0.1, () => 0.1, { config: { kind: "constant" } }, null]) {
    assert.equal(isSchedule(value), false);
  }
  assert.equal(isSchedule(Object.assign(() => 1, { config: { kind: "other" } })), false);
});

Deno.test("lists that were given may be changed afterwards", () => {
  const milestones = [2, 4], boundaries = [2], schedules = [constantRate(1), constantRate(2)];
  const steps = multiStep({ initialRate: 1, milestones }),
    joined = joinSchedules(schedules, boundaries);
  milestones[0] = boundaries[0] = 0;
  schedules[0] = constantRate(5);
  assert.deepEqual([1, 2].map(steps), [1, 0.1]);
  assert.deepEqual([1, 2].map(joined), [1, 2]);
});

Deno.test("cosineWarmup() rises along half a wave to the first rate of what follows", () => {
  const schedule = cosineWarmup(constantRate(0.4), 4, 0.2);
  const rates = [0, 1, 2, 3, 4, 100].map(schedule);
  const eighth = (1 - Math.SQRT1_2) / 2;
  const expected = [0.2, 0.2 + 0.2 * eighth, 0.3, 0.4 - 0.2 * eighth, 0.4, 0.4];
  rates.forEach((rate, i) => assert.ok(Math.abs(rate - expected[i]!) < 1e-16));
});

Deno.test("cosineRestarts() restarts on the very step, however many there were", () => {
  for (const tMul of [1, 2, 3, 10]) {
    const schedule = cosineRestarts({ initialRate: 1, firstDecaySteps: 7, tMul });
    for (let restart = 0, begin = 0, length = 7; restart < 12; restart++) {
      assert.equal(schedule(begin), 1, `restart ${restart}, times ${tMul}`);
      if (begin > 0) assert.ok(schedule(begin - 1) < 0.2, `before restart ${restart}`);
      begin += length;
      length *= tMul;
    }
  }
});
