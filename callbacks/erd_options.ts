import { listOf, show } from "../src/options/check.ts";
import type { PathOption } from "../src/diffusion/noise/process.ts";
import { type Target, TARGETS } from "../src/diffusion/noise/target.ts";
import type { TimeDistribution } from "../src/diffusion/times/time_distribution.ts";
import type {
  MinSnrWeighting,
  P2Weighting,
  Weighting,
} from "../src/diffusion/weights/weighting.ts";
import {
  flag,
  oneOf,
  type OptionSpec,
  type OptionTable,
  positive,
  resolveOptions,
  whole,
} from "../src/options/options.ts";
import { pure } from "../src/pure.ts";

/** Modes with a name; see {@linkcode ERDOptions.mode}. */
export const ERD_MODES = ["closed", "online", "uniform", "debias", "min-snr", "p2"] as const;

/** How the loss is weighted; see {@linkcode ERDOptions.mode}. */
export type ERDMode = typeof ERD_MODES[number] | MinSnrWeighting | P2Weighting;

/** Options of {@linkcode ERD}. */
export interface ERDOptions {
  /** What the denoiser predicts: "epsilon", "x0", "v", "flow" or "score". */
  readonly target: Target;
  /**
   * How noise grows with t: "linear", "cosine" or "linear-logsnr", a function of t in [0, 1], or the
   * options of a discrete schedule such as `{ kind: "linear", timesteps: 1000 }`.
   */
  readonly path: PathOption;
  /**
   * How the loss is weighted: "closed" by the formula of arXiv 2605.10790, "online" by the
   * recoverability that is measured while training (this library's extension); for comparison
   * "uniform", "debias", "min-snr" or "p2", the last two also as `{ kind: "min-snr", gamma }` and
   * `{ kind: "p2", k, gamma }`.
   * @default "closed"
   */
  readonly mode?: ERDMode;
  /**
   * How t is drawn: "uniform" on [0, 1], `{ kind: "logit-normal", mean, std }`, a list of times, or a
   * density on [0, 1]. On a discrete schedule times are rounded up to the next timestep. With
   * `erd.pack` it is what the times of one's own are distributed like.
   * @default "uniform"
   */
  readonly distribution?: TimeDistribution;
  /**
   * Draw one time from each of B equally likely ranges for a batch of B, in random order.
   * @default false
   */
  readonly stratified?: boolean;
  /**
   * Seed of times and noise, a whole number >= 0.
   * @default 0
   */
  readonly seed?: number;
  /**
   * Divide the weights by their mean under the distribution of t, so that the weighting does not
   * change the effective learning rate. false gives the bare weights.
   * @default true
   */
  readonly normalize?: boolean;
  /**
   * The weight where nothing of the data is left in the input: the formula's limit, or 1 as in the
   * authors' code.
   * @default "limit"
   */
  readonly snrZero?: "limit" | "authors";
  /**
   * Largest bare weight, a finite number > 0.
   * @default 100000
   */
  readonly maxWeight?: number;
  /**
   * Measure raw loss, target variance and recoverability by noise level, for `report()`. Always on in
   * mode "online"; any other mode needs no reading of the device without it.
   * @default false, and true in mode "online"
   */
  readonly measure?: boolean;
  /**
   * Number of noise levels that are told apart: bins of equal width in t, a whole number from 1 to 1024.
   * @default 32
   */
  readonly bins?: number;
  /**
   * What a batch keeps of the measurements before it, in (0, 1). With small batches take more: a bin
   * holds about batchSize / bins / (1 - decay) samples.
   * @default 0.995
   */
  readonly decay?: number;
  /**
   * The measurements are read from the device, and the weights renewed, every so many batches: a whole
   * number >= 1.
   * @default 20
   */
  readonly readEvery?: number;
  /**
   * Number of batches that are weighted by the closed form before measurements count, a whole number
   * >= 0. Mode "online".
   * @default 200
   */
  readonly warmup?: number;
  /**
   * Number of batches after the warm-up in which the weights pass to the measured ones linearly, a whole
   * number >= 0. Mode "online".
   * @default 200
   */
  readonly ramp?: number;
  /**
   * The least recoverability that counts, in [0, 1]. Mode "online".
   * @default 0.01
   */
  readonly rMin?: number;
  /**
   * Number of samples below which a bin keeps the closed form, a finite number > 0. Mode "online".
   * @default 32
   */
  readonly minSamples?: number;
  /**
   * A sample's loss counts in the measurements at most so many times its bin's running mean (or half the
   * target's variance, if that is more), > 1. Infinity lets all count as they are: better for
   * low-dimensional data in tight clusters, whose losses have a long tail of their own.
   * @default 8
   */
  readonly winsorize?: number;
}

