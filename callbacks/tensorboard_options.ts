import type { Tensor } from "@tensorflow/tfjs-core";
import { checkCounts } from "../src/logs/training_clock.ts";
import { isWhole, nonNegative, type OptionTable, whole } from "../src/options/options.ts";
import { type EventFilePosition, isEventFileName } from "../src/tensorboard/event_file.ts";
import { pure } from "../src/pure.ts";

/** Pictures by tag: tensors, which are disposed once they are written, or the bytes of PNGs. */
export type TensorBoardImages = Readonly<Record<string, Tensor | Uint8Array>>;

/** Options of {@linkcode TensorBoard}. */
export interface TensorBoardOptions {
  /**
   * Write histograms of all weights every so many epochs, a whole number >= 0; 0 is never.
   * @default 0
   */
  readonly histograms?: number;
  /**
   * Write loss and metrics of one batch in so many, a whole number >= 0; 0 writes epochs alone.
   * @default 0
   */
  readonly everyBatches?: number;
  /**
   * Makes pictures to write at the end of an epoch, such as samples of a diffusion model. It is given the
   * epoch, counted from 0 over all fits.
   * @default none
   */
  readonly images?: ((epoch: number) => TensorBoardImages | Promise<TensorBoardImages>) | null;
  /**
   * Make pictures every so many epochs, a whole number >= 1.
   * @default 1
   */
  readonly imagesEvery?: number;
  /**
   * Texts in Markdown by tag, such as the configuration of the run; written once, at step 0.
   * @default none
   */
  readonly text?: Readonly<Record<string, string>> | null;
  /**
   * Seconds that values of batches may wait for others before they are written, >= 0.
   * @default 5
   */
  readonly flushSeconds?: number;
}

/** The state of a {@linkcode TensorBoard}, plain data for JSON. */
export interface TensorBoardState {
  readonly format: "signalfit-tensorboard-1";
  /** Epochs and batches that have ended. */
  readonly epochs: number;
  readonly steps: number;
  /** The files of the runs. */
  readonly files: { train?: EventFilePosition; val?: EventFilePosition };
}

/** The callback, for messages. */
export const NAME = "TensorBoard";

/** The rules of the options. */
export const TENSORBOARD_OPTIONS: OptionTable<Required<TensorBoardOptions>> = /* @__PURE__ */ pure(
  () => ({
    histograms: whole(0, 0),
    everyBatches: whole(0, 0),
    images: {
      fallback: null,
      rule: "must be a function of the epoch, or null",
      accepts: (value) => value === null || typeof value === "function",
    },
    imagesEvery: whole(1, 1),
    text: {
      fallback: null,
      rule: "must be an object of strings, or null",
      accepts: (value) =>
        value === null ||
        (typeof value === "object" &&
          Object.values(value).every((text) => typeof text === "string")),
    },
    flushSeconds: nonNegative(5),
  }),
);

/**
 * Checks a state before anything is changed.
 *
 * @throws {Error} naming the field, the rule and the value
 */
export function checkTensorBoardState(state: TensorBoardState): void {
  const refuse = (rule: string, value: unknown): never => {
    throw new Error(`Cannot restore ${NAME}: ${rule}, got ${value}`);
  };
  if (state?.format !== "signalfit-tensorboard-1") {
    refuse('the format must be "signalfit-tensorboard-1"', state?.format);
  }
  checkCounts(NAME, state);
  for (const run of ["train", "val"] as const) {
    const position = state.files?.[run];
    if (position === undefined) continue;
    if (!isEventFileName(position.name)) {
      refuse(`files.${run}.name must be that of an event file`, position.name);
    }
    if (!isWhole(position.bytes)) {
      refuse(`files.${run}.bytes must be a whole number >= 0`, position.bytes);
    }
  }
}
