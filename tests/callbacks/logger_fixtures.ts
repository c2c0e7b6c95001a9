import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { counts } from "../support/backends.ts";
import { smallData, smallModel } from "../support/models.ts";
import { dataset } from "./fixtures.ts";

type FitDataset = Partial<Parameters<tfl.LayersModel["fitDataset"]>[1]>;
type Fit = NonNullable<Parameters<tfl.LayersModel["fit"]>[2]>;

/** A small classifier with data, and what is there once both are. */
export class Trainee {
  readonly #before = counts();
  readonly optimizer: tf.Optimizer;
  readonly model: tfl.Sequential;
  readonly data: { xs: tf.Tensor2D; ys: tf.Tensor2D };
  readonly standing: ReturnType<typeof counts>;

  constructor(rows = 20, optimizer: () => tf.Optimizer = () => tf.train.sgd(0.1)) {
    this.optimizer = optimizer();
    this.model = smallModel("logged");
    this.data = smallData(rows);
    const metrics = ["accuracy"], loss = "categoricalCrossentropy";
    this.model.compile({ optimizer: this.optimizer, loss, metrics });
    this.standing = counts();
  }

  /** Fits in batches of 4, in order. */
  fit(args: Fit): Promise<tfl.History> {
    const { xs, ys } = this.data;
    return this.model.fit(xs, ys, { batchSize: 4, shuffle: false, verbose: 0, ...args });
  }

  /** The same from a data set of so many batches that does not know its size. */
  fitDataset(batches: number, args: FitDataset): Promise<tfl.History> {
    const make = (i: number) => ({
      xs: tf.slice(this.data.xs, [4 * i], [4]),
      ys: tf.slice(this.data.ys, [4 * i], [4]),
    });
    return this.model.fitDataset(dataset(batches, make), { epochs: 1, verbose: 0, ...args });
  }

  /** Frees everything, and tells whether nothing but that was left: the same counts as before. */
  close(): { before: ReturnType<typeof counts>; after: ReturnType<typeof counts> } {
    this.model.dispose();
    this.optimizer.dispose();
    tf.dispose([this.data.xs, this.data.ys]);
    return { before: this.#before, after: counts() };
  }
}

/** Throws in a batch, counted from 1 over all fits. */
export class ThrowAt extends tfl.Callback {
  #step = 0;
  constructor(readonly step: number) {
    super();
  }
  override onBatchEnd(): Promise<void> {
    return ++this.#step === this.step ? Promise.reject(new Error("on purpose")) : Promise.resolve();
  }
}

/** Notes the losses of batches. */
export class Losses extends tfl.Callback {
  readonly values: number[] = [];
  override async onBatchEnd(_batch: number, logs?: tfl.Logs): Promise<void> {
    this.values.push((await (logs!.loss as unknown as tf.Scalar).data())[0]!);
  }
}
