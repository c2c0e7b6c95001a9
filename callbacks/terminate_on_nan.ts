import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { hostMemory } from "../src/engines/host_memory.ts";
import { BatchReader, type Row } from "../src/logs/batch_reader.ts";
import { countNonFinite, nonFiniteOf, type NonFiniteWeight } from "../src/logs/find_non_finite.ts";
import { type Logs, resolveLogs } from "../src/logs/resolve_logs.ts";
import { type ClockState, TrainingClock } from "../src/logs/training_clock.ts";
import { flag, isWhole, type OptionTable, resolveOptions } from "../src/options/options.ts";
import { pure } from "../src/pure.ts";
import { isWriter } from "../src/parallel/team_fit.ts";
import { batchesBefore } from "../src/training/epoch_start.ts";
import { OwnCallback } from "../src/training/own_callback.ts";

/** Options of {@linkcode TerminateOnNaN}. */
export interface TerminateOnNaNOptions {
  /**
   * The losses are looked at every so many batches, all of them together: a whole number >= 1. "auto" is 1
   * where that costs nothing (cpu, wasm), and 20 on a device, which is read while training goes on; a bad
   * loss is then noticed up to 40 batches later, or at the end of the epoch.
   * @default "auto"
   */
  readonly everyBatches?: number | "auto";
  /**
   * Look at the weights as well, whenever the losses are looked at: five operations a weight. A gradient
   * may be NaN in some layers while the loss is still finite; one step later the loss is NaN, and all
   * layers with it. With `everyBatches: 1` this names the layer where it began.
   * @default false
   */
  readonly watchWeights?: boolean;
}

/** What was found when training was stopped. */
export interface NonFiniteReport {
  /** The first batch with such a loss or, at its end, such weights, counted from 1 over all fits. */
  readonly step: number;
  /** Its epoch and its number there, both counted from 0. */
  readonly epoch: number;
  /** The batch in which it was seen, counted from 0 within its epoch. */
  readonly batch: number;
  /** The loss of that batch; finite if it was the weights. */
  readonly loss: number;
  /** The batch at whose end the weights were looked at. */
  readonly seenAt: number;
  /** The first layer that has such weights, or null if all weights are finite. */
  readonly layer: string | null;
  /** All weights with values that are NaN or infinite, in the order of the layers. */
  readonly weights: readonly NonFiniteWeight[];
  /** The same in a sentence. */
  readonly message: string;
}

/** @internal */
interface BatchNote {
  readonly step: number;
  readonly epoch: number;
  readonly batch: number;
}

const NAME = "TerminateOnNaN";
/** Batches between two looks at a device. */
const ON_DEVICE = 20;

const OPTIONS: OptionTable<Required<TerminateOnNaNOptions>> = /* @__PURE__ */ pure(() => ({
  everyBatches: {
    fallback: "auto",
    rule: 'must be a whole number >= 1, or "auto"',
    accepts: (value) => value === "auto" || isWhole(value, 1),
  },
  watchWeights: flag(false),
}));

/**
 * Stops training when a loss is NaN or infinite. `report` then tells the batch, and the layers whose
 * weights have been hit by then; a line on the console says the same. No loss is missed, however seldom
 * they are looked at.
 *
 * The weights are those after the optimizer's steps, which carry a NaN on to all layers it has a gradient
 * for. With an optimizer that leaves out such steps (`onNonFinite: "skip"`) they are all finite, and the
 * loss is where to look.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import * as tfl from "@tensorflow/tfjs-layers";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { TerminateOnNaN } from "@signalfit/tfjs";
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: tf.train.sgd(1e30), loss: "meanSquaredError" });
 * const terminate = new TerminateOnNaN();
 * const [x, y] = [tf.ones([8, 2]), tf.zeros([8, 1])];
 * await model.fit(x, y, { batchSize: 1, verbose: 0, callbacks: [terminate] });
 * console.assert(terminate.report!.step < 8 && terminate.report!.layer === model.layers[0]!.name);
 * ```
 */
export class TerminateOnNaN extends OwnCallback {
  readonly #options: Required<TerminateOnNaNOptions>;
  readonly #clock = new TrainingClock();
  readonly #reader = new BatchReader<BatchNote>();
  #report: NonFiniteReport | null = null;
  #epoch = 0;
  #every = 1;
  #unseen = 0;

