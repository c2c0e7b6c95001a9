import * as tf from "@tensorflow/tfjs-core";
import { randomStream } from "../diffusion/numeric/random.ts";
import {
  flag,
  type OptionSpec,
  type OptionTable,
  resolveOptions,
  whole,
} from "../options/options.ts";
import { setShare, shareOf } from "../parallel/share.ts";
import type { Team } from "../parallel/team.ts";
import type { Tensors } from "./batches.ts";
import { pure } from "../pure.ts";

/** Options of {@linkcode trainingBatches}. */
export interface TrainingBatchesOptions {
  /**
   * Rows in a batch, a whole number >= 1; the last one of an epoch may have fewer.
   * @default 32
   */
  readonly batchSize?: number;
  /**
   * Seed of the order, a whole number >= 0. Each epoch has an order of its own.
   * @default 0
   */
  readonly seed?: number;
  /**
   * Whether rows come in random order, not as they are.
   * @default true
   */
  readonly shuffle?: boolean;
  /**
   * The ranks that train together, see `joinMpi`: a batch has `batchSize` rows in all, of which each rank
   * gets its part. All ranks give the same x, y and options. null for this process alone.
   * @default null
   */
  readonly team?: Team | null;
}

/** Data that can begin with any batch, so that a run goes on in the middle of an epoch. */
export interface ResumableData {
  /**
   * Lets the next pass begin with a batch in the middle of an epoch, both counted from 0. The passes after
   * it are whole.
   */
  seek(epoch: number, step: number): void;
  /**
   * What tells this order of batches from any other, as plain values by name. A run is resumed only with
   * data that have the same.
   */
  readonly order?: Readonly<Record<string, string | number | boolean>>;
}

/** The option that gives data which can begin with any batch. */
export const dataOption: OptionSpec<ResumableData | null> = {
  fallback: null,
  rule: "must have a method seek(epoch, step), as trainingBatches has, or be null",
  accepts: (value) =>
    value === null || typeof (value as Partial<ResumableData>)?.seek === "function",
};

/** One batch, as `fitDataset` takes it. */
export interface TrainingBatch<X extends Tensors = Tensors, Y extends Tensors = Tensors> {
  /** The inputs, samples along the first axis. */
  readonly xs: X;
  /** The targets, samples along the first axis. */
  readonly ys: Y;
}

const OPTIONS: OptionTable<Required<TrainingBatchesOptions>> = /* @__PURE__ */ pure(() => ({
  batchSize: whole(32, 1),
  seed: whole(0, 0),
  shuffle: flag(true),
  team: {
    fallback: null,
    rule: "must be the team of joinMpi(), or null",
    accepts: (value) => value === null || typeof (value as Partial<Team>)?.allReduce === "function",
  },
}));

/** Tells this use of a seed apart from others. */
const PURPOSE = 0x5f3;

