import { checkFields, checkName, checkNumber, fail, listOf } from "../../options/check.ts";
import { checkDerivatives, checkLevel, type NoiseLevel, snrOf } from "../noise/level.ts";
import { checkTarget, type Target } from "../noise/target.ts";

/**
 * The x0 loss by its signal-to-noise ratio and a bound g: "min-snr" `min(snr, g)` (arXiv 2303.09556),
 * "max-snr" `max(snr, g)`, "soft-min-snr" `g snr / (g + snr)`, which passes from one to the other smoothly.
 */
export interface SnrWeighting {
  /** Selects the formula. */
  readonly kind: "min-snr" | "max-snr" | "soft-min-snr";
  /**
   * The signal-to-noise ratio g where the x0 weight stops growing, or begins to; finite and > 0.
   *
   * @default {5}
   */
  readonly gamma?: number;
}

/** `1 / (k + snr)^gamma` on the epsilon loss (arXiv 2204.00227). */
export interface P2Weighting {
  /** Selects P2. */
  readonly kind: "p2";
  /**
   * Keeps the weight bounded at low signal-to-noise ratio, finite and > 0.
   *
   * @default {1}
   */
  readonly k?: number;
  /**
   * Strength, finite and >= 0; 0 is the plain epsilon loss.
   *
   * @default {1}
   */
  readonly gamma?: number;
}

/** Weightings without options of their own; see {@linkcode lossWeight}. */
export const PLAIN_WEIGHTINGS = [
  "uniform",
  "recoverability",
  "debias",
  "min-debias",
  "max-debias",
  "snr",
  "inv-snr",
  "trunc-snr",
] as const;

/** Kinds of the weightings with options. */
export const WEIGHTING_KINDS = ["min-snr", "max-snr", "soft-min-snr", "p2"] as const;

/** A weighting of the loss over noise levels; see {@linkcode lossWeight}. */
export type Weighting = typeof PLAIN_WEIGHTINGS[number] | SnrWeighting | P2Weighting;

/** Name of any weighting. */
type WeightingName = typeof PLAIN_WEIGHTINGS[number] | typeof WEIGHTING_KINDS[number];

/** Options of {@linkcode lossWeight}. */
export interface LossWeightOptions {
  /**
   * The weight where the signal-to-noise ratio is exactly 0: the formula's limit, or 1 as in the code
   * that accompanies arXiv 2605.10790.
   *
   * @default {"limit"}
   */
  readonly snrZero?: "limit" | "authors";
  /**
   * Largest weight, finite and > 0. Only formulas that grow without bound reach it, such as debias for
   * epsilon and score (snr to 0) and for x0 (snr to infinity), P2 with gamma < 1 for x0 (snr to
   * infinity), or inv-snr (snr to 0).
   *
   * @default {100000}
   */
  readonly maxWeight?: number;
}

/** What a formula sees: checked amplitudes, and what is made of them. */
interface Noise {
  readonly alpha: number;
  readonly sigma: number;
  readonly snr: number;
  /** alpha^2 and sigma^2 and their sum. */
  readonly a2: number;
  readonly s2: number;
  readonly power: number;
  /** W = dAlpha sigma - alpha dSigma, asked for by the flow target alone. */
  readonly wronskian: () => number;
}

interface Parameters {
  readonly k: number;
  readonly gamma: number;
}

type Row = Record<Target, (n: Noise, p: Parameters) => number>;

/** n / d, and 0 for 0 / 0: no weight where there is nothing to weigh. */
const over = (n: number, d: number): number => n === 0 ? 0 : n / d;
/** n / d^2, without the square leaving the range. */
const overSquare = (n: number, d: number): number => over(over(n, Math.abs(d)), Math.abs(d));
/** a b, and 0 for 0 times infinity. */
const part = (a: number, b: number): number => a === 0 || b === 0 ? 0 : a * b;
const minSnr = ({ a2, s2 }: Noise, gamma: number): number => Math.min(a2, gamma * s2);
const softMinSnr = ({ a2, s2 }: Noise, { gamma }: Parameters): number =>
  gamma * over(a2, a2 + gamma * s2);
const p2 = ({ snr }: Noise, { k, gamma }: Parameters): number => (k + snr) ** -gamma;

