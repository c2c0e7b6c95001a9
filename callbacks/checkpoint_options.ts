import * as tfl from "@tensorflow/tfjs-layers";
import { isBetter, type MonitorMode, monitorMode, monitorName } from "../src/logs/monitor.ts";
import {
  flag,
  type OptionSpec,
  type OptionTable,
  orNull,
  resolveOptions,
  whole,
} from "../src/options/options.ts";
import type { ResumableData } from "../src/training/training_batches.ts";
import { pure } from "../src/pure.ts";

/** Options of {@linkcode Checkpoint}. */
export interface CheckpointOptions {
  /**
   * Save after every so many batches, counted over the whole run: a whole number >= 1, or null for never.
   * @default null
   */
  readonly everySteps?: number | null;
  /**
   * Save after every so many epochs, a whole number >= 1, or null for never. What the last epoch leaves
   * is saved in any case.
   * @default 1
   */
  readonly everyEpochs?: number | null;
  /**
   * What to watch, a name in the history of `fit` such as "val_loss": an epoch that is better than all
   * before it is saved, and kept as the best. null for nothing.
   * @default null
   */
  readonly monitor?: string | null;
  /**
   * Whether less is better ("min") or more ("max"); "auto" takes more for names with "acc", "auc",
   * "precision", "recall" or "f1" in them, else less.
   * @default "auto"
   */
  readonly mode?: MonitorMode;
  /**
   * How many checkpoints stay, the newest ones: a whole number >= 1.
   * @default 3
   */
  readonly keep?: number;
  /**
   * Keep the best checkpoint, by `monitor`, beside them.
   * @default true
   */
  readonly keepBest?: boolean;
  /**
   * Callbacks whose state is saved: those with `getState` and `setState`, with `getWeights` and
   * `setWeights`, or with both. Others may stand in the list, and begin anew when a run is resumed.
   * @default []
   */
  readonly callbacks?: readonly tfl.Callback[];
  /**
   * The data that `fitDataset` is given, if they can begin with any batch, as those of
   * `trainingBatches`: the run is then resumed in the middle of an epoch.
   * @default null
   */
  readonly data?: ResumableData | null;
  /**
   * On Ctrl-C and SIGTERM finish the batch, save and stop training; a second one ends the process.
   * @default true
   */
  readonly onSignal?: boolean;
}

/** The option that lists callbacks. */
export const callbacksOption: OptionSpec<readonly tfl.Callback[]> = {
  fallback: [],
  rule: "must be a list of callbacks that are instances of a class, such as [new EmaWeights()]",
  accepts: (value) => Array.isArray(value) && value.every((each) => each instanceof tfl.Callback),
};

/** The option that gives data which can begin with any batch. */
export const dataOption: OptionSpec<ResumableData | null> = {
  fallback: null,
  rule: "must have a method seek(epoch, step), as trainingBatches has, or be null",
  accepts: (value) =>
    value === null || typeof (value as Partial<ResumableData>)?.seek === "function",
};

const OPTIONS: OptionTable<Required<CheckpointOptions>> = /* @__PURE__ */ pure(() => ({
  everySteps: orNull(whole(1)),
  everyEpochs: { ...orNull(whole(1)), fallback: 1 },
  monitor: orNull(monitorName("val_loss")),
  mode: monitorMode,
  keep: whole(3),
  keepBest: flag(true),
  callbacks: callbacksOption,
  data: dataOption,
  onSignal: flag(true),
}));

/** All options, checked, with what is not given filled in. */
export function resolveCheckpointOptions(given: CheckpointOptions): Required<CheckpointOptions> {
  return resolveOptions<Required<CheckpointOptions>>("Checkpoint", OPTIONS, given);
}

/** Whether a value is better than the best one. */
export function improves(
  value: number,
  best: number | null,
  { monitor, mode }: Pick<Required<CheckpointOptions>, "monitor" | "mode">,
): boolean {
  // A value that JSON has no number for could not be compared with after a resumption.
  return Number.isFinite(value) &&
    isBetter(value, best, { monitor: monitor ?? "", mode, minDelta: 0 });
}
