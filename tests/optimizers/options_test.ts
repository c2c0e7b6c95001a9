import assert from "node:assert/strict";
import type * as tf from "@tensorflow/tfjs-core";
import {
  adabelief,
  adamf,
  adamw,
  lion,
  momentum,
  nadam,
  radam,
  rmsprop,
  sgdf,
} from "@signalfit/tfjs";
import { show } from "../../src/options/check.ts";
import { nearest } from "../../src/options/nearest.ts";

const OPTIMIZERS: Record<string, (options: never) => tf.Optimizer> = {
  SGDF: sgdf,
  AdamF: adamf,
  AdamW: adamw,
  SignalfitMomentum: momentum,
  NAdam: nadam,
  RAdam: radam,
  AdaBelief: adabelief,
  SignalfitRMSprop: rmsprop,
  Lion: lion,
};

const create = (name: string, options: unknown) => OPTIMIZERS[name]!(options as never);

/** Option, a rule in words, values that break it. */
const BAD: Record<string, [string, unknown[]]> = {
  learningRate: ["must be a finite number > 0 or a schedule", [0, -1, NaN, Infinity, "0.1", null]],
  weightDecay: ["must be a finite number >= 0", [-0.1, NaN, Infinity, "0"]],
  decoupledWeightDecay: ["must be true or false", [1, "true", null]],
  exclude: [`must be "bias-and-norm", names`, [1, [1], {}]],
  overrides: ["must be a list such as", [1, {}, [1], [{ learningRate: 1 }]]],
  clipValue: ["must be a finite number > 0, or null", [0, -1, NaN, Infinity, "1"]],
  clipNorm: ["must be a finite number > 0, or null", [0, -1, NaN]],
  globalClipNorm: ["must be a finite number > 0, or null", [0, -1, NaN]],
  gradientAccumulationSteps: ["must be a whole number >= 1", [0, 1.5, -2, NaN, Infinity]],
  useEma: ["must be true or false", [1, null]],
  emaMomentum: ["must be in [0, 1)", [1, -0.1, NaN]],
  onNonFinite: [`must be one of "propagate", "error", "skip"`, ["ignore", 1]],
  engine: [`must be one of "auto", "portable", "loop"`, ["turbo", null]],
  beta1: ["must be in [0, 1)", [1, 1.2, -0.1, NaN, "0.9"]],
  beta2: ["must be in [0, 1)", [1, -1, Infinity]],
  epsilon: ["must be a finite number >= 0", [-1e-8, NaN, Infinity]],
  gamma: ["must be a finite number > 0", [0, -1, NaN, Infinity]],
  varianceCorrection: ["must be true or false", [0]],
  sign: ["must be true or false", [0]],
  amsgrad: ["must be true or false", ["yes"]],
  denominator: [`must be one of "rms", "centred"`, ["centered"]],
  momentum: ["must be in [0, 1)", [1, -0.5, NaN]],
  nesterov: ["must be true or false", [1]],
  filter: ["must be true or false", ["yes"]],
  momentumDecay: ["must be a finite number >= 0", [-1, NaN, Infinity]],
  alpha: ["must be in [0, 1)", [1, -0.5, NaN]],
  centered: ["must be true or false", [null]],
};

for (const name of Object.keys(OPTIMIZERS)) {
  const known = Object.keys(create(name, {}).getConfig());
  for (const option of known) {
    Deno.test(`${name}: ${option} out of its range is named with rule and value`, () => {
      const [rule, values] = BAD[option]!;
      for (const value of values) {
        const shown = show(value);
        assert.throws(() => create(name, { [option]: value }), {
          name: "RangeError",
          message: new RegExp(
            `^Cannot create ${name}: ${escape(`${option} ${rule}`)}.*, got ${escape(shown)}$`,
          ),
        });
      }
    });
  }

  Deno.test(`${name}: an unknown option is named, with the nearest known one`, () => {
    assert.throws(() => create(name, { learningrate: 0.1 }), {
      name: "TypeError",
      message: `Cannot create ${name}: unknown option "learningrate"; did you mean "learningRate"?`,
    });
    assert.throws(
      () => create(name, { zzzzzz: 1 }),
      new RegExp(`unknown option "zzzzzz"; the options are learningRate, weightDecay`),
    );
    assert.throws(() => create(name, 0.1), /options must be an object .*, got 0\.1/);
    assert.throws(() => create(name, null), /options must be an object .*, got null/);
  });

  Deno.test(`${name}: an undefined option is its default`, () => {
    const config = create(name, {}).getConfig();
    const undefineds = Object.fromEntries(known.map((option) => [option, undefined]));
    assert.deepEqual(create(name, undefineds).getConfig(), config);
    assert.deepEqual(create(name, undefined).getConfig(), config);
  });
}

Deno.test("every option has a test with values out of its range", () => {
  const all = Object.keys(OPTIMIZERS).flatMap((name) => Object.keys(create(name, {}).getConfig()));
  assert.deepEqual([...new Set(all)].sort(), Object.keys(BAD).sort());
});

Deno.test("defaults are those of the papers, of Adam, and of Keras's AdamW", () => {
  assert.deepEqual(sgdf().getConfig(), {
    learningRate: 0.5,
    weightDecay: 0,
    decoupledWeightDecay: false,
    exclude: null,
    overrides: null,
    clipValue: null,
    clipNorm: null,
    globalClipNorm: null,
    gradientAccumulationSteps: 1,
    useEma: false,
    emaMomentum: 0.99,
    onNonFinite: "propagate",
    engine: "auto",
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    gamma: 0.5,
    varianceCorrection: true,
    sign: false,
  });
  assert.equal(adamf().learningRate, 1e-3);
  assert.equal(adamw().weightDecay, 0.004);
  assert.equal(momentum().momentum, 0.9);
});

Deno.test("AdamF: amsgrad needs the second moment", () => {
  assert.throws(
    () => adamf({ amsgrad: true, denominator: "centred" }),
    /amsgrad must be false with denominator "centred", got true/,
  );
});

Deno.test("nearest finds misspellings and leaves strangers alone", () => {
  const names = ["learningRate", "beta1", "beta2", "epsilon"];
  assert.equal(nearest("lerningRate", names), "learningRate");
  assert.equal(nearest("BETA2", names), "beta2");
  assert.equal(nearest("epsiln", names), "epsilon");
  assert.equal(nearest("momentum", names), undefined);
});

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

Deno.test("names that options have elsewhere lead to those that they have here", () => {
  const cases: [() => unknown, string, string][] = [
    [() => sgdf({ lr: 0.1 } as never), "lr", "learningRate"],
    [() => sgdf({ momentum: 0.9 } as never), "momentum", "beta1"],
    [() => rmsprop({ rho: 0.9 } as never), "rho", "alpha"],
    [() => adamw({ rho: 0.9 } as never), "rho", "beta2"],
    [() => adamw({ eps: 1e-7 } as never), "eps", "epsilon"],
  ];
  for (const [create, wrong, right] of cases) {
    assert.throws(create, {
      name: "TypeError",
      message: new RegExp(`unknown option "${wrong}"; did you mean "${right}"\\?$`),
    });
  }
});

Deno.test("setLearningRate() is that of tfjs's own", () => {
  const optimizer = adamw();
  optimizer.setLearningRate(0.25);
  assert.equal(optimizer.learningRate, 0.25);
  assert.throws(() => optimizer.setLearningRate(-1), /learningRate must be .*, got -1/);
  assert.equal(optimizer.learningRate, 0.25);
});
