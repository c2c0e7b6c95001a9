import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { checkFields, checkName, checkNumber, fail, isNumberList } from "../../options/check.ts";
import { diffusionProcess, type PathOption } from "../noise/process.ts";
import { PURPOSE, randomStream } from "../numeric/random.ts";
import { ddimStep, estimateData, eulerStep, heunStep, type SamplerStep } from "./sampler_step.ts";
import { samplingTimes } from "./sampling_times.ts";
import { type Target, TARGETS } from "../noise/target.ts";

/** Names of the sampling methods. */
export const SAMPLING_METHODS = ["ddim", "ddpm", "euler", "heun"] as const;

/** How a sampler steps; see {@linkcode DrawSamplesOptions.method}. */
export type SamplingMethod = typeof SAMPLING_METHODS[number];

/** A denoiser: a model with inputs [x_t, t, ...conditions], or a function of them. */
export type Denoiser =
  | LayersModel
  | ((x: tf.Tensor, t: tf.Tensor, ...conditions: tf.Tensor[]) => tf.Tensor);

/** What swaps other weights in for a while, such as `EmaWeights`. */
export interface WeightSwap {
  /** Puts the other weights in the place of the model's own. */
  swapIn(): void;
  /** Puts the model's own back. */
  swapOut(): void;
}

/** Where a sampler stands. */
export interface DrawSamplesProgress {
  /** Steps done, from 1 to `steps`. */
  readonly step: number;
  /** Steps in all. */
  readonly steps: number;
  /** Time reached; 0 at the end. */
  readonly t: number;
  /** The samples at that time. They are disposed of after the call: clone what is to stay. */
  readonly samples: tf.Tensor;
}

/** Options of {@linkcode drawSamples}. */
export interface DrawSamplesOptions {
  /** The path that the denoiser was trained on. */
  readonly path: PathOption;
  /** What the denoiser predicts. */
  readonly target: Target;
  /** Number of steps, each one call of the denoiser (two for "heun"): a whole number >= 1. */
  readonly steps: number;
  /** Shape of the result, the number of samples first. */
  readonly shape: readonly number[];
  /**
   * Seed of the noise, a whole number >= 0.
   * @default 0
   */
  readonly seed?: number;
  /**
   * "ddim" (arXiv 2010.02502), with fresh noise by `eta`; "ddpm" (arXiv 2006.11239), the ancestral
   * sampler, which is "ddim" with eta 1; "euler" and "heun", the probability-flow equation
   * `dx/dt = dAlpha x0 + dSigma eps` by steps of first and second order, for paths with derivatives.
   * @default "ddim"
   */
  readonly method?: SamplingMethod;
  /**
   * Part of the ancestral noise that "ddim" adds, in [0, 1]. Method "ddim".
   * @default 0
   */
  readonly eta?: number;
  /**
   * Cut each estimate of the data to this range `[min, max]`.
   * @default none
   */
  readonly clip?: readonly [min: number, max: number] | null;
  /** More inputs of the denoiser, each with as many rows as there are samples. */
  readonly conditions?: readonly tf.Tensor[];
  /** Called after each step, and awaited. */
  readonly onStep?: (progress: DrawSamplesProgress) => void | Promise<void>;
  /** Averaged weights, such as those of `EmaWeights`, to be swapped in while sampling. */
  readonly ema?: WeightSwap | null;
}

const DOING = "draw samples";

/**
 * Draws samples from a diffusion model.
 *
 * Starts from noise at t = 1 and steps down evenly in t; the last step goes to the estimate of the data.
 * A target that says nothing of the data at t = 1 (epsilon or score where alpha is 0) starts a little
 * below, where alpha / sigma is 1/1000. Every number of the result depends on the seed and the denoiser
 * alone.
 *
 * @param denoiser predicts `target` from x_t and t of shape [B, 1] (and conditions)
 * @returns the samples, yours to dispose
 * @throws {RangeError} if an option is out of its range
 */
