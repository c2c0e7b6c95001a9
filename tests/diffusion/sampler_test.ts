import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { diffusionProcess, type PathOption } from "../../src/diffusion/noise/process.ts";
import {
  type Denoiser,
  drawSamples,
  type DrawSamplesOptions,
  SAMPLING_METHODS,
} from "../../src/diffusion/sampling/sampler.ts";
import { samplingTimes } from "../../src/diffusion/sampling/sampling_times.ts";
import { TARGETS } from "../../src/diffusion/noise/target.ts";
import { type BackendName, counts } from "../support/backends.ts";
import { backendTest } from "../support/test.ts";
import { exactDenoiser, exactPrediction, levelsAt, levelsOf } from "./exact_denoiser.ts";
import { assertClose } from "./golden.ts";
import { sampledNormal } from "./linear_sampler.ts";
import type { Mixture } from "./mixture_floor.ts";

const BACKENDS: BackendName[] = ["cpu", "wasm", "webgpu"];
const N = 2000;
/** How many standard deviations of a Monte-Carlo mean are allowed. */
const Z = 4;

/** Samples as rows. */
async function draw(denoiser: Denoiser, options: DrawSamplesOptions): Promise<number[][]> {
  const tensor = await drawSamples(denoiser, options), values = await tensor.data();
  const d = tensor.size / tensor.shape[0]!;
  tensor.dispose();
  return Array.from({ length: values.length / d }, (_, i) => [...values.slice(i * d, (i + 1) * d)]);
}

const meanOf = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const covarianceOf = (x: number[], y: number[]) =>
  x.reduce((sum, value, i) => sum + (value - meanOf(x)) * (y[i]! - meanOf(y)), 0) / (x.length - 1);

/** The exact denoiser of a discrete schedule: a function, since all times of a call are equal. */
function scheduleDenoiser(mixture: Mixture, path: PathOption, target: "v" | "epsilon"): Denoiser {
  const { at, timesteps } = diffusionProcess("test", path);
  let call = 0;
  const times = samplingTimes({ at, timesteps }, target, 50);
  return (x, t) => exactPrediction(mixture, levelsAt(at, target, times[call++ % 50]!), x, t);
}

const GAUSSIAN: Mixture = { pi: [1], mu: [[1, -0.5]], std: [0.7] };

/** Mean, variance and covariance of samples of {@link GAUSSIAN} against those of the linear recursion. */
function checkGaussian(
  rows: number[][],
  expected: (mean: number) => { mean: number; variance: number },
  what: string,
): void {
  const columns = [0, 1].map((j) => rows.map((row) => row[j]!));
  columns.forEach((column, j) => {
    const { mean, variance } = expected(GAUSSIAN.mu[0]![j]!);
    assertClose(meanOf(column), mean, 0, `${what}: mean`, Z * Math.sqrt(variance / N) + 1e-5);
    const spread = Z * Math.sqrt(2 / N);
    assertClose(covarianceOf(column, column), variance, spread, `${what}: variance`);
  });
  const { variance } = expected(0);
  const across = covarianceOf(columns[0]!, columns[1]!);
  assertClose(across, 0, 0, `${what}: covariance`, Z * variance / Math.sqrt(N));
}

for (const backend of BACKENDS) {
  const all = backend === "wasm"; // the fastest here
  backendTest(
    `drawSamples - Gaussian data, exact denoiser: mean and covariance: ${backend}`,
    backend,
    async () => {
      const std = GAUSSIAN.std[0]!, steps = 20;
      for (const path of ["linear", "cosine"] as const) {
        const { at } = diffusionProcess("test", path);
        for (const target of all && path === "cosine" ? TARGETS : ["v"] as const) {
          const denoiser = exactDenoiser(GAUSSIAN, levelsOf(path, target));
          const times = samplingTimes({ at }, target, steps);
          for (const [i, method] of SAMPLING_METHODS.entries()) {
            const rows = await draw(denoiser, {
              path,
              target,
              steps,
              shape: [N, 2],
              method,
              seed: i,
            });
            checkGaussian(
              rows,
              (mean) => sampledNormal({ mean, variance: std ** 2 }, at, times, method),
              `${path} ${target} ${method}`,
            );
          }
        }
      }
    },
  );

  backendTest(
    `drawSamples - a mixture, exact denoiser: shares, means, spreads: ${backend}`,
    backend,
    async () => {
      const mixture: Mixture = {
        pi: [0.2, 0.5, 0.3],
        mu: [[2, 0], [-1, 1.5], [-1, -1.5]],
        std: [0.2, 0.3, 0.1],
      };
      const steps = 60, { at } = diffusionProcess("test", "cosine");
      for (const method of all ? SAMPLING_METHODS : ["ddpm", "heun"] as const) {
        const target = method === "heun" ? "flow" : "epsilon";
        const denoiser = exactDenoiser(mixture, levelsOf("cosine", target));
        const times = samplingTimes({ at }, target, steps);
        const rows = await draw(denoiser, { path: "cosine", target, steps, shape: [N, 2], method });
        const modes = mixture.mu.map((): number[][] => []);
        const distance = (row: number[], k: number) =>
          Math.hypot(row[0]! - mixture.mu[k]![0]!, row[1]! - mixture.mu[k]![1]!);
        for (const row of rows) {
          modes[[0, 1, 2].toSorted((a, b) => distance(row, a) - distance(row, b))[0]!]!.push(row);
        }
        modes.forEach((members, k) => {
          const p = mixture.pi[k]!, what = `${method}, mode ${k}`;
          const error = Math.sqrt(p * (1 - p) / N);
          assertClose(members.length / N, p, 0, `${what}: share`, Z * error);
          // Near a mode the posterior is that mode's alone, and the steps err as for normal data.
          [0, 1].forEach((j) => {
            const column = members.map((row) => row[j]!);
            const mean = mixture.mu[k]![j]!, variance = mixture.std[k]! ** 2;
            const stepped = sampledNormal({ mean, variance }, at, times, method).variance;
            const allowed = Z * Math.sqrt(variance / members.length);
            assertClose(meanOf(column), mean, 0, `${what}: mean`, allowed);
            const spread = Z * Math.sqrt(2 / members.length), bias = Math.abs(stepped - variance);
            const found = covarianceOf(column, column);
            assertClose(found, variance, spread, `${what}: variance`, bias);
          });
        });
      }
    },
  );
}

