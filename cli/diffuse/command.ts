import { merge, object } from "@optique/core/constructs";
import { message, text } from "@optique/core/message";
import { optional, withDefault } from "@optique/core/modifiers";
import type { InferValue, Parser } from "@optique/core/parser";
import { option } from "@optique/core/primitives";
import { choice, float, string, type ValueParser } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import { NOISE_PATHS, type NoisePathKind } from "@signalfit/tfjs/diffusion";
import type { SamplingMethod } from "@signalfit/tfjs/diffusion";
import { TARGETS } from "@signalfit/tfjs/diffusion";
import { type Command, defineCommand } from "../command.ts";
import { names } from "../data/options.ts";
import { BACKENDS } from "../lib/backend_names.ts";
import type { Context } from "../context.ts";
import type { ExitCode } from "../exit_codes.ts";
import { liveOptions, outputOptions } from "../lib/common_options.ts";
import { integer } from "../lib/integer.ts";
import { type OptimizerName, OPTIMIZERS } from "../train/optimizers.ts";
import { learningRate } from "../train/options.ts";
import { DENOISER_NAMES } from "./denoiser_names.ts";
import { type WeightingName, WEIGHTINGS } from "./settings.ts";

/** Optimizers whose learning rate can fall, as it does here. */
const OPTIMIZER_NAMES = Object.entries(OPTIMIZERS)
  .filter(([, { from }]) => from === "signalfit")
  .map(([name]) => name as OptimizerName);

const METHODS = ["heun", "euler", "ddim", "ddpm"] as const satisfies readonly SamplingMethod[];
const nearest = { metavar: "NAME", suggest: "nearest" } as const;

/** Names of weightings, separated by commas, each once. */
const name = choice(WEIGHTINGS, nearest);
const weightingNames: ValueParser<"sync", readonly WeightingName[]> = {
  mode: "sync",
  metavar: "NAMES",
  placeholder: ["erd"],
  format: (names) => names.join(","),
  parse(input) {
    const names: WeightingName[] = [];
    for (const word of input.split(",")) {
      const parsed = name.parse(word.trim());
      if (!parsed.success) return parsed;
      if (!names.includes(parsed.value)) names.push(parsed.value);
    }
    return { success: true, value: names };
  },
};

/** What is done unless something else is asked for. */
interface Preset {
  readonly weightings: readonly WeightingName[];
  readonly size: number | undefined;
  readonly steps: number | undefined;
  readonly results: string | undefined;
  readonly checkpoints: "keep" | "remove";
}

