import { checkFields, checkName, checkNumber, fail } from "../../options/check.ts";
import { checkLogSnrRange, logSnrAt, type LogSnrRange, sigmoid } from "./logsnr.ts";

/** Names of the discrete schedules. */
export const DDPM_SCHEDULES = ["linear", "cosine", "linear-logsnr"] as const;

/** Name of a discrete schedule; see {@linkcode ddpmSchedule}. */
export type DdpmScheduleKind = typeof DDPM_SCHEDULES[number];

/** Options of {@linkcode ddpmSchedule}. */
export interface DdpmScheduleOptions {
  /** The rule by which the noise grows. */
  readonly kind: DdpmScheduleKind;
  /**
   * Number of noise levels T, a whole number from 1 (2 with `zeroTerminalSnr`) to 100000.
   *
   * @default {1000}
   */
  readonly timesteps?: number;
  /**
   * First beta of a thousand steps, in (0, 1); scaled by 1000 / timesteps. "linear" alone.
   *
   * @default {0.0001}
   */
  readonly betaStart?: number;
  /**
   * Last beta of a thousand steps, in [betaStart, 1); scaled by 1000 / timesteps, and then still
   * below 1. "linear" alone.
   *
   * @default {0.02}
   */
  readonly betaEnd?: number;
  /**
   * Log signal-to-noise ratio at the last and at the first step, `[min, max]`, within [-200, 200].
   * "linear-logsnr" alone.
   *
   * @default {[-10, 10]}
   */
  readonly logSnrRange?: LogSnrRange;
  /**
   * Rescale so that the last level is pure noise, alpha = 0 exactly (arXiv 2305.08891, algorithm 1).
   *
   * @default {false}
   */
  readonly zeroTerminalSnr?: boolean;
}

/** A discrete schedule; index 0 is the least noise. All arrays have `timesteps` entries. */
export interface DdpmSchedule {
  /** Variance added by each step. */
  readonly betas: Float64Array;
  /** Running product of 1 - beta. */
  readonly alphaBar: Float64Array;
  /** Amplitude of the data, sqrt(alphaBar). */
  readonly alpha: Float64Array;
  /** Amplitude of the noise, sqrt(1 - alphaBar). */
  readonly sigma: Float64Array;
}

const CREATE = "create a DDPM schedule";
/** Most timesteps: everything that is made of a schedule has a number for each. */
const MOST_TIMESTEPS = 100_000;
const FIELDS = ["kind", "timesteps", "betaStart", "betaEnd", "logSnrRange", "zeroTerminalSnr"];
/** Largest beta of the schedules that are made from alphaBar. */
const MAX_BETA = 0.999;
/** The cosine schedule's offset, which keeps the first betas from being too small. */
const COSINE_OFFSET = 0.008;

/**
 * A discrete noise schedule, `alpha^2 = alphaBar = cumprod(1 - beta)`, `sigma^2 = 1 - alphaBar`.
 *
 * | kind | over timesteps T |
 * | --- | --- |
 * | "linear" | beta from `betaStart` to `betaEnd`, both times 1000 / T |
 * | "cosine" | alphaBar(t) = cos^2((t + 0.008) / 1.008 pi / 2), beta <= 0.999 |
 * | "linear-logsnr" | alphaBar(t) = sigmoid(l(t)), l from max to min of `logSnrRange`, beta <= 0.999 |
 *
 * where the last two take `beta_i = 1 - alphaBar((i + 1) / T) / alphaBar(i / T)`, as the code that
 * accompanies arXiv 2605.10790 does. `zeroTerminalSnr` shifts and scales alpha so that its first
 * value stays and its last is 0 (arXiv 2305.08891).
 *
 * @throws RangeError naming the option, the rule and the value
 */
