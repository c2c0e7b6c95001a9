import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import type { EpochSums } from "../parallel/team_fit.ts";
import { trainedModel } from "./model_parts.ts";

/** Where a run goes on in the middle of an epoch. */
export interface EpochStart {
  readonly epoch: number;
  /** Batches of it that are done. */
  readonly step: number;
  /** What they have left; null where it was not saved. */
  readonly sums: EpochSums | null;
}

/** The callback of tfjs that sums the logs of batches: the first one in the list of each fit. */
interface BaseLogger {
  seen: number;
  totals: Record<string, number | tf.Tensor>;
  onEpochBegin(epoch: number): Promise<void>;
}

/** That of a model's last fit. */
const loggers = new WeakMap<tfl.LayersModel, BaseLogger>();
/** Where the next fit of a model goes on. */
const starts = new WeakMap<tfl.LayersModel, EpochStart>();
/** Batches of the present epoch that were done before the fit began. */
const earlier = new WeakMap<tfl.LayersModel, number>();
let isWatching = false;

/** Gets hold of what later fits sum: tfjs shows its list of callbacks to nobody else. */
export function watchSums(): void {
  if (isWatching) return;
  isWatching = true;
  const list = tfl.CallbackList.prototype, { setModel } = list;
  list.setModel = function (this: tfl.CallbackList, model) {
    setModel.call(this, model);
    const logger = this.callbacks[0] as unknown as BaseLogger;
    const trained = model as unknown as tfl.LayersModel;
    loggers.set(trained, logger);
    earlier.delete(trained);
    const start = starts.get(trained);
    starts.delete(trained);
    if (start !== undefined) goOn(trained, logger, start);
  };
}

/** Lets the next fit of a model begin in the middle of an epoch, as the data do; null for no more. */
export function startWithin(model: tfl.LayersModel, start: EpochStart | null): void {
  watchSums();
  if (start === null) starts.delete(trainedModel(model));
  else starts.set(trainedModel(model), start);
}

/** Batches of the present epoch that another fit has done, so that this one counts on from there. */
export function batchesBefore(model: tfl.LayersModel): number {
  return earlier.get(model) ?? 0;
}

/** Reads what the present fit of a model has summed; null without {@linkcode watchSums} before it. */
export async function readSums(model: tfl.LayersModel): Promise<EpochSums | null> {
  const logger = loggers.get(model);
  if (logger?.totals === undefined) return null;
  const tensors = Object.entries(logger.totals)
    .filter((entry): entry is [string, tf.Tensor] => entry[1] instanceof tf.Tensor);
  const values = await Promise.all(tensors.map(([, tensor]) => tensor.data()));
  const totals = tensors.map(([name], index) => {
    const value = values[index]![0]!;
    return [name, Number.isFinite(value) ? value : String(value)] as const;
  });
  return { seen: logger.seen, totals: Object.fromEntries(totals) };
}

/** Has the first epoch of a fit begin with what was done of it: its logs are then of all its batches. */
function goOn(model: tfl.LayersModel, logger: BaseLogger, { epoch, step, sums }: EpochStart): void {
  const { onEpochBegin } = logger;
  logger.onEpochBegin = async (present) => {
    await onEpochBegin.call(logger, present);
    const isIt = present === epoch && !earlier.has(model);
    earlier.set(model, isIt ? step : 0);
    if (!isIt || sums === null) return;
    logger.seen = sums.seen;
    for (const [name, total] of Object.entries(sums.totals)) {
      logger.totals[name] = tf.keep(tf.scalar(Number(total)));
    }
  };
}