/** Batches of tensors for `fitDataset`, in an order that a seed gives; see {@linkcode trainingBatches}. */
export class TrainingBatches<X extends Tensors = Tensors, Y extends Tensors = Tensors>
  implements ResumableData {
  /** Batches in an epoch. */
  readonly size: number;
  readonly #x: X;
  readonly #y: Y;
  readonly #rows: number;
  readonly #options: Required<TrainingBatchesOptions>;
  #next = { epoch: 0, step: 0 };

  /** See {@linkcode trainingBatches}. */
  constructor(x: X, y: Y, options: TrainingBatchesOptions = {}) {
    this.#options = resolveOptions<Required<TrainingBatchesOptions>>(
      "batches",
      OPTIONS,
      options,
    );
    const rows = [...tensorsOf("x", x), ...tensorsOf("y", y)].map(({ shape }) => shape[0]);
    if (rows[0] === undefined || rows[0] < 1 || rows.some((count) => count !== rows[0])) {
      throw new RangeError(
        `Cannot create batches: x and y must have the same number of rows, at least 1, got ` +
          rows.map((count) => count ?? "a scalar").join(", "),
      );
    }
    this.#x = x;
    this.#y = y;
    this.#rows = rows[0];
    this.size = Math.ceil(this.#rows / this.#options.batchSize);
  }

  /** What the order depends on. */
  get order(): Readonly<Record<string, string | number | boolean>> {
    const { team: _, ...order } = this.#options; // the same for any number of ranks
    return { rows: this.#rows, ...order };
  }

  /**
   * Lets the next pass begin with batch `step` of `epoch`, both counted from 0; the passes after it are
   * whole ones of the epochs that follow.
   *
   * @throws {RangeError} if there is no such batch
   */
  seek(epoch: number, step: number): void {
    if (!(Number.isSafeInteger(epoch) && epoch >= 0)) {
      throw new RangeError(`Cannot seek: epoch must be a whole number >= 0, got ${epoch}`);
    }
    if (!(Number.isSafeInteger(step) && step >= 0 && step <= this.size)) {
      throw new RangeError(
        `Cannot seek: step must be a whole number from 0 to ${this.size}, got ${step}`,
      );
    }
    this.#next = { epoch, step };
  }

  /** A pass over the data, for `fitDataset`; it begins with the first batch that is asked for. */
  iterator(): Promise<AsyncIterator<TrainingBatch<X, Y>, undefined>> {
    return Promise.resolve(this.#pass());
  }

  async *#pass(): AsyncGenerator<TrainingBatch<X, Y>, undefined> {
    const { epoch, step } = this.#next, { batchSize, seed, shuffle, team } = this.#options;
    this.#next = { epoch: epoch + 1, step: 0 };
    const order = shuffle
      ? Int32Array.from(randomStream(seed, PURPOSE, epoch).permutation(this.#rows))
      : Int32Array.from({ length: this.#rows }, (_, i) => i);
    for (let at = step * batchSize; at < this.#rows; at += batchSize) {
      const rows = ownOf(order.slice(at, at + batchSize), team);
      yield await Promise.resolve({ xs: pick(this.#x, rows), ys: pick(this.#y, rows) });
    }
    return undefined;
  }
}

/**
 * Batches of tensors for `fitDataset`, in random order: the batches of epoch n depend on the seed and on n
 * alone. With a {@linkcode Checkpoint} that is given them as `data`, a run that was stopped anywhere goes
 * on with the very batch that would have come next. `fitDataset` is to be called without
 * `batchesPerEpoch`.
 *
 * @param x the inputs: a tensor, a list or a record of them by the names of the model's inputs
 * @param y the labels, likewise; both are read, never disposed
 * @throws {RangeError} if an option is out of its range, or the numbers of rows differ
 * @throws {TypeError} if there is no such option
 */
export function trainingBatches<X extends Tensors, Y extends Tensors>(
  x: X,
  y: Y,
  options: TrainingBatchesOptions = {},
): TrainingBatches<X, Y> {
  return new TrainingBatches(x, y, options);
}

/** The rows of a batch that are this rank's: at least one, which stands in where there are too few. */
function ownOf(rows: Int32Array, team: Team | null): Int32Array {
  if (team === null) return rows;
  const share = shareOf(team, rows.length);
  setShare(team, share);
  return share.own === 0 ? rows.slice(0, 1) : rows.slice(share.first, share.first + share.own);
}

function tensorsOf(name: string, given: Tensors): tf.Tensor[] {
  const tensors = given instanceof tf.Tensor ? [given] : Object.values(given ?? {});
  if (tensors.length > 0 && tensors.every((each) => each instanceof tf.Tensor)) return tensors;
  throw new TypeError(
    `Cannot create batches: ${name} must be a tensor, a list or a record of tensors, got ` +
      String(given),
  );
}

function pick<Given extends Tensors>(given: Given, rows: Int32Array): Given {
  return tf.tidy(() => {
    const indices = tf.tensor1d(rows, "int32");
    if (given instanceof tf.Tensor) return tf.gather(given, indices) as tf.Tensor as Given;
    const picked = Object.entries(given).map(([name, each]) =>
      [name, tf.gather(each as tf.Tensor, indices)] as const
    );
    return (Array.isArray(given)
      ? picked.map(([, tensor]) => tensor)
      : Object.fromEntries(picked)) as Given;
  });
}
