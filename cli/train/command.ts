import {
  type InferValue,
  merge,
  message,
  object,
  option,
  optional,
  text,
  type ValueParser,
  withDefault,
} from "@optique/core";
import { choice } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import { type Command, defineCommand } from "../command.ts";
import { dataOptions } from "../data/options.ts";
import { liveOptions, outputOptions } from "../lib/common_options.ts";
import { integer } from "../lib/integer.ts";
import { optimizerOptions } from "./optimizer_options.ts";
import { OPTIMIZER_NAMES, type OptimizerName } from "./optimizers.ts";
import { learningRate, SWEEP_STEPS, trainingOptions } from "./options.ts";

const parser = merge(
  dataOptions,
  trainingOptions,
  object("Optimizer", {
    optimizer: withDefault(
      option(
        "--optimizer",
        choice(OPTIMIZER_NAMES, { metavar: "NAME", suggest: "nearest" }),
        {
          description: message`${
            text(OPTIMIZER_NAMES.join(", "))
          }. Those up to lion are of signalfit, the others of TensorFlow.js itself.`,
        },
      ),
      "adamf" as OptimizerName,
    ),
    learningRate: optional(
      option("--learning-rate", "--lr", learningRateOrAuto(), {
        description:
          message`Step size, the highest one with a schedule, or auto, which looks for one in ${
            text(String(SWEEP_STEPS))
          } steps first. If left out: the optimizer's own.`,
      }),
    ),
  }),
  optimizerOptions,
  object("What is kept", {
    checkpoints: optional(
      option("--checkpoints", path({ metavar: "DIR", type: "directory" }), {
        description:
          message`Save the run there after each epoch and on Ctrl-C, so that it can go on.`,
      }),
    ),
    everySteps: optional(
      option("--checkpoint-every", integer({ metavar: "STEPS", min: 1 }), {
        description: message`Save it after every so many batches as well.`,
      }),
    ),
    resume: withDefault(
      option("--resume", {
        description:
          message`Go on with the run in --checkpoints, with the same options; begin it if there is none.`,
      }),
      false,
    ),
    save: optional(
      option("--save", path({ metavar: "DIR", type: "directory" }), {
        description: message`Save the trained model there, in the format of TensorFlow.js.`,
      }),
    ),
    tensorboard: optional(
      option("--tensorboard", path({ metavar: "DIR", type: "directory" }), {
        description: message`Event files for TensorBoard.`,
      }),
    ),
    csv: optional(
      option("--csv", path({ metavar: "FILE", type: "file", allowCreate: true }), {
        description: message`The history, a row an epoch, as CSV.`,
      }),
    ),
  }),
  liveOptions,
  outputOptions,
);

/** Options of `signalfit train`. */
export type TrainOptions = InferValue<typeof parser>;

/** `signalfit train`: trains one model. */
export const train: Command = defineCommand({
  name: "train",
  brief: message`Trains a model on images or a table, with any optimizer, and tests it.`,
  description:
    message`Trains a model and ends with its score on rows that it has not seen. Notes and progress go to standard error, the result to standard output. Ctrl-C saves the run if --checkpoints is given, and tells how to go on.`,
  footer:
    message`Example: signalfit train --data iris --lr auto --schedule cosine --save runs/iris`,
  parser,
  run: async (options, context) => (await import("./run.ts")).runTrain(options, context),
});

function learningRateOrAuto(): ValueParser<"sync", number | "auto"> {
  return {
    mode: "sync",
    metavar: learningRate.metavar,
    placeholder: "auto",
    format: String,
    parse: (input) =>
      input === "auto" ? { success: true, value: input } : learningRate.parse(input),
    *suggest(prefix) {
      if ("auto".startsWith(prefix)) yield { kind: "literal", text: "auto" };
    },
  };
}