export function ddpmSchedule(options: DdpmScheduleOptions): DdpmSchedule {
  checkFields(CREATE, "option", FIELDS, options);
  const kind = checkName(CREATE, "kind", DDPM_SCHEDULES, options.kind);
  const zeroTerminalSnr = options.zeroTerminalSnr ?? false;
  const least = zeroTerminalSnr ? 2 : 1;
  const timesteps = checkNumber(
    CREATE,
    "timesteps",
    `a whole number from ${least} to ${MOST_TIMESTEPS}${
      zeroTerminalSnr ? " with zeroTerminalSnr" : ""
    }`,
    options.timesteps ?? 1000,
    (value) => Number.isSafeInteger(value) && value >= least && value <= MOST_TIMESTEPS,
  );
  belongsTo("linear", kind, "betaStart", options.betaStart);
  belongsTo("linear", kind, "betaEnd", options.betaEnd);
  belongsTo("linear-logsnr", kind, "logSnrRange", options.logSnrRange);
  const schedule = fromBetas(BETAS[kind](timesteps, options));
  return zeroTerminalSnr ? rescaled(schedule) : schedule;
}

const BETAS: Record<
  DdpmScheduleKind,
  (steps: number, options: DdpmScheduleOptions) => Float64Array
> = {
  "linear": (steps, options) => {
    const inUnit = (value: number) => value > 0 && value < 1;
    const start = checkNumber(CREATE, "betaStart", "in (0, 1)", options.betaStart ?? 1e-4, inUnit);
    const holds = (value: number) => value >= start && value < 1;
    const end = checkNumber(
      CREATE,
      "betaEnd",
      `in [betaStart, 1) with betaStart ${start}`,
      options.betaEnd ?? 0.02,
      holds,
    );
    const scale = 1000 / steps;
    checkNumber(CREATE, "betaEnd x 1000 / timesteps", "below 1", end * scale, (value) => value < 1);
    const increment = steps > 1 ? (end - start) / (steps - 1) : 0;
    return Float64Array.from({ length: steps }, (_, i) => scale * (start + increment * i));
  },
  // 1 - cos^2(b) / cos^2(a), without the cancellation.
  "cosine": (steps) => {
    const angle = (i: number) => (i / steps + COSINE_OFFSET) / (1 + COSINE_OFFSET) * Math.PI / 2;
    const width = Math.PI / 2 / (1 + COSINE_OFFSET) / steps;
    return Float64Array.from({ length: steps }, (_, i) => {
      const a = angle(i);
      return Math.min(Math.sin(width) * Math.sin(2 * a + width) / Math.cos(a) ** 2, MAX_BETA);
    });
  },
  // 1 - sigmoid(l2) / sigmoid(l1), without the cancellation.
  "linear-logsnr": (steps, options) => {
    const range = checkLogSnrRange(CREATE, options.logSnrRange);
    const fall = (range[1] - range[0]) / steps;
    return Float64Array.from({ length: steps }, (_, i) => {
      const next = logSnrAt(range, (i + 1) / steps);
      return Math.min(-Math.expm1(-fall) * sigmoid(-next), MAX_BETA);
    });
  },
};

function belongsTo(
  owner: DdpmScheduleKind,
  kind: DdpmScheduleKind,
  option: string,
  value: unknown,
) {
  if (value === undefined || kind === owner) return;
  fail(CREATE, `${option} belongs to kind "${owner}" alone, not to "${kind}"`, value);
}

function fromBetas(betas: Float64Array): DdpmSchedule {
  const alphaBar = new Float64Array(betas.length),
    alpha = alphaBar.slice(),
    sigma = alphaBar.slice();
  let kept = 1, lost = 0; // alphaBar and 1 - alphaBar, each to its own relative accuracy
  for (const [i, beta] of betas.entries()) {
    lost += kept * beta;
    kept *= 1 - beta;
    alphaBar[i] = kept;
    alpha[i] = Math.sqrt(kept);
    sigma[i] = Math.sqrt(lost);
  }
  return { betas, alphaBar, alpha, sigma };
}

function rescaled({ alpha, sigma }: DdpmSchedule): DdpmSchedule {
  const first = alpha[0]!, last = alpha.at(-1)!;
  if (!(first > last)) {
    fail(CREATE, "with zeroTerminalSnr the last alpha must be below the first", last);
  }
  const moved = alpha.map((value, i) =>
    i === 0 ? first : (value - last) * (first / (first - last))
  );
  const alphaBar = moved.map((value) => value * value);
  return {
    betas: alphaBar.map((value, i) => 1 - value / (i === 0 ? 1 : alphaBar[i - 1]!)),
    alphaBar,
    alpha: moved,
    sigma: alphaBar.map((value, i) => i === 0 ? sigma[0]! : Math.sqrt(1 - value)),
  };
}