/** The one table of weights. Each is written so that its limits at snr 0 and infinity come out. */
const TABLE: Record<WeightingName, Row> = {
  "uniform": { epsilon: () => 1, x0: () => 1, v: () => 1, flow: () => 1, score: () => 1 },
  "recoverability": {
    epsilon: (n) => n.sigma,
    x0: (n) => n.alpha,
    v: (n) => n.alpha * n.sigma,
    flow: () => 1,
    score: (n) => n.sigma * n.s2,
  },
  "min-snr": {
    epsilon: (n, p) => Math.min(1, p.gamma / n.snr),
    x0: (n, p) => Math.min(n.snr, p.gamma),
    v: (n, p) => over(minSnr(n, p.gamma), n.power),
    flow: (n, p) => over(minSnr(n, p.gamma), n.wronskian() ** 2),
    score: (n, p) => n.s2 * Math.min(1, p.gamma / n.snr),
  },
  "p2": {
    epsilon: (n, p) => p2(n, p),
    x0: (n, p) =>
      n.snr <= 1 ? n.snr * p2(n, p) : n.snr ** (1 - p.gamma) / (1 + p.k / n.snr) ** p.gamma,
    v: (n, p) => over(n.a2 * p2(n, p), n.power ** 2),
    flow: (n, p) => over(n.a2 * p2(n, p), n.wronskian() ** 2),
    score: (n, p) => n.s2 * p2(n, p),
  },
  "debias": {
    epsilon: (n) => over(n.sigma, n.alpha),
    x0: (n) => over(n.alpha, n.sigma),
    v: (n) => over(n.alpha * n.sigma, n.power ** 2),
    flow: (n) => over(n.alpha * n.sigma, n.wronskian() ** 2),
    score: (n) => over(n.sigma * n.s2, n.alpha),
  },
  "min-debias": {
    epsilon: (n) => Math.min(over(n.sigma, n.alpha), 1),
    x0: (n) => Math.min(over(n.alpha, n.sigma), n.snr),
    v: (n) => overSquare(Math.min(n.alpha * n.sigma, n.a2), n.power),
    flow: (n) => overSquare(Math.min(n.alpha * n.sigma, n.a2), n.wronskian()),
    score: (n) => part(n.s2, Math.min(over(n.sigma, n.alpha), 1)),
  },
  "max-debias": {
    epsilon: (n) => Math.max(over(n.sigma, n.alpha), 1),
    x0: (n) => Math.max(over(n.alpha, n.sigma), n.snr),
    v: (n) => overSquare(Math.max(n.alpha * n.sigma, n.a2), n.power),
    flow: (n) => overSquare(Math.max(n.alpha * n.sigma, n.a2), n.wronskian()),
    score: (n) => part(n.s2, Math.max(over(n.sigma, n.alpha), 1)),
  },
  "snr": {
    epsilon: () => 1,
    x0: (n) => n.snr,
    v: (n) => overSquare(n.a2, n.power),
    flow: (n) => overSquare(n.a2, n.wronskian()),
    score: (n) => n.s2,
  },
  "inv-snr": {
    epsilon: (n) => (1 / n.snr) ** 2,
    x0: (n) => 1 / n.snr,
    v: (n) => over(over(n.s2, n.power) ** 2, n.a2),
    flow: (n) => over(over(n.s2, n.wronskian()) ** 2, n.a2),
    score: (n) => part(n.s2, (1 / n.snr) ** 2),
  },
  "trunc-snr": maxSnr(() => 1),
  "max-snr": maxSnr(({ gamma }) => gamma),
  "soft-min-snr": {
    epsilon: (n, p) => p.gamma / (p.gamma + n.snr),
    x0: (n, p) => softMinSnr(n, p),
    v: (n, p) => part(softMinSnr(n, p), overSquare(n.s2, n.power)),
    flow: (n, p) => part(softMinSnr(n, p), overSquare(n.s2, n.wronskian())),
    score: (n, p) => part(n.s2, p.gamma / (p.gamma + n.snr)),
  },
};

