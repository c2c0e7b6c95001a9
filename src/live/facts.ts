import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { presentRate } from "../optimizers/learning_rate.ts";
import { decodeOptions } from "../optimizers/saved_config.ts";
import { isSchedule } from "../schedules/schedule.ts";

/** What a page says about a run, in the order in which it does. */
export type Facts = [label: string, value: string][];

/** Options of optimizers that say nothing where they have this value. */
const DULL: readonly unknown[] = [0, false, null, undefined, "auto", "propagate"];

/** The present facts about a model in training. */
export function factsOf(model: tfl.LayersModel, batchSize: unknown): Facts {
  const { optimizer, loss } = model;
  const { engine } = optimizer as { readonly engine?: unknown };
  const facts: Facts = [["Backend", tf.getBackend()]];
  if (typeof engine === "string") facts.push(["Engine", engine]);
  facts.push(["Optimizer", optimizer.getClassName()]);
  for (const [name, value] of Object.entries(configOf(optimizer))) {
    if (isSchedule(value)) facts.push([name, `${value.config.kind} schedule`]);
    else if (["number", "boolean", "string"].includes(typeof value) && !DULL.includes(value)) {
      facts.push([name, String(value)]);
    }
  }
  if (typeof loss === "string") facts.push(["Loss", loss]);
  if (typeof batchSize === "number") facts.push(["Batch size", String(batchSize)]);
  facts.push(["Parameters", model.countParams().toLocaleString("en")]);
  return facts;
}

/** A name for a run with this optimizer. */
export function optimizerName({ optimizer }: tfl.LayersModel): string {
  const rate = presentRate(optimizer), name = optimizer.getClassName();
  return rate === undefined ? name : `${name} ${rate}`;
}

/** Batches of an epoch, by what `fit` tells its callbacks; null where it does not know. */
export function batchesOf({ steps, samples, batchSize }: Record<string, unknown>): number | null {
  if (typeof steps === "number") return steps;
  if (typeof samples !== "number" || typeof batchSize !== "number") return null;
  return Math.ceil(samples / batchSize);
}

function configOf(optimizer: tf.Optimizer): Record<string, unknown> {
  try {
    return decodeOptions(optimizer.getConfig());
  } catch {
    return {}; // An optimizer of one's own need not have one.
  }
}
