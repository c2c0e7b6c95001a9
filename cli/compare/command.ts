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
import { string } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import { type Command, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { dataOptions } from "../data/options.ts";
import type { ExitCode } from "../exit_codes.ts";
import { liveOptions, outputOptions } from "../lib/common_options.ts";
import { integer } from "../lib/integer.ts";
import { optimizerOptions } from "../train/optimizer_options.ts";
import { OPTIMIZER_NAMES } from "../train/optimizers.ts";
import { learningRate, modelWords, trainingFields } from "../train/options.ts";
import { parseVariant, type Rates, type Variant } from "./plan.ts";

/** What is compared unless something else is asked for. */
interface Preset {
  readonly optimizers: readonly string[];
  /** None: the one that goes with the data. */
  readonly models: readonly string[];
  readonly learningRates: "sweep" | "own";
  readonly seeds: number;
  /** The file of finished runs; none: they are kept only where a run can be resumed. */
  readonly record: string | undefined;
  readonly out: string;
}

function parserOf(preset: Preset) {
  return merge(
    dataOptions,
    object("Training", {
      models: withDefault(
        option("--model", "--models", list("MODELS", string({ metavar: "MODEL" })), {
          description: message`One or several, separated by commas: ${modelWords}`,
        }),
        preset.models,
        preset.models.length > 0 ? {} : { message: message`the one that goes with the data` },
      ),
      ...trainingFields,
    }),
    object("Comparison", {
      optimizers: withDefault(
        option("--optimizers", "--optimizer", list("NAMES", variant()), {
          description: message`Optimizers, separated by commas: ${
            text(OPTIMIZER_NAMES.join(", "))
          }. Options of one alone may follow it, as in nadam:filter:beta1=0.8:lr=0.01.`,
        }),
        preset.optimizers.map(parseVariant),
        { message: message`${text(preset.optimizers.join(", "))}` },
      ),
      learningRates: withDefault(
        option("--learning-rates", "--lrs", "--lr", ratesParser(), {
          description:
            message`Learning rates to try with each, separated by commas; or sweep: three that suit each optimizer, or own: the one that it has by itself.`,
        }),
        preset.learningRates as Rates,
      ),
      seeds: withDefault(
        option("--seeds", integer({ metavar: "N", min: 1 }), {
          description: message`How often each is trained, with seeds from --seed on.`,
        }),
        preset.seeds,
      ),
    }),
    optimizerOptions,
    object("What is kept", {
      resume: optional(
        option("--resume", path({ metavar: "DIR", type: "directory", allowCreate: true }), {
          description:
            message`Save the run at hand there after each epoch and on Ctrl-C; the same command goes on from it.`,
        }),
      ),
      record: withDefault(
        option("--record", path({ metavar: "FILE.jsonl", type: "file", allowCreate: true }), {
          description:
            message`Finished runs, one a line: those with the same settings are not repeated.`,
        }),
        preset.record,
        preset.record === undefined ? { message: message`DIR/runs.jsonl of --resume` } : {},
      ),
      out: withDefault(
        option("--out", path({ metavar: "FILE.svg", extensions: [".svg"], allowCreate: true }), {
          description: message`Where the picture goes.`,
        }),
        preset.out,
      ),
      csv: optional(
        option("--csv", path({ metavar: "FILE", type: "file", allowCreate: true }), {
          description: message`The runs as CSV.`,
        }),
      ),
      tensorboard: optional(
        option("--tensorboard", path({ metavar: "DIR", type: "directory" }), {
          description: message`Event files for TensorBoard, a folder for each run.`,
        }),
      ),
    }),
    liveOptions,
    outputOptions,
  );
}

const USUAL: Preset = {
  optimizers: ["sgdf", "adamf", "adam", "tfjs-momentum"],
  models: [],
  learningRates: "sweep",
  seeds: 3,
  record: "signalfit-compare.jsonl",
  out: "signalfit-compare.svg",
};

const DEMO: Preset = {
  optimizers: ["sgdf", "adamf:lr=0.002", "tfjs-momentum:lr=0.05", "adam:lr=0.002"],
  models: ["mlp", "conv"],
  learningRates: "own",
  seeds: 1,
  record: undefined,
  out: "signalfit-demo.svg",
};

/** Options of `signalfit compare`. */
export type CompareOptions = InferValue<ReturnType<typeof parserOf>>;

const run: (options: CompareOptions, context: Context) => Promise<ExitCode> = async (
  options,
  context,
) => await (await import("./run.ts")).runCompare(options, context);

/** `signalfit compare`: several optimizers on the same data. */
export const compare: Command = defineCommand({
  name: "compare",
  brief:
    message`Trains with several optimizers and learning rates and tells which is best, and how sure that is.`,
  description:
    message`Every optimizer begins with the same weights and sees the rows in the same order. Prints a table of means over the seeds with their standard errors, and draws a picture. A comparison that was stopped goes on when the same command is given again.`,
  footer:
    message`Example: signalfit compare --data iris --optimizers sgdf,adamf,adam --learning-rates 1e-3,1e-2,0.1`,
  parser: parserOf(USUAL),
  run,
});

/** `signalfit demo`: a comparison that shows in two minutes what there is. */
export const demo: Command = defineCommand({
  name: "demo",
  brief: message`Compares SGDF and AdamF with TensorFlow.js's own momentum and Adam on MNIST.`,
  description:
    message`Trains a small dense and a small convolutional network with each, from the same weights and over the same batches, once. All options of compare are here too.`,
  footer: message`Example: signalfit demo --live`,
  parser: parserOf(DEMO),
  run,
});

function variant(): ValueParser<"sync", Variant> {
  return {
    mode: "sync",
    metavar: "NAME",
    placeholder: parseVariant("sgdf"),
    format: (variant) => variant.text,
    parse(input) {
      try {
        return { success: true, value: parseVariant(input) };
      } catch (error) {
        return { success: false, error: message`${text((error as Error).message)}.` };
      }
    },
  };
}

function ratesParser(): ValueParser<"sync", Rates> {
  const numbers = list("RATES", learningRate);
  const isWord = (input: string): input is "sweep" | "own" => input === "sweep" || input === "own";
  return {
    ...numbers,
    placeholder: "sweep",
    format: (rates) => typeof rates === "string" ? rates : numbers.format(rates),
    parse: (input) => isWord(input) ? { success: true, value: input } : numbers.parse(input),
  };
}

/** Several values in one argument, separated by commas. */
function list<Value>(
  metavar: "NAMES" | "RATES" | "MODELS",
  item: ValueParser<"sync", Value>,
): ValueParser<"sync", readonly Value[]> {
  return {
    mode: "sync",
    metavar,
    placeholder: [],
    format: (values) => values.map((value) => item.format(value)).join(","),
    parse(input) {
      const values = new Map<string, Value>(); // each once
      for (const part of input.split(",")) {
        const parsed = item.parse(part.trim());
        if (!parsed.success) return parsed;
        values.set(item.format(parsed.value), parsed.value);
      }
      return { success: true, value: [...values.values()] };
    },
  };
}