export async function drawSamples(
  denoiser: Denoiser,
  options: DrawSamplesOptions,
): Promise<tf.Tensor> {
  const { target, steps, shape, seed, eta, method, clip, conditions } = resolve(options);
  const process = diffusionProcess(DOING, options.path);
  const times = samplingTimes(process, target, steps);
  const size = shape.reduce((product, length) => product * length, 1);
  const noise = (step: number): tf.Tensor =>
    tf.tensor(randomStream(seed, PURPOSE.sampling, step).normals(size), [...shape]);
  const predict = (x: tf.Tensor, t: number): tf.Tensor => {
    const inputs = [x, tf.fill([shape[0]!, 1], t), ...conditions];
    if (typeof denoiser === "function") return denoiser(x, inputs[1]!, ...conditions);
    return denoiser.apply(inputs) as tf.Tensor;
  };
  options.ema?.swapIn();
  let x: tf.Tensor | undefined;
  try {
    x = tf.tidy(() => tf.mul(noise(0), process.at(times[0]!).sigma));
    for (let i = 0; i < steps; i++) {
      const [t, s] = [times[i]!, times[i + 1]!];
      const step: SamplerStep = { process, target, t, s, clip, predict };
      const before: tf.Tensor = x;
      const next: tf.Tensor = tf.tidy(() =>
        i === steps - 1
          ? estimateData(step, before)
          : METHODS[method](step, before, eta, () => noise(i + 1))
      );
      x = next;
      before.dispose();
      await options.onStep?.({ step: i + 1, steps, t: s, samples: x });
      await new Promise((done) => setTimeout(done)); // lets others have their turn
    }
    return x;
  } catch (error) {
    x?.dispose();
    throw error;
  } finally {
    options.ema?.swapOut();
  }
}

const METHODS: Record<
  SamplingMethod,
  (step: SamplerStep, x: tf.Tensor, eta: number, fresh: () => tf.Tensor) => tf.Tensor
> = {
  ddim: ddimStep,
  ddpm: (step, x, _eta, fresh) => ddimStep(step, x, 1, fresh),
  euler: eulerStep,
  heun: heunStep,
};

type Resolved = Required<Omit<DrawSamplesOptions, "path" | "onStep" | "ema">>;

function resolve(options: DrawSamplesOptions): Resolved {
  if (typeof options !== "object" || options === null) {
    fail(DOING, "options must be given, with path, target, steps and shape", options);
  }
  checkFields(DOING, "option", Object.keys(NAMES), options);
  const whole = (least: number) => (value: number) => Number.isSafeInteger(value) && value >= least;
  const { shape, clip = null, conditions = [] } = options;
  const method = checkName(DOING, "method", SAMPLING_METHODS, options.method ?? "ddim");
  const resolved: Resolved = {
    target: checkName(DOING, "target", TARGETS, options.target),
    steps: checkNumber(DOING, "steps", "a whole number >= 1", options.steps, whole(1)),
    seed: checkNumber(DOING, "seed", "a whole number >= 0", options.seed ?? 0, whole(0)),
    eta: checkNumber(DOING, "eta", "in [0, 1]", options.eta ?? 0, (eta) => eta >= 0 && eta <= 1),
    method,
    shape,
    clip,
    conditions,
  };
  if (!isNumberList(shape) || shape.length < 2 || !Array.from(shape).every(whole(1))) {
    fail(DOING, "shape must be a list of at least two whole numbers >= 1", shape);
  }
  if (clip !== null && !(isNumberList(clip) && clip.length === 2 && clip[0] < clip[1])) {
    fail(DOING, "clip must be [min, max] with min < max", clip);
  }
  if (options.eta !== undefined && method !== "ddim") {
    fail(DOING, `eta belongs to the method "ddim" alone, not to "${method}"`, options.eta);
  }
  if ((method === "euler" || method === "heun") && typeof options.path === "object") {
    fail(DOING, `method "${method}" needs a path with derivatives, which a schedule lacks`, method);
  }
  const rows = conditions.find((condition) => condition.shape[0] !== shape[0]);
  if (rows !== undefined) {
    fail(DOING, `each condition must have ${shape[0]} rows, as there are samples`, rows.shape);
  }
  return resolved;
}

/** Every option that there is. */
const NAMES: Record<keyof DrawSamplesOptions, true> = {
  path: true,
  target: true,
  steps: true,
  shape: true,
  seed: true,
  method: true,
  eta: true,
  clip: true,
  conditions: true,
  onStep: true,
  ema: true,
};
