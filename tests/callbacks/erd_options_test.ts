import assert from "node:assert/strict";
import { EmaWeights, type EmaWeightsOptions } from "../../callbacks/ema_weights.ts";
import { ERD, type ERDOptions } from "../../callbacks/erd.ts";
import { ERD_MODES } from "../../src/diffusion/weights/modes.ts";

const GOOD: ERDOptions = { target: "v", path: "cosine" };

/** Bad options, and what the message says after "Cannot create ERD: ". */
const BAD: [Record<string, unknown>, string][] = [
  [{ target: "noise" }, 'target must be "epsilon", "x0", "v", "flow" or "score", got "noise"'],
  [{ target: undefined }, 'target must be "epsilon", "x0", "v", "flow" or "score", got undefined'],
  [{ path: undefined }, 'path must be given, such as "cosine", got undefined'],
  [{ decay: 2 }, "decay must be in (0, 1), got 2"],
  [{ decay: 0 }, "decay must be in (0, 1), got 0"],
  [{ decay: NaN }, "decay must be in (0, 1), got NaN"],
  [{ bins: 0 }, "bins must be a whole number from 1 to 1024, got 0"],
  [{ bins: 2.5 }, "bins must be a whole number from 1 to 1024, got 2.5"],
  [{ readEvery: 0 }, "readEvery must be a whole number >= 1, got 0"],
  [{ warmup: -1 }, "warmup must be a whole number >= 0, got -1"],
  [{ ramp: "1" }, 'ramp must be a whole number >= 0, got "1"'],
  [{ seed: 0.5 }, "seed must be a whole number >= 0, got 0.5"],
  [{ rMin: 1.1 }, "rMin must be in [0, 1], got 1.1"],
  [{ minSamples: 0 }, "minSamples must be a finite number > 0, got 0"],
  [{ winsorize: 1 }, "winsorize must be a number > 1, got 1"],
  [{ maxWeight: Infinity }, "maxWeight must be a finite number > 0, got Infinity"],
  [{ stratified: 1 }, "stratified must be true or false, got 1"],
  [{ normalize: null }, "normalize must be true or false, got null"],
  [{ snrZero: "zero" }, 'snrZero must be one of "limit", "authors", got "zero"'],
  [{ mode: "online", measure: false }, 'measure must be true in mode "online", got false'],
  [
    { mode: "on" },
    'mode must be "closed", "online", "uniform", "debias", "min-snr", "p2", "snr", "inv-snr", ' +
    '"trunc-snr", "max-snr", "soft-min-snr", "min-debias" or "max-debias", or one with options ' +
    'such as { kind: "min-snr", gamma: 5 }, got "on"',
  ],
  [
    { distribution: "normal" },
    'distribution must be "uniform", { kind: "logit-normal" }, a list of times or a density, ' +
    'got "normal"',
  ],
  [{ distribution: [0.5, 2] }, "each time of the distribution must be in [0, 1], got 2"],
  [
    { distribution: [0.55], path: { kind: "cosine", timesteps: 10 } },
    "each time of the distribution must be a timestep of the path, 1/10, 2/10, … 1, got 0.55",
  ],
  [
    { target: "flow", path: { kind: "cosine" } },
    'target "flow" needs a path with derivatives, which a schedule lacks, got "flow"',
  ],
  [{ target: "x0", distribution: [1] }, "the mean weight must be > 0, got 0"],
];

Deno.test("ERD - a bad option is named, with the rule and the value", () => {
  for (const [options, message] of BAD) {
    assert.throws(() => new ERD({ ...GOOD, ...options } as ERDOptions), {
      name: "RangeError",
      message: `Cannot create ERD: ${message}`,
    });
  }
});

Deno.test("ERD - errors of what it builds on", () => {
  const rows: [Record<string, unknown>, RegExp][] = [
    [{ path: "sine" }, /^Cannot create a noise path: path must be "linear", "cosine" or/],
    [{ path: { kind: "sine" } }, /^Cannot create a DDPM schedule: kind must be/],
    [
      { path: { kind: "linear", timesteps: 0 } },
      /timesteps must be a whole number from 1 to 100000, got 0/,
    ],
    [{ path: { kind: "linear", timesteps: 1e9 } }, /timesteps .* from 1 to 100000, got 1000000000/],
    [{ mode: { kind: "min-snr", gamma: -1 } }, /gamma must be a finite number > 0 for min-snr/],
    [{ target: "score", distribution: [0, 1] }, /sigma must be > 0/],
  ];
  for (const [options, message] of rows) {
    assert.throws(() => new ERD({ ...GOOD, ...options } as ERDOptions), {
      name: "RangeError",
      message,
    });
  }
});

Deno.test("ERD - an unknown option, and the nearest known one", () => {
  assert.throws(() => new ERD({ ...GOOD, redEvery: 3 } as ERDOptions), {
    name: "TypeError",
    message: 'Cannot create ERD: unknown option "redEvery"; did you mean "readEvery"?',
  });
  const inside: [Record<string, unknown>, string][] = [
    [
      { mode: { kind: "min-snr", gama: 5 } },
      'create ERD: unknown field of mode "gama"; did you mean "gamma"?',
    ],
    [
      { distribution: { kind: "logit-normal", maen: 1 } },
      'create ERD: unknown field of distribution "maen"; did you mean "mean"?',
    ],
    [
      { path: { kind: "linear", timestep: 10 } },
      'create a DDPM schedule: unknown option "timestep"; did you mean "timesteps"?',
    ],
  ];
  for (const [options, message] of inside) {
    assert.throws(() => new ERD({ ...GOOD, ...options } as ERDOptions), {
      name: "TypeError",
      message: `Cannot ${message}`,
    });
  }
  for (const options of [undefined, null, "v"]) {
    assert.throws(() => new ERD(options as unknown as ERDOptions), {
      name: "TypeError",
      message: /options must be an object such as { target: "v", path: "cosine" }/,
    });
  }
});

Deno.test("ERD - every mode, target and kind of path can be made", () => {
  const paths: ERDOptions["path"][] = [
    "linear",
    "cosine",
    "linear-logsnr",
    (t) => ({ alpha: 1 - t, sigma: t }),
    { kind: "linear" },
    { kind: "cosine", timesteps: 50, zeroTerminalSnr: true },
  ];
  for (const path of paths) {
    for (const target of ["epsilon", "x0", "v", "score"] as const) {
      for (const mode of [...ERD_MODES, { kind: "p2", k: 2 } as const]) {
        const { bins } = new ERD({ target, path, mode }).report();
        assert.ok(bins.every(({ weight }) => weight >= 0 && Number.isFinite(weight)));
      }
    }
  }
});

Deno.test("EmaWeights - a bad option is named, with the rule and the value", () => {
  const rows: [Record<string, unknown>, string, string][] = [
    [{ decay: 1 }, "RangeError", "decay must be in [0, 1), got 1"],
    [{ updateEvery: 0 }, "RangeError", "updateEvery must be a whole number >= 1, got 0"],
    [{ warmup: 3 }, "RangeError", "warmup must be true or false, got 3"],
    [{ validationData: [] }, "RangeError", "validationData must be [data, labels], got []"],
    [{ decai: 0.9 }, "TypeError", 'unknown option "decai"; did you mean "decay"?'],
  ];
  for (const [options, name, message] of rows) {
    assert.throws(() => new EmaWeights(options as EmaWeightsOptions), {
      name,
      message: `Cannot create EmaWeights: ${message}`,
    });
  }
});