const spec = <Value>(
  fallback: Value,
  rule: string,
  accepts: (value: unknown) => boolean,
): OptionSpec<Value> => ({ fallback, rule: `must be ${rule}`, accepts });

const number = (fallback: number, rule: string, accepts: (value: number) => boolean) =>
  spec(fallback, rule, (value) => typeof value === "number" && accepts(value));

/** Whatever is checked where it is used. */
const anything = <Value>(fallback: Value): OptionSpec<Value> => spec(fallback, "", () => true);

const isKind = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "kind" in value &&
  (value.kind === "min-snr" || value.kind === "p2");

const MODES = /* @__PURE__ */ pure(() => ERD_MODES.map((mode) => `"${mode}"`).join(", "));

const OPTIONS: OptionTable<Required<ERDOptions>> = /* @__PURE__ */ pure(() => ({
  target: spec<Target>("v", listOf(TARGETS), (value) => TARGETS.some((name) => name === value)),
  path: anything<PathOption>("cosine"),
  mode: spec<ERDMode>(
    "closed",
    `${MODES}, { kind: "min-snr" } or { kind: "p2" }`,
    (value) => ERD_MODES.some((mode) => mode === value) || isKind(value),
  ),
  distribution: anything<TimeDistribution>("uniform"),
  stratified: flag(false),
  seed: whole(0, 0),
  normalize: flag(true),
  snrZero: oneOf("limit", "authors"),
  maxWeight: positive(1e5),
  measure: flag(false),
  bins: whole(32, 1, 1024),
  decay: number(0.995, "in (0, 1)", (value) => value > 0 && value < 1),
  readEvery: whole(20, 1),
  warmup: whole(200, 0),
  ramp: whole(200, 0),
  rMin: number(0.01, "in [0, 1]", (value) => value >= 0 && value <= 1),
  minSamples: positive(32),
  winsorize: number(8, "a number > 1", (value) => value > 1),
}));

/**
 * All options, checked, with what is not given filled in.
 *
 * @throws {RangeError} if a value is out of its range
 * @throws {TypeError} if there is no such option, naming the nearest one
 */
export function resolveERDOptions(given: ERDOptions): Required<ERDOptions> {
  const doing = "Cannot create ERD";
  if (typeof given !== "object" || given === null) {
    throw new TypeError(
      `${doing}: options must be an object such as { target: "v", path: "cosine" }, ` +
        `got ${show(given)}`,
    );
  }
  const options = resolveOptions<Required<ERDOptions>>("ERD", OPTIONS, given);
  if (given.target === undefined) {
    throw new RangeError(`${doing}: target must be ${listOf(TARGETS)}, got undefined`);
  }
  if (given.path === undefined) {
    throw new RangeError(`${doing}: path must be given, such as "cosine", got undefined`);
  }
  const online = options.mode === "online";
  if (online && given.measure === false) {
    throw new RangeError(`${doing}: measure must be true in mode "online", got false`);
  }
  return { ...options, measure: options.measure || online };
}

/** The weighting behind a mode; that of the warm-up, if online. */
export function weightingOf(mode: ERDMode): Weighting {
  switch (mode) {
    case "closed":
    case "online":
      return "recoverability";
    case "min-snr":
    case "p2":
      return { kind: mode };
    default:
      return mode;
  }
}