function maxSnr(bound: (p: Parameters) => number): Row {
  return {
    epsilon: (n, p) => Math.max(1, bound(p) / n.snr),
    x0: (n, p) => Math.max(n.snr, bound(p)),
    v: (n, p) => overSquare(Math.max(n.a2, bound(p) * n.s2), n.power),
    flow: (n, p) => overSquare(Math.max(n.a2, bound(p) * n.s2), n.wronskian()),
    score: (n, p) => part(n.s2, Math.max(1, bound(p) / n.snr)),
  };
}

/** Entries the authors of arXiv 2605.10790 leave undefined. */
const DERIVED: Record<keyof typeof TABLE, readonly Target[]> = {
  "uniform": [],
  "recoverability": ["score"],
  "min-snr": ["flow", "score"],
  "p2": ["x0", "v", "flow", "score"],
  "debias": ["x0", "v", "flow", "score"],
  "min-debias": ["x0", "v", "flow", "score"],
  "max-debias": ["x0", "v", "flow", "score"],
  "snr": ["epsilon", "v", "flow", "score"],
  "inv-snr": ["epsilon", "v", "flow", "score"],
  "trunc-snr": ["epsilon", "v", "flow", "score"],
  "max-snr": ["v", "flow", "score"],
  "soft-min-snr": ["epsilon", "x0", "v", "flow", "score"],
};

const DOING = "weigh the loss";

/**
 * The bare weight of a sample's loss at one noise level: not normalized.
 * With `snr = alpha^2 / sigma^2` and `W = dAlpha sigma - alpha dSigma`:
 *
 * | target | recoverability | min-snr, g | p2, k, g | debias |
 * | --- | --- | --- | --- | --- |
 * | epsilon | sigma | min(snr, g) / snr | 1 / (k + snr)^g | sigma / alpha |
 * | x0 | alpha | min(snr, g) | *snr / (k + snr)^g* | *alpha / sigma* |
 * | v | alpha sigma | min(snr, g) / (snr + 1) | *alpha^2 / (k + snr)^g / (alpha^2 + sigma^2)^2* | *alpha sigma / (alpha^2 + sigma^2)^2* |
 * | flow | 1 | *min(alpha^2, g sigma^2) / W^2* | *alpha^2 / (k + snr)^g / W^2* | *alpha sigma / W^2* |
 * | score | *sigma^3* | *sigma^2 min(snr, g) / snr* | *sigma^2 / (k + snr)^g* | *sigma^3 / alpha* |
 *
 * With `r = sigma / alpha`, and further targets by the rule below:
 *
 * | weighting | epsilon | x0 |
 * | --- | --- | --- |
 * | max-snr, g | max(snr, g) / snr | max(snr, g) |
 * | snr | *1* | snr |
 * | inv-snr | *1 / snr^2* | 1 / snr |
 * | trunc-snr | *max(snr, 1) / snr* | max(snr, 1) |
 * | min-debias | min(r, 1) | *snr min(r, 1)* |
 * | max-debias | max(r, 1) | *snr max(r, 1)* |
 * | soft-min-snr, g | *g / (g + snr)* | *g snr / (g + snr)* |
 *
 * "uniform" is 1 for every target. "recoverability" is the ERD weight of arXiv 2605.10790; Min-SNR is
 * arXiv 2303.09556, P2 arXiv 2204.00227, debias arXiv 2310.08442. Upright entries are those of the
 * code that accompanies arXiv 2605.10790. Entries in italics, which it leaves out, are derived: given
 * x_t, the errors of two targets are multiples of each other, so the epsilon loss with the epsilon
 * weight (the x0 loss with the x0 weight, for Min-SNR) is written as a loss of the other target. The
 * Min-SNR weight of v is that conversion on a variance-preserving path only, and is used on all, as
 * the authors do.
 *
 * The ERD weight of each target is its own and not a conversion of another's, so that of the score
 * is a choice. A score is epsilon times a factor known from t, and no more or less recoverable; so
 * the epsilon loss keeps its weight, and the score gets sigma^2 sigma. The RMS reading (see
 * `recoverableAmplitude`) would give 1, and a loss whose level 1 / sigma^2 is unbounded near t = 0.
 *
 * Always finite and >= 0. Where alpha or sigma is 0 the limit is taken; limits that are infinite are
 * cut at `maxWeight`. So is a flow weight where W = 0 (alpha / sigma stands still), except that it is
 * 0 where its numerator is 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(lossWeight("recoverability", "v", { alpha: 0.8, sigma: 0.5 }), 0.4);
 * assert.equal(lossWeight({ kind: "min-snr" }, "x0", { alpha: 1, sigma: 0 }), 5);
 * ```
 *
 * @param level the noise level; "flow" needs its derivatives, but for "uniform" and "recoverability"
 * @throws RangeError for an unknown weighting, target or option, and for a bad level
 */
