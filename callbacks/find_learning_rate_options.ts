import * as tfl from "@tensorflow/tfjs-layers";
import {
  decayRate,
  flag,
  type OptionTable,
  positive,
  resolveOptions,
  whole,
} from "../src/options/options.ts";
import { pure } from "../src/pure.ts";

/** Options of {@linkcode findLearningRate}. */
export interface FindLearningRateOptions {
  /**
   * The first rate, a finite number > 0.
   * @default 1e-7
   */
  readonly minRate?: number;
  /**
   * The last rate, a finite number above `minRate`.
   * @default 10
   */
  readonly maxRate?: number;
  /**
   * Steps from the first to the last rate, a whole number >= 10.
   * @default 100
   */
  readonly steps?: number;
  /**
   * Rows in a batch of `[x, y]`, a whole number >= 1. A data set brings its own batches.
   * @default 32
   */
  readonly batchSize?: number;
  /**
   * Whether to take the rows of `[x, y]` in random order, new each time they are over.
   * @default true
   */
  readonly shuffle?: boolean;
  /**
   * Seed of that order, a whole number >= 0.
   * @default 0
   */
  readonly seed?: number;
  /**
   * How much the smoothed loss at a step counts that of the next one, in [0, 1).
   * @default 0.8
   */
  readonly smoothing?: number;
  /**
   * The sweep stops when the running mean of the loss is so many times its least: a finite number > 1.
   * @default 4
   */
  readonly divergence?: number;
  /**
   * Callbacks that the loss needs in order to train, such as an ERD: classes, not plain objects. Those
   * with `getState` and `setState` are put back into their state.
   * @default none
   */
  readonly callbacks?: readonly tfl.Callback[];
}

const OWNER = "a learning rate sweep";

const OPTIONS: OptionTable<Required<FindLearningRateOptions>> = /* @__PURE__ */ pure(() => ({
  minRate: positive(1e-7),
  maxRate: positive(10),
  steps: whole(100, 10),
  batchSize: whole(32, 1),
  shuffle: flag(true),
  seed: whole(0, 0),
  smoothing: decayRate(0.8),
  divergence: {
    fallback: 4,
    rule: "must be a finite number > 1",
    accepts: (value) => typeof value === "number" && Number.isFinite(value) && value > 1,
  },
  callbacks: {
    fallback: [],
    rule: "must be a list of class callbacks",
    accepts: (value) =>
      Array.isArray(value) && value.every((callback) => callback instanceof tfl.Callback),
  },
}));

/** All options, checked. */
export function resolveFindOptions(
  given: FindLearningRateOptions,
): Required<FindLearningRateOptions> {
  const options = resolveOptions<Required<FindLearningRateOptions>>(OWNER, OPTIONS, given);
  const { minRate, maxRate } = options;
  if (maxRate <= minRate) {
    throw new RangeError(
      `Cannot create ${OWNER}: maxRate must be above minRate, ${minRate}, got ${maxRate}`,
    );
  }
  return options;
}