function parserOf(preset: Preset) {
  return merge(
    object("Data", {
      data: withDefault(
        option("--data", string({ metavar: "DATA" }), {
          description:
            message`mnist; a directory with the IDX files of MNIST or of data in its format; a directory of PNG files of one size, gray or in colors, or of directories of them, one a class; or a CSV file of points whose first row names the columns.`,
        }),
        "mnist",
      ),
      columns: optional(
        option("--columns", names(), {
          description:
            message`Of a CSV file: the columns to use, separated by commas; all if left out.`,
        }),
      ),
      size: optionalOr(
        preset.size,
        option("--size", integer({ metavar: "PIXELS", min: 2 }), {
          description:
            message`Rows and columns that square images are brought to, a whole part of their own.`,
        }),
      ),
      limit: optional(
        option("--limit", integer({ metavar: "N", min: 2 }), {
          description: message`Use only the first N images or points.`,
        }),
      ),
    }),
    object("Diffusion", {
      weightings: withDefault(
        option("--weighting", "--weightings", weightingNames, {
          description:
            message`How the loss is weighted over noise levels: by recoverability, in closed form (${
              text("erd")
            }) or as it is measured (${text("online")}), or otherwise for comparison: ${
              text(WEIGHTINGS.slice(2).join(", "))
            }. Several, separated by commas, are trained one after the other, from the same weights and over the same batches and noise.`,
        }),
        preset.weightings,
      ),
      target: optional(
        option("--target", choice(TARGETS, nearest), {
          description: message`What the denoiser predicts; x0 of images, v of points if left out.`,
        }),
      ),
      path: withDefault(
        option("--path", choice(NOISE_PATHS, nearest), { description: message`How noise grows.` }),
        "cosine" as NoisePathKind,
      ),
    }),
    object("Training", {
      model: optional(
        option("--model", choice(DENOISER_NAMES, nearest), {
          description:
            message`Network of images: a mixer of patches, made of dense layers, if left out, which learns in the fewest steps; or a convolutional unet, for images with even sides, which is slow on cpu. Points have a dense one of their own.`,
        }),
      ),
      width: optional(
        option("--width", integer({ metavar: "N", min: 1 }), {
          description: message`Width of its layers; 16 for unet, 32 for mixer, 64 for points.`,
        }),
      ),
      steps: optionalOr(
        preset.steps,
        option("--steps", integer({ metavar: "N", min: 1 }), {
          description: message`Steps; 1600 for images, 2000 for points.`,
        }),
      ),
      batchSize: optional(
        option("--batch-size", integer({ metavar: "N", min: 1 }), {
          description: message`Images or points in a batch; 32, or 128 points.`,
        }),
      ),
      optimizer: withDefault(
        option("--optimizer", choice(OPTIMIZER_NAMES, nearest), {
          description: message`Optimizer.`,
        }),
        "adamf" as OptimizerName,
      ),
      learningRate: optional(
        option("--learning-rate", "--lr", learningRate, {
          description:
            message`Highest step size; it falls in the second half. If left out, 0.01 for images and 0.003 for points with adamf, adamw, nadam, radam and adabelief, else the optimizer's own.`,
        }),
      ),
      emaDecay: withDefault(
        option("--ema-decay", float({ metavar: "SHARE", min: 0, max: 0.99999 }), {
          description:
            message`How much of the averaged weights, which samples are drawn with, a step keeps.`,
        }),
        0.99,
      ),
      seed: withDefault(
        option("--seed", integer({ metavar: "N", min: 0, max: 2 ** 31 - 1 }), {
          description: message`Seed of weights, order of the data, noise and samples.`,
        }),
        1,
      ),
      backend: withDefault(
        option("--backend", choice(["auto", ...BACKENDS], nearest), {
          description: message`Backend of TensorFlow.js; auto takes the fastest that can train it.`,
        }),
        "auto" as const,
      ),
    }),
    object("Samples", {
      samples: optional(
        option("--samples", integer({ metavar: "N", min: 1, max: 100_000 }), {
          description: message`Samples to draw; 40 images or 1000 points if left out.`,
        }),
      ),
      sampler: withDefault(
        option("--sampler", choice(METHODS, nearest), {
          description: message`How they are drawn.`,
        }),
        "heun" as SamplingMethod,
      ),
      samplerSteps: withDefault(
        option("--sampler-steps", integer({ metavar: "N", min: 1 }), {
          description: message`Steps that a sample is drawn in.`,
        }),
        25,
      ),
    }),
    object("What is kept", {
      out: withDefault(
        option("--out", path({ metavar: "DIR", type: "directory" }), {
          description: message`Directory for samples and checkpoints.`,
        }),
        "signalfit-diffuse",
      ),
      results: optionalOr(
        preset.results,
        option(
          "--results",
          path({ metavar: "FILE.html", extensions: [".html"], allowCreate: true }),
          {
            description:
              message`Of images: write a page with samples on the way there and, by noise level, the raw loss, what is recovered, and the weights.`,
          },
        ),
      ),
      checkpoints: withDefault(
        option(
          "--checkpoints",
          choice(["keep", "remove"], { metavar: "WHAT", suggest: "nearest" }),
          {
            description: message`What becomes of the checkpoints when all is done.`,
          },
        ),
        preset.checkpoints,
      ),
      resume: withDefault(
        option("--resume", {
          description:
            message`Go on with the run in --out, with the same options; if it is done, draw other samples.`,
        }),
        false,
      ),
    }),
    liveOptions,
    outputOptions,
  );
}

const USUAL: Preset = {
  weightings: ["erd"],
  size: undefined,
  steps: undefined,
  results: undefined,
  checkpoints: "keep",
};

const DIGITS: Preset = {
  weightings: ["uniform", "erd"],
  size: 14,
  steps: 2400,
  results: "signalfit-diffuse.html",
  checkpoints: "remove",
};

/** Options of `signalfit diffuse`. */
export type DiffuseOptions = InferValue<ReturnType<typeof parserOf>>;

const run: (options: DiffuseOptions, context: Context) => Promise<ExitCode> = async (
  options,
  context,
) => await (await import("./run.ts")).runDiffuse(options, context);

/** `signalfit diffuse`. */
export const diffuse: Command = defineCommand({
  name: "diffuse",
  brief: message`Trains a diffusion model on images or points with ERD, and draws samples.`,
  description:
    message`Trains a denoiser on images or points, its loss weighted by recoverability, and draws samples with it: samples.png, or samples.csv and samples.svg. Ctrl-C saves the run and tells how to go on.`,
  footer: message`Example: ${text("signalfit diffuse --data points.csv --out runs/points")}`,
  parser: parserOf(USUAL),
  run,
});

/** `signalfit digits`: `diffuse` with what shows in a few minutes what there is. */
export const digits: Command = defineCommand({
  name: "digits",
  brief: message`Trains a diffusion model on MNIST with ERD and with uniform weights of the loss.`,
  description:
    message`Trains a denoiser with each, from the same weights and over the same batches and noise, and writes a page that shows what each has learned. All options of diffuse are here too.`,
  footer: message`Example: signalfit digits --live`,
  parser: parserOf(DIGITS),
  run,
});

/** An option without which there is nothing, or what a preset has. */
function optionalOr<Value>(
  usual: Value | undefined,
  parser: Parser<"sync", Value, unknown>,
): Parser<"sync", Value | undefined, unknown> {
  return usual === undefined ? optional(parser) : withDefault(parser, usual);
}
