import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { AdamF, type AdamFOptions, SGDF, type SGDFOptions } from "@signalfit/tfjs";
import { ENGINES } from "../support/engines.ts";
import { backendTest } from "../support/test.ts";
import {
  assertTrack,
  type Golden,
  type GoldenHyper,
  goldens,
  gradientsAt,
  hyperOf,
  TRACKS,
} from "../support/golden.ts";

/** Asked for float32 by the files' own convention. */
const TOLERANCE = 3e-4;

/** Below the normal range of float32 the variances have no digits left. */
const WITHOUT_DIGITS: Record<string, readonly string[]> = { "tiny_1e-20": ["exp_var"] };

for (const { engine, backend } of ENGINES) {
  for (const golden of goldens) {
    // A note says that the authors' float32 left its range. Ours must not: compare with float64.
    const dtype = golden.note === undefined ? "float32" : "float64";
    const trace = golden.traces.find((trace) => trace.variant === "paper" && trace.dtype === dtype);
    if (trace === undefined) continue;
    const name = `golden: ${golden.algorithm} ${golden.id}, ${engine} on ${backend}`;
    backendTest(name, backend, async () => {
      const variables = golden.params.map(({ init, shape }, index) =>
        tf.variable(tf.tensor(init, shape, "float32"), true, `golden/${index}`)
      );
      const optimizers = golden.params.map((_, index) =>
        create(golden, { ...toOptions(hyperOf(golden, index, 0)), engine })
      );
      try {
        for (let step = 0; step < trace.params.length; step++) {
          const values = await Promise.all(variables.map((variable) => variable.data()));
          const gradients = gradientsAt(golden, step, values);
          for (const [index, optimizer] of optimizers.entries()) {
            optimizer.learningRate = hyperOf(golden, index, step).lr;
            const gradient = gradients[index];
            const { name, shape } = variables[index]!;
            const tensor = gradient ? tf.tensor(gradient, shape, "float32") : null;
            optimizer.applyGradients([{ name, tensor }]);
            tensor?.dispose();
            const weights = await optimizer.getWeights();
            for (const [track, slot] of Object.entries(TRACKS)) {
              const expected = trace[track as keyof typeof TRACKS];
              if (expected === undefined || WITHOUT_DIGITS[golden.id]?.includes(track)) continue;
              const source = slot === "param"
                ? variables[index]
                : weights.find((weight) => weight.name === `${name}/${slot}`)?.tensor;
              if (source === undefined) {
                const unused = golden.hyper.denom === "s" && slot === "v";
                assert.ok(unused || optimizer.stepsOf(name) === 0, `no ${slot}`);
                continue;
              }
              const what = `step ${step + 1}, ${track} of parameter ${index}`;
              assertTrack(expected, step, index, await source.data(), TOLERANCE, what);
            }
          }
        }
        const counts = optimizers.map((optimizer, index) =>
          optimizer.stepsOf(variables[index]!.name)
        );
        assert.deepEqual(counts, trace.final_step_counters);
        assert.ok(optimizers.every((optimizer) => optimizer.engine === engine));
      } finally {
        tf.dispose(variables);
        optimizers.forEach((optimizer) => optimizer.dispose());
      }
    });
  }
}

function create({ algorithm, hyper }: Golden, options: SGDFOptions & AdamFOptions): SGDF | AdamF {
  if (algorithm === "SGDF") return new SGDF({ ...options, sign: hyper.use_sign ?? false });
  return new AdamF({
    ...options,
    amsgrad: hyper.amsgrad ?? false,
    denominator: hyper.denom === "s" ? "centred" : "rms",
  });
}

function toOptions(hyper: GoldenHyper): SGDFOptions & AdamFOptions {
  return {
    learningRate: hyper.lr,
    beta1: hyper.betas[0],
    beta2: hyper.betas[1],
    epsilon: hyper.eps,
    gamma: hyper.gamma,
    weightDecay: hyper.weight_decay,
    decoupledWeightDecay: hyper.weight_decouple,
    varianceCorrection: hyper.var_correction ?? true,
  };
}
