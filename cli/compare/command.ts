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
import { path } from "@optique/run/valueparser";
import { type Command, defineCommand } from "../command.ts";
import { dataOptions } from "../data/options.ts";
import { liveOptions, outputOptions } from "../lib/common_options.ts";
import { integer } from "../lib/integer.ts";
import { optimizerOptions } from "../train/optimizer_options.ts";
import { OPTIMIZER_NAMES } from "../train/optimizers.ts";
import { learningRate, trainingOptions } from "../train/options.ts";
import { parseVariant, type Variant } from "./plan.ts";

const parser = merge(
  dataOptions,
  trainingOptions,
  object("Comparison", {
    optimizers: withDefault(
      option("--optimizers", list("NAMES", variant()), {
        description: message`Optimizers, separated by commas: ${
          text(OPTIMIZER_NAMES.join(", "))
        }. Options of one alone may follow it, as in nadam:filter:beta1=0.8.`,
      }),
      ["sgdf", "adamf", "adam", "tfjs-momentum"].map(parseVariant),
    ),
    learningRates: withDefault(
      option("--learning-rates", "--lrs", list("RATES", learningRate), {
        description:
          message`Learning rates to try with each, separated by commas. Without them, each optimizer's own.`,
      }),
      [] as readonly number[],
      { message: message`each optimizer's own` },
    ),
    seeds: withDefault(
      option("--seeds", integer({ metavar: "N", min: 1 }), {
        description: message`How often each is trained, with seeds from --seed on.`,
      }),
      3,
    ),
  }),
  optimizerOptions,
  object("What is kept", {
    record: withDefault(
      option("--record", path({ metavar: "FILE.jsonl", type: "file", allowCreate: true }), {
        description:
          message`Finished runs, one a line: those with the same settings are not repeated.`,
      }),
      "signalfit-compare.jsonl",
    ),
    out: withDefault(
      option("--out", path({ metavar: "FILE.svg", extensions: [".svg"], allowCreate: true }), {
        description: message`Where the picture goes.`,
      }),
      "signalfit-compare.svg",
    ),
    csv: optional(
      option("--csv", path({ metavar: "FILE", type: "file", allowCreate: true }), {
        description: message`The runs as CSV.`,
      }),
    ),
  }),
  liveOptions,
  outputOptions,
);

/** Options of `signalfit compare`. */
export type CompareOptions = InferValue<typeof parser>;

/** `signalfit compare`: several optimizers on the same data. */
export const compare: Command = defineCommand({
  name: "compare",
  brief:
    message`Trains with several optimizers and learning rates and tells which is best, and how sure that is.`,
  description:
    message`Every optimizer begins with the same weights and sees the rows in the same order. Prints a table of means over the seeds with their standard errors, and draws a picture. A comparison that was stopped goes on when the same command is given again.`,
  footer:
    message`Example: signalfit compare --data iris --optimizers sgdf,adamf,adam --learning-rates 1e-3,1e-2,0.1`,
  parser,
  run: async (options, context) => (await import("./run.ts")).runCompare(options, context),
});

function variant(): ValueParser<"sync", Variant> {
  return {
    mode: "sync",
    metavar: "NAME",
    placeholder: parseVariant("sgdf"),
    format: ({ label }) => label,
    parse(input) {
      try {
        return { success: true, value: parseVariant(input) };
      } catch (error) {
        return { success: false, error: message`${text((error as Error).message)}.` };
      }
    },
  };
}

/** Several values in one argument, separated by commas. */
function list<Value>(
  metavar: "NAMES" | "RATES",
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