Deno.test("drawSamples - the steps' error falls as their number, for heun as its square", () => {
  const { at } = diffusionProcess("test", "cosine"), data = { mean: 1, variance: 0.5 };
  for (const method of SAMPLING_METHODS) {
    const error = (steps: number) => {
      const { variance } = sampledNormal(data, at, samplingTimes({ at }, "v", steps), method);
      return Math.abs(variance - data.variance);
    };
    const order = Math.log2(error(200) / error(400));
    assert.ok(Math.abs(order - (method === "heun" ? 2 : 1)) < 0.1, `${method}: order ${order}`);
    assert.ok(error(400) < 0.01, `${method}: ${error(400)}`);
  }
});

backendTest("drawSamples - discrete schedules", "wasm", async () => {
  const paths: PathOption[] = [
    { kind: "linear", timesteps: 200 },
    { kind: "cosine", timesteps: 100, zeroTerminalSnr: true },
    { kind: "linear-logsnr", timesteps: 50 },
  ];
  for (const path of paths) {
    const { at, timesteps } = diffusionProcess("test", path), steps = 50;
    for (const target of ["v", "epsilon"] as const) {
      const times = samplingTimes({ at, timesteps }, target, steps);
      if (target === "epsilon" && times.length !== steps + 1) continue;
      for (const method of ["ddpm", "ddim"] as const) {
        const denoiser = scheduleDenoiser(GAUSSIAN, path, target);
        const rows = await draw(denoiser, { path, target, steps, shape: [N, 2], method });
        checkGaussian(
          rows,
          (mean) => sampledNormal({ mean, variance: GAUSSIAN.std[0]! ** 2 }, at, times, method),
          `${JSON.stringify(path)} ${target} ${method}`,
        );
      }
    }
  }
});

Deno.test("samplingTimes - evenly down to 0; from where the noise still tells of the data", () => {
  const cosine = diffusionProcess("test", "cosine"), linear = diffusionProcess("test", "linear");
  assert.deepEqual(samplingTimes(cosine, "v", 4), [1, 0.75, 0.5, 0.25, 0]);
  assertClose(samplingTimes(linear, "epsilon", 2)[0], 1 / 1.001, 1e-9, "alpha / sigma = 1 / 1000");
  const zero = diffusionProcess("test", { kind: "linear", timesteps: 1000, zeroTerminalSnr: true });
  assert.equal(samplingTimes(zero, "v", 10)[0], 1);
  assert.ok(samplingTimes(zero, "epsilon", 10)[0]! < 1);
  const ten = diffusionProcess("test", { kind: "cosine", timesteps: 10 });
  assert.deepEqual(samplingTimes(ten, "x0", 3), [1, 0.7, 0.3, 0]);
  assert.throws(() => samplingTimes(ten, "x0", 11), /steps must be at most 10/);
});

const BASE: DrawSamplesOptions = { path: "cosine", target: "v", steps: 4, shape: [3, 2], seed: 1 };
const denoiser = () => exactDenoiser(GAUSSIAN, levelsOf("cosine", "v"));

