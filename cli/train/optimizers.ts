import * as tf from "@tensorflow/tfjs-core";
import {
  filtered,
  type OptimizerName as OurName,
  OPTIMIZERS as OURS_BY_NAME,
} from "@signalfit/tfjs";
import {
  decayRate,
  flag,
  nonNegative,
  type OptionTable,
  resolveOptions,
} from "@signalfit/tfjs/parts";
import type { OptionSpec } from "@signalfit/tfjs";
import type { LearningRate } from "@signalfit/tfjs";
import { learningRateOption } from "@signalfit/tfjs/parts";
import { nearest } from "@signalfit/tfjs/parts";
import { UsageError } from "../exit_codes.ts";
import { longName } from "./long_name.ts";

/** Options of an optimizer by name, none of them checked yet. */
export type GivenOptions = Readonly<Record<string, unknown>>;

/** An optimizer that the program can train with. */
export interface OptimizerEntry {
  /** Whose it is. */
  readonly from: "signalfit" | "tfjs";
  /** Its options. */
  readonly table: Readonly<Record<string, OptionSpec<unknown>>>;
  /** Makes one of options that are checked. */
  create(options: GivenOptions): tf.Optimizer;
}

const OURS = Object.fromEntries(
  Object.entries(OURS_BY_NAME).map(([name, { options, create }]): [string, OptimizerEntry] => [
    name,
    { from: "signalfit", table: options, create },
  ]),
) as Readonly<Record<OurName, OptimizerEntry>>;

/** What tfjs's optimizers have in common here: a fixed rate, and the filter in front if asked for. */
interface TfjsOptions {
  readonly learningRate: LearningRate;
  readonly filter: boolean;
}

const fixedRate = (fallback: number): OptionSpec<LearningRate> => ({
  ...learningRateOption(fallback),
  rule: "must be a finite number > 0, as tfjs's optimizers have no schedules",
  accepts: (value) => typeof value === "number" && Number.isFinite(value) && value > 0,
});

function theirs<Options extends object>(
  learningRate: number,
  table: OptionTable<Options>,
  create: (learningRate: number, options: Options) => tf.Optimizer,
): OptimizerEntry {
  return {
    from: "tfjs",
    table: { learningRate: fixedRate(learningRate), ...table, filter: flag(false) },
    create(given) {
      const options = given as unknown as Options & TfjsOptions;
      const optimizer = create(options.learningRate as number, options);
      return options.filter ? filtered(optimizer) : optimizer;
    },
  };
}

const ADAM = { beta1: decayRate(0.9), beta2: decayRate(0.999), epsilon: nonNegative(1e-7) };

/**
 * Those of tfjs, with `tfjs-` before the names that the library has too. tfjs asks for a rate of most of its
 * own; what stands here is Keras's, but 0.1 for momentum and 0.01 for SGD.
 */
const THEIRS = {
  sgd: theirs(0.01, {}, (rate) => tf.train.sgd(rate)),
  adam: theirs(
    1e-3,
    ADAM,
    (rate, { beta1, beta2, epsilon }) => tf.train.adam(rate, beta1, beta2, epsilon),
  ),
  adamax: theirs(
    2e-3,
    ADAM,
    (rate, { beta1, beta2, epsilon }) => tf.train.adamax(rate, beta1, beta2, epsilon),
  ),
  adagrad: theirs(0.01, {}, (rate) => tf.train.adagrad(rate)),
  adadelta: theirs(
    1,
    { alpha: decayRate(0.95), epsilon: nonNegative(1e-7) },
    (rate, { alpha, epsilon }) => tf.train.adadelta(rate, alpha, epsilon),
  ),
  "tfjs-momentum": theirs(
    0.1,
    { momentum: decayRate(0.9), nesterov: flag(false) },
    (rate, { momentum, nesterov }) => tf.train.momentum(rate, momentum, nesterov),
  ),
  "tfjs-rmsprop": theirs(
    1e-3,
    {
      alpha: decayRate(0.9),
      momentum: decayRate(0),
      epsilon: nonNegative(1e-7),
      centered: flag(false),
    },
    (rate, { alpha, momentum, epsilon, centered }) =>
      tf.train.rmsprop(rate, alpha, momentum, epsilon, centered),
  ),
};

/** The optimizers by name: all of the library, and those of tfjs. */
export const OPTIMIZERS: Readonly<Record<OptimizerName, OptimizerEntry>> = { ...OURS, ...THEIRS };

/** Name of an optimizer. */
export type OptimizerName = OurName | keyof typeof THEIRS;

/** The names of {@link OPTIMIZERS}. */
export const OPTIMIZER_NAMES = Object.keys(OPTIMIZERS) as [OptimizerName, ...OptimizerName[]];

/**
 * All options of an optimizer, checked, with what is not given filled in.
 *
 * @throws {UsageError} if an option is out of its range, or the optimizer does not have it
 */
export function resolveOptimizer(name: OptimizerName, given: GivenOptions): GivenOptions {
  const { from, table, create } = OPTIMIZERS[name];
  for (const option of Object.keys(given)) {
    if (Object.hasOwn(table, option)) continue;
    const near = nearest(option, Object.keys(table));
    throw new UsageError(
      `${name} has no option ${longName(option)}; ` +
        (near === undefined
          ? `it has ${Object.keys(table).map(longName).join(", ")}`
          : `did you mean ${longName(near)}?`),
    );
  }
  try {
    const options = resolveOptions<Record<string, unknown>>(name, table, given);
    // Some of ours go together with some others only. Those of tfjs need a backend to be made.
    if (from === "signalfit") create(options).dispose();
    return options;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Makes an optimizer of options that {@link resolveOptimizer} gave, with a rate or a schedule. */
export function createOptimizer(
  name: OptimizerName,
  options: GivenOptions,
  learningRate: LearningRate,
): tf.Optimizer {
  return OPTIMIZERS[name].create({ ...options, learningRate });
}