  /**
   * Prepares the callback; nothing happens before a fit begins.
   *
   * @param options see {@linkcode TerminateOnNaNOptions}
   * @throws {RangeError} if an option is out of its range
   * @throws {TypeError} if there is no such option
   */
  constructor(options: TerminateOnNaNOptions = {}) {
    super();
    this.#options = resolveOptions<Required<TerminateOnNaNOptions>>(NAME, OPTIONS, options);
  }

  /** What was found, or null if training was not stopped. A new fit begins without. */
  get report(): NonFiniteReport | null {
    return this.#report;
  }

  /** The counts of epochs and batches as plain data. */
  getState(): ClockState {
    return this.#clock.getState();
  }

  /**
   * Goes on counting from a saved state.
   *
   * @throws {Error} if it is no such state; nothing has changed then
   */
  setState(state: ClockState): void {
    this.#clock.setState(NAME, state);
  }

  /** Frees what waits on a device, after a fit that threw. */
  dispose(): void {
    this.#reader.dispose();
    this.#unseen = 0;
  }

  /** Makes ready for a new fit. */
  override onTrainBegin(): Promise<void> {
    this.dispose();
    this.#report = null;
    const { everyBatches } = this.#options;
    const isAtHand = hostMemory() !== undefined;
    this.#every = everyBatches !== "auto" ? everyBatches : isAtHand ? 1 : ON_DEVICE;
    return Promise.resolve();
  }

  /** Notes which epoch begins. */
  override onEpochBegin(epoch: number): Promise<void> {
    this.#epoch = this.#clock.epoch(epoch);
    return Promise.resolve();
  }

  /** Keeps the batch's loss, and looks at what was kept if it is time. */
  override async onBatchEnd(index: number, logs?: tfl.Logs | Logs): Promise<void> {
    const step = this.#clock.endBatch();
    if (this.#report !== null) return;
    const batch = batchesBefore(this.model) + index,
      note = { step, epoch: this.#epoch, batch },
      loss = (logs as Logs | undefined)?.loss;
    const isTimeToLook = ++this.#unseen >= this.#every;
    if (isTimeToLook && this.#options.watchWeights) {
      const counts = countNonFinite(this.model);
      this.#reader.keep(note, { ...counts, loss });
      tf.dispose(counts);
    } else {
      this.#reader.keep(note, { loss });
    }
    if (!isTimeToLook) return;
    this.#unseen = 0;
    await this.#look(await this.#reader.take());
  }

  /** Looks at what is left of the epoch. */
  override async onEpochEnd(epoch: number): Promise<void> {
    this.#clock.endEpoch(epoch);
    this.#unseen = 0;
    if (this.#report === null) await this.#look(await this.#reader.drain());
  }

  /** Stops training if a batch is bad. */
  async #look(rows: readonly Row<BatchNote>[]): Promise<void> {
    const bad = rows.find(({ values: { loss, ...counts } }) =>
      !Number.isFinite(loss) || Object.values(counts).some((count) => count > 0)
    );
    if (bad === undefined) return;
    this.model.stopTraining = true;
    this.#reader.dispose();
    const { note, values: { loss = NaN, ...counts } } = bad, isLoss = !Number.isFinite(loss);
    const counted = Object.keys(counts).length > 0;
    const weights = nonFiniteOf(this.model, counted ? counts : await read(this.model));
    const seenAt = counted ? note.step : this.#clock.steps, [first] = weights;
    const { step, epoch, batch } = note;
    const at = `at step ${step} (epoch ${epoch}, batch ${batch}, both from 0)`;
    const what = isLoss
      ? `the loss is ${loss} ${at}`
      : `weights are not finite ${at}, while the loss is ${loss}`;
    const hit = first === undefined
      ? "all weights are finite"
      : `the first layer with weights that are not finite is "${first.layer}": ${first.count} of ` +
        `${first.size} values of "${first.weight}"`;
    const message = `${what}; training stops. After step ${seenAt}, ${hit}`;
    const layer = first?.layer ?? null;
    this.#report = { ...note, loss, seenAt, layer, weights, message };
    if (isWriter(this.model)) console.warn(`${NAME}: ${message}`);
  }
}

/** The counts of the present weights. */
async function read(model: tfl.LayersModel): Promise<Record<string, number>> {
  const counts = countNonFinite(model);
  return await resolveLogs(counts);
}
