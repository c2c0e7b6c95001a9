import {
  type InferValue,
  message,
  object,
  option,
  optional,
  text,
  type ValueParser,
  withDefault,
} from "@optique/core";
import { choice, float, string } from "@optique/core/valueparser";
import { BACKENDS } from "../lib/backend_names.ts";
import { integer } from "../lib/integer.ts";
import { CHOSEN_KINDS, parseSchedule, type ScheduleChoice } from "./schedules.ts";

/** A learning rate, > 0. */
export const learningRate: ValueParser<"sync", number> = float({
  metavar: "RATE",
  min: Number.MIN_VALUE,
  errors: { belowMinimum: (rate) => message`A learning rate is above 0, not ${String(rate)}.` },
});

/** Steps in which a learning rate is looked for. */
export const SWEEP_STEPS = 200;

/** What `--model` may be. */
export const modelWords =
  message`conv (a small convolutional network, for images), mlp (one hidden layer of 128) or linear (one layer), a JSON file with the topology of a layers model of TensorFlow.js, or a directory with a saved one. If left out: conv over images of 13 x 13 pixels or more, else mlp.`;

/** How a model is trained, whichever it is and whatever the optimizer. */
export const trainingFields = {
  epochs: optional(
    option("--epochs", integer({ metavar: "N", min: 1 }), {
      description:
        message`Passes over the rows. If left out: 3 over images, 5 with linear, 50 over a table.`,
    }),
  ),
  batchSize: optional(
    option("--batch-size", integer({ metavar: "N", min: 1 }), {
      description:
        message`Rows in a batch. If left out: 128 images, 64 with conv, 16 rows of a table.`,
    }),
  ),
  seed: withDefault(
    option("--seed", integer({ metavar: "N", min: 0, max: 2 ** 31 - 1 }), {
      description: message`Seed of the initial weights and of the order of the rows.`,
    }),
    1,
  ),
  schedule: optional(
    option("--schedule", scheduleParser(), {
      description: message`How the learning rate goes over the training: ${
        text(CHOSEN_KINDS.join(", "))
      }. Options of it may follow, as in cosine:alpha=0.1. For the optimizers of signalfit.`,
    }),
  ),
  warmup: withDefault(
    option("--warmup", integer({ metavar: "STEPS", min: 0 }), {
      description: message`Steps in which the learning rate rises from 0 first.`,
    }),
    0,
  ),
  backend: withDefault(
    option("--backend", choice(["auto", ...BACKENDS], { metavar: "NAME", suggest: "nearest" }), {
      description:
        message`Backend of TensorFlow.js; auto takes the fastest that can train the model.`,
    }),
    "auto" as const,
  ),
};

/** The same with one model, under a heading of their own. */
export const trainingOptions = object("Training", {
  model: optional(
    option("--model", string({ metavar: "MODEL" }), { description: modelWords }),
  ),
  ...trainingFields,
});

/** What {@link trainingOptions} gives. */
export type TrainingOptions = InferValue<typeof trainingOptions>;

function scheduleParser(): ValueParser<"sync", ScheduleChoice> {
  return {
    mode: "sync",
    metavar: "KIND",
    placeholder: { kind: "constant", options: {} },
    format: ({ kind }) => kind,
    parse(input) {
      try {
        return { success: true, value: parseSchedule(input) };
      } catch (error) {
        return { success: false, error: message`${text((error as Error).message)}.` };
      }
    },
    *suggest(prefix) {
      for (const kind of CHOSEN_KINDS) {
        if (kind.startsWith(prefix)) yield { kind: "literal", text: kind };
      }
    },
  };
}
