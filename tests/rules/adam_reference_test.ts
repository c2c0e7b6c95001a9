import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { float32, float64 } from "../../src/expr/numbers.ts";
import { adamw, type AdamwForm, type AdamwHyper } from "../../src/rules/adamw.ts";
import { Oracle } from "../../cli/doctor/oracle.ts";
import { noisyGradients, stepsOfTfjs } from "./reference_steps.ts";

const INIT = Float32Array.of(1, -2, 0.5, 0, 3);
const HYPER: AdamwHyper = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.1,
};

/** PyTorch's Adam, AdamW and AMSGrad on one number, as the documentation of torch.optim has them. */
class TorchAdam {
  t = 0;
  m = 0;
  v = 0;
  vMax = 0;
  constructor(readonly form: AdamwForm, readonly hyper: AdamwHyper, public theta: number) {}

  step(gradient: number): void {
    const { learningRate: lr, beta1, beta2, epsilon, weightDecay: lambda } = this.hyper;
    let g = gradient;
    this.t += 1;
    if (this.form.decay === "decoupled") this.theta -= lr * lambda * this.theta;
    if (this.form.decay === "coupled") g += lambda * this.theta;
    this.m = beta1 * this.m + (1 - beta1) * g;
    this.v = beta2 * this.v + (1 - beta2) * g ** 2;
    const biasCorrection1 = 1 - beta1 ** this.t;
    const biasCorrection2 = 1 - beta2 ** this.t;
    let v = this.v;
    if (this.form.amsgrad) v = this.vMax = Math.max(this.vMax, this.v);
    const denominator = Math.sqrt(v) / Math.sqrt(biasCorrection2) + epsilon;
    this.theta -= lr / biasCorrection1 * this.m / denominator;
  }
}

/** The largest mhat / sqrt(vhat) that there can be at a step, by the inequality of Cauchy. */
function largest({ beta1, beta2 }: AdamwHyper, step: number): number {
  const uncorrected = (1 - beta1) / Math.sqrt((1 - beta2) * (1 - beta1 ** 2 / beta2));
  return uncorrected * Math.sqrt(1 - beta2 ** step) / (1 - beta1 ** step);
}

for (const decay of ["none", "coupled", "decoupled"] as const) {
  for (const amsgrad of [false, true]) {
    Deno.test(`float64: adamw is PyTorch's, decay ${decay}, amsgrad ${amsgrad}`, () => {
      // With beta2 0.9 the second moment falls often enough for its maximum to matter.
      for (const change of [{}, { beta2: 0.9 }, { epsilon: 0.1 }, { beta1: 0 }]) {
        const hyper = { ...HYPER, ...change };
        const form = { decay, amsgrad };
        const ours = new Oracle(adamw(form), INIT);
        const theirs = Array.from(INIT, (theta) => new TorchAdam(form, hyper, theta));
        let differsFromLast = false;
        noisyGradients(200, INIT.length, 1).forEach((gradient, index) => {
          ours.update(hyper, gradient);
          theirs.forEach((torch, i) => {
            torch.step(gradient[i]!);
            // A dozen roundings a step, each of a number at most this large.
            const magnitude = Math.abs(torch.theta) +
              hyper.learningRate * largest(hyper, index + 1);
            const allowed = 12 * (index + 1) * 2 ** -53 * magnitude;
            const error = Math.abs(ours.param[i]! - torch.theta);
            assert.ok(error <= allowed, `step ${index + 1}: ${ours.param[i]} not ${torch.theta}`);
            differsFromLast ||= torch.vMax > 1.1 * torch.v;
          });
        });
        if (change.beta2 === 0.9) assert.equal(differsFromLast, amsgrad);
      }
    });
  }
}

Deno.test("float32: adam is tf.train.adam but for the rounding of tfjs's bias corrections", async () => {
  const gradients = noisyGradients(20, INIT.length, 2);
  const theirs = await stepsOfTfjs(
    () => tf.train.adam(HYPER.learningRate, HYPER.beta1, HYPER.beta2, HYPER.epsilon),
    INIT,
    gradients,
  );
  for (const algebra of [float64, float32]) {
    const ours = new Oracle(adamw({ decay: "none", amsgrad: false }), INIT, algebra);
    const allowed = INIT.map(() => 0);
    gradients.forEach((gradient, index) => {
      const step = index + 1;
      const before = ours.param;
      ours.update({ ...HYPER, weightDecay: 0 }, gradient);
      // tfjs keeps beta1^t and beta2^t as float32 products: 1 - beta^t is off by up to t units in
      // the last place of 1, and the root halves that. Ours come from float64.
      const corrections = step * 2 ** -24 *
        (1 / (1 - HYPER.beta1 ** step) + 0.5 / (1 - HYPER.beta2 ** step));
      const direction = largest(HYPER, step);
      ours.param.forEach((param, i) => {
        allowed[i]! += corrections * Math.abs(param - before[i]!) +
          12 * 2 ** -24 * HYPER.learningRate * direction + // as in float64
          2 * 2 ** -24 * Math.abs(param); // the sum itself, in both
        const error = Math.abs(param - theirs[index]![i]!);
        assert.ok(error <= allowed[i]!, `step ${step}: ${param} not ${theirs[index]![i]}`);
      });
    });
  }
});

Deno.test("tfjs adds epsilon at the same place, but has 1e-7 by default", async () => {
  // Where the gradient is as small as epsilon, the step tells where and how much is added:
  // g / (|g| + epsilon) at the first step, outside the root and after the correction.
  const gradient = Float32Array.of(1e-7, -1e-7, 1e-8, 1e-6, 0);
  const step = async (epsilon?: number) =>
    (await stepsOfTfjs(
      () => tf.train.adam(1, 0.9, 0.999, epsilon),
      new Float32Array(5),
      [gradient],
    ))[0]!;
  const ours = (epsilon: number) => {
    const oracle = new Oracle(adamw({ decay: "none", amsgrad: false }), new Float32Array(5));
    oracle.update({ ...HYPER, learningRate: 1, weightDecay: 0, epsilon }, gradient);
    return oracle.param;
  };
  const tfjsDefault = await step();
  ours(1e-7).forEach((param, i) => {
    const g = gradient[i]!;
    const expected = -g / (Math.abs(g) + 1e-7);
    assert.ok(Math.abs(param - expected) <= 1e-12);
    // 1 - 0.999 in float32 has lost ten bits; half of that error remains in the root.
    assert.ok(Math.abs(tfjsDefault[i]! - expected) <= 2 ** -14 * Math.abs(expected));
  });
  assert.ok(Math.abs(tfjsDefault[0]! / ours(1e-8)[0]! - 0.55) < 0.001); // 1/2 against 10/11
  (await step(1e-8)).forEach((param, i) => {
    assert.ok(Math.abs(param - ours(1e-8)[i]!) <= 2 ** -14 * Math.abs(param));
  });
});