export function lossWeight(
  weighting: Weighting,
  target: Target,
  level: NoiseLevel,
  options: LossWeightOptions = {},
): number {
  const { kind, parameters } = checkWeighting(weighting);
  checkTarget(DOING, target);
  const { snrZero, maxWeight } = checkOptions(options);
  const { alpha, sigma } = checkLevel(DOING, level);
  const snr = snrOf(alpha, sigma), a2 = alpha * alpha, s2 = sigma * sigma;
  if (snr === 0 && snrZero === "authors") return 1;
  const wronskian = (): number => {
    const { dAlpha, dSigma } = checkDerivatives(`${DOING} of the flow target`, level);
    return dAlpha * sigma - alpha * dSigma;
  };
  const weight = TABLE[kind][target](
    { alpha, sigma, snr, a2, s2, power: a2 + s2, wronskian },
    parameters,
  );
  return Math.min(weight, maxWeight);
}

/**
 * Where a weight comes from: `"authors"` if the code that accompanies arXiv 2605.10790 defines it for
 * the target, `"derived"` if it is this library's conversion (see {@linkcode lossWeight}).
 *
 * @throws RangeError for an unknown weighting or target
 */
export function weightSource(weighting: Weighting, target: Target): "authors" | "derived" {
  const { kind } = checkWeighting(weighting);
  return DERIVED[kind].includes(checkTarget(DOING, target)) ? "derived" : "authors";
}

/**
 * A weighting as a row of the table and its parameters.
 *
 * @param option what it is called in messages
 * @throws RangeError opening with `Cannot <doing>`; TypeError for a field that there is not
 */
export function checkWeighting(
  weighting: unknown,
  doing: string = DOING,
  option = "weighting",
): { kind: WeightingName; parameters: Parameters } {
  if (typeof weighting !== "object" || weighting === null) {
    const kind = PLAIN_WEIGHTINGS.find((name) => name === weighting);
    const kinds = WEIGHTING_KINDS.map((kind) => `{ kind: "${kind}" }`).join(", ");
    const rule = `${option} must be ${listOf(PLAIN_WEIGHTINGS)}, or one of ${kinds}`;
    return { kind: kind ?? fail(doing, rule, weighting), parameters: { k: 0, gamma: 0 } };
  }
  const options: { kind?: unknown; k?: unknown; gamma?: unknown } = weighting;
  const kind = checkName(doing, `${option}.kind`, WEIGHTING_KINDS, options.kind);
  const isP2 = kind === "p2", fields = isP2 ? ["kind", "k", "gamma"] : ["kind", "gamma"];
  checkFields(doing, `field of ${option}`, fields, options);
  const positive = (value: number) => Number.isFinite(value) && value > 0;
  if (!isP2) {
    const rule = `a finite number > 0 for ${kind}`;
    const gamma = checkNumber(doing, "gamma", rule, options.gamma ?? 5, positive);
    return { kind, parameters: { k: 0, gamma } };
  }
  const k = checkNumber(doing, "k", "a finite number > 0 for p2", options.k ?? 1, positive);
  const holds = (value: number) => Number.isFinite(value) && value >= 0;
  const rule = "a finite number >= 0 for p2";
  return {
    kind,
    parameters: { k, gamma: checkNumber(doing, "gamma", rule, options.gamma ?? 1, holds) },
  };
}

function checkOptions(options: LossWeightOptions): Required<LossWeightOptions> {
  const { snrZero = "limit", maxWeight = 1e5 } = options;
  checkName(DOING, "snrZero", ["limit", "authors"] as const, snrZero);
  const holds = (value: number) => Number.isFinite(value) && value > 0;
  checkNumber(DOING, "maxWeight", "a finite number > 0", maxWeight, holds);
  return { snrZero, maxWeight };
}