backendTest(
  "drawSamples - the seed decides; ddpm is ddim with eta 1; a function may denoise",
  "cpu",
  async () => {
    const first = await draw(denoiser(), BASE);
    assert.deepEqual(await draw(denoiser(), BASE), first);
    assert.notDeepEqual(await draw(denoiser(), { ...BASE, seed: 2 }), first);
    const noisy = await draw(denoiser(), { ...BASE, method: "ddim", eta: 1 });
    assert.deepEqual(await draw(denoiser(), { ...BASE, method: "ddpm" }), noisy);
    assert.notDeepEqual(await draw(denoiser(), { ...BASE, eta: 0.5 }), noisy);
    const levels = levelsOf("cosine", "v");
    assert.deepEqual(await draw((x, t) => exactPrediction(GAUSSIAN, levels, x, t), BASE), first);
  },
);

for (const backend of BACKENDS) {
  backendTest(
    `drawSamples - progress, averaged weights, and no leak, also after an exception: ${backend}`,
    backend,
    async () => {
      const model = denoiser(), before = counts();
      const calls: string[] = [];
      const ema = { swapIn: () => void calls.push("in"), swapOut: () => void calls.push("out") };
      const result = await drawSamples(model, {
        ...BASE,
        method: "ddpm",
        ema,
        onStep: async ({ step, steps, t, samples }) => {
          const values = await samples.data();
          assert.equal(values.length, 6);
          calls.push(`${step}/${steps} ${t}`);
        },
      });
      assert.deepEqual(calls, ["in", "1/4 0.75", "2/4 0.5", "3/4 0.25", "4/4 0", "out"]);
      assert.equal(counts().tensors, before.tensors + 1);
      assert.deepEqual(result.shape, [3, 2]);
      result.dispose();
      const fails = (): void => {
        throw new Error("on purpose");
      };
      await assert.rejects(() => drawSamples(model, { ...BASE, ema, onStep: fails }), /on purpose/);
      await assert.rejects(
        () =>
          drawSamples((x) => tf.tidy(() => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D)), BASE),
        /matMul/,
      );
      assert.equal(calls.at(-1), "out");
      assert.equal(counts().tensors, before.tensors);
      model.dispose();
    },
  );
}

backendTest("drawSamples - conditions, clipping, images, one step", "cpu", async () => {
  const [x, t, c] = [[2], [1], [2]].map((shape) => tfl.input({ shape }));
  const outputs = tfl.layers.add().apply([x!, c!]) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: [x!, t!, c!], outputs });
  const conditions = [tf.tensor2d([[0, 0], [5, 5]])];
  const options: DrawSamplesOptions = { ...BASE, target: "x0", steps: 1, shape: [2, 2] };
  const [plain, shifted] = await draw(model, { ...options, conditions });
  assert.ok(Math.max(...plain!) < 4 && Math.min(...shifted!) > 1);
  const clipped = await draw(model, { ...options, conditions, clip: [-0.1, 0.1] });
  assert.ok(clipped.flat().every((value) => Math.abs(value) <= Math.fround(0.1)));
  const images = await drawSamples((x) => tf.mul(x, 0.5), { ...BASE, shape: [2, 4, 4, 1] });
  assert.deepEqual(images.shape, [2, 4, 4, 1]);
});

Deno.test("drawSamples - bad options are named, with the rule and the value", async () => {
  const rows: [Record<string, unknown>, string][] = [
    [{ steps: 0 }, "steps must be a whole number >= 1, got 0"],
    [{ seed: -1 }, "seed must be a whole number >= 0, got -1"],
    [{ eta: 2 }, "eta must be in [0, 1], got 2"],
    [
      { eta: 0.5, method: "heun" },
      'eta belongs to the method "ddim" alone, not to "heun", got 0.5',
    ],
    [{ method: "rk4" }, 'method must be "ddim", "ddpm", "euler" or "heun", got "rk4"'],
    [{ shape: [4] }, "shape must be a list of at least two whole numbers >= 1, got [4]"],
    [{ clip: [1, 1] }, "clip must be [min, max] with min < max, got [1, 1]"],
    [{ path: undefined }, 'path must be given, such as "cosine", got undefined'],
    [
      { path: { kind: "cosine", timesteps: 3 } },
      "steps must be at most 3, the path's timesteps, got 4",
    ],
    [
      { path: { kind: "cosine" }, method: "euler" },
      'method "euler" needs a path with derivatives, which a schedule lacks, got "euler"',
    ],
    [{ target: "eps" }, 'target must be "epsilon", "x0", "v", "flow" or "score", got "eps"'],
  ];
  for (const [options, message] of rows) {
    await assert.rejects(
      () => drawSamples((x) => x, { ...BASE, ...options } as DrawSamplesOptions),
      {
        name: "RangeError",
        message: `Cannot draw samples: ${message}`,
      },
    );
  }
  await assert.rejects(() => drawSamples((x) => x, { ...BASE, sed: 1 } as DrawSamplesOptions), {
    name: "TypeError",
    message: 'Cannot draw samples: unknown option "sed"; did you mean "seed"?',
  });
});
