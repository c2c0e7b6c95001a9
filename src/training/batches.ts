import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { randomStream } from "../diffusion/numeric/random.ts";
import { type ModelParts, partsOf } from "./model_parts.ts";

/** Tensors for a model's inputs or outputs: one, a list, or by name. */
export type Tensors = tf.Tensor | tf.Tensor[] | { [name: string]: tf.Tensor };

/** Data and labels, as for `fit`; or a data set, as for `fitDataset`. */
export type TrainingData =
  | readonly [x: Tensors, y: Tensors]
  | Parameters<tfl.LayersModel["fitDataset"]>[0];

/** Batches without end: the inputs of a model, then its labels. */
export interface Batches {
  /** The next batch, to be disposed of. */
  next(): Promise<tf.Tensor[]>;
  /** Frees what is held beside the user's own data. */
  dispose(): void;
}

/** How batches are cut. */
export interface BatchOptions {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
}

/** What tells this use of a seed apart. */
const PURPOSE = 0x1d4;

/**
 * Batches of data, from the start again whenever they are over.
 *
 * @param model the model that is trained
 * @param doing opens messages, as in "find a learning rate"
 * @throws {Error} if the data do not fit the model
 */
export async function batchesOf(
  doing: string,
  model: tfl.LayersModel,
  data: TrainingData,
  options: BatchOptions,
): Promise<Batches> {
  if (Array.isArray(data) && data.length === 2) {
    return await ofTensors(partsOf(model), data as [Tensors, Tensors], options);
  }
  if (typeof (data as { iterator?: unknown } | undefined)?.iterator === "function") {
    return ofDataset(doing, partsOf(model), data as unknown as Iterable);
  }
  throw new TypeError(
    `Cannot ${doing}: data must be [x, y] with tensors, or a data set as for fitDataset, ` +
      `got ${Array.isArray(data) ? `a list of ${data.length}` : String(data)}`,
  );
}

async function ofTensors(
  model: ModelParts,
  [x, y]: readonly [Tensors, Tensors],
  { batchSize, shuffle, seed }: BatchOptions,
): Promise<Batches> {
  const [inputs, labels] = await model.standardizeUserData(x, y, null, null, true, batchSize);
  const all = [...inputs, ...labels], own = new Set(all);
  for (const tensor of [x, y].flatMap((given) => flat(given))) own.delete(tensor);
  const rows = all[0]!.shape[0]!, size = Math.min(batchSize, rows);
  let order: Uint32Array | undefined, epoch = 0, at = 0;
  return {
    next() {
      if (order === undefined || at + size > rows) {
        const random = randomStream(seed, PURPOSE, epoch++);
        order = shuffle
          ? random.permutation(rows)
          : Uint32Array.from({ length: rows }, (_, i) => i);
        at = 0;
      }
      const chosen = order.subarray(at, at += size);
      const batch = tf.tidy(() => {
        const indices = tf.tensor1d(Int32Array.from(chosen), "int32");
        return all.map((tensor) => tf.gather(tensor, indices));
      });
      return Promise.resolve(batch);
    },
    dispose: () => tf.dispose([...own]),
  };
}

/** What is used of a data set. */
interface Iterable {
  iterator(): Promise<{ next(): Promise<{ value: unknown; done?: boolean }> }>;
}

function ofDataset(doing: string, model: ModelParts, data: Iterable): Batches {
  let pass: Awaited<ReturnType<Iterable["iterator"]>> | undefined;
  return {
    async next() {
      for (let isFresh = pass === undefined;; isFresh = true) {
        pass ??= await data.iterator();
        const { value, done } = await pass.next();
        if (done) pass = undefined;
        if (value !== null && value !== undefined) return tensorsOf(doing, model, value);
        if (done && isFresh) throw new Error(`Cannot ${doing}: the data set has no batch`);
      }
    },
    dispose: () => {},
  };
}

/** The tensors of what a data set yields, in the model's order. */
function tensorsOf(doing: string, model: ModelParts, value: unknown): tf.Tensor[] {
  const { xs, ys } = value as { xs?: Tensors; ys?: Tensors };
  const side = (what: string, names: readonly string[], given: Tensors | undefined) => {
    const tensors = given === undefined
      ? []
      : given instanceof tf.Tensor || Array.isArray(given)
      ? [given].flat()
      : names.map((name) => given[name]);
    const there = tensors.filter((tensor) => tensor !== undefined);
    if (there.length === names.length) return there;
    tf.dispose(value as tf.TensorContainer);
    throw new Error(
      `Cannot ${doing}: a batch must be { xs, ys } with the ${what} ${names.join(", ")}, ` +
        `got ${there.length} of ${names.length}`,
    );
  };
  return [...side("inputs", model.inputNames, xs), ...side("outputs", model.outputNames, ys)];
}

function flat(given: Tensors): tf.Tensor[] {
  return given instanceof tf.Tensor ? [given] : Object.values(given);
}
