import type { Parser } from "@optique/core/parser";
import { object } from "@optique/core/constructs";
import { type Message, message, text } from "@optique/core/message";
import { map, optional } from "@optique/core/modifiers";
import { negatableFlag, option } from "@optique/core/primitives";
import { choice, type ValueParser } from "@optique/core/valueparser";
import type { AdaBeliefOptions } from "@signalfit/tfjs";
import type { AdamFOptions } from "@signalfit/tfjs";
import type { AdamWOptions } from "@signalfit/tfjs";
import type { LionOptions } from "@signalfit/tfjs";
import type { MomentumOptions } from "@signalfit/tfjs";
import type { NAdamOptions } from "@signalfit/tfjs";
import type { OptionSpec } from "@signalfit/tfjs";
import type { RMSpropOptions } from "@signalfit/tfjs";
import type { SGDFOptions } from "@signalfit/tfjs";
import { longName } from "./long_name.ts";
import {
  type GivenOptions,
  OPTIMIZER_NAMES,
  type OptimizerName,
  OPTIMIZERS,
} from "./optimizers.ts";

/** Every option that some optimizer has, but the rate, which is the program's own option. */
export type OptionName = Exclude<
  keyof (
    & SGDFOptions
    & AdamFOptions
    & AdamWOptions
    & MomentumOptions
    & NAdamOptions
    & AdaBeliefOptions
    & RMSpropOptions
    & LionOptions
  ),
  "learningRate"
>;

/** What each does, in a few words. Values and defaults come from the optimizers' own tables. */
const WORDS: Readonly<Record<OptionName, string>> = {
  weightDecay: "Weight decay",
  decoupledWeightDecay: "Decay the weights themselves, not through the gradient",
  exclude: "Variables without weight decay: bias-and-norm, names or /expressions/, by commas",
  overrides: 'Options of some variables, as JSON: [{"match": "/bias/", "learningRate": 0.01}]',
  clipValue: "Limit of each element of the gradient",
  clipNorm: "Limit of the norm of each variable's gradient",
  globalClipNorm: "Limit of the norm of all gradients together",
  gradientAccumulationSteps: "Batches whose gradients make one step",
  useEma: "Keep a running average of the weights, and test and save that",
  emaMomentum: "Share of that average that a step keeps",
  onNonFinite: "What to do where a gradient is NaN or infinite",
  engine: "How a step is computed",
  beta1: "Decay of the gradient's mean",
  beta2: "Decay of its variance, or second moment",
  epsilon: "What keeps divisions from those by zero",
  gamma: "Power of the filter's gain",
  varianceCorrection: "Correct the variance of the mean for the averaging",
  sign: "Step by the sign of the estimate",
  denominator: "What the step is divided by",
  amsgrad: "Divide by the largest second moment seen",
  momentum: "Share of the velocity that a step keeps",
  nesterov: "Nesterov's momentum",
  momentumDecay: "How fast the momentum reaches beta1",
  filter: "Put the filter in the place of the gradient's mean, or before one of tfjs's optimizers",
  alpha: "Decay of the second moment",
  centered: "Divide by the deviation from the gradient's mean",
};

/** Shorter names. */
const SHORT: Partial<Record<OptionName, `--${string}`>> = {
  globalClipNorm: "--clip",
  gradientAccumulationSteps: "--accumulate",
  useEma: "--ema",
};

interface Holder {
  readonly optimizer: OptimizerName;
  readonly spec: OptionSpec<unknown>;
}

/** The optimizers that have an option, with what it may be there. */
function holdersOf(name: OptionName): Holder[] {
  return OPTIMIZER_NAMES.flatMap((optimizer) => {
    const spec = OPTIMIZERS[optimizer].table[name];
    return spec === undefined ? [] : [{ optimizer, spec }];
  });
}

/** "Decay of its variance: in [0, 1); 0.999 if not given, lion 0.99". */
function description(name: OptionName, holders: readonly Holder[]): Message {
  const [first] = holders;
  const isFew = holders.length < OPTIMIZER_NAMES.length / 2 && holders.length <= 4;
  const whose = isFew ? ` (${holders.map(({ optimizer }) => optimizer).join(", ")})` : "";
  const { fallback } = first!.spec;
  const others = holders.filter(({ spec }) => spec.fallback !== fallback)
    .map(({ optimizer, spec }) => `${optimizer} ${spec.fallback}`);
  const defaults = fallback === null ? "none" : [String(fallback), ...others].join(", ");
  return message`${text(`${WORDS[name]}${whose}. Default: ${defaults}.`)}`;
}

function parserOf(name: OptionName): Parser<"sync", unknown, unknown> {
  const holders = holdersOf(name), { spec } = holders[0]!;
  const long = longName(name), short = SHORT[name];
  const about = { description: description(name, holders) };
  if (typeof spec.fallback === "boolean") {
    const positive = short === undefined ? long : [short, long] as const;
    return optional(negatableFlag({ positive, negative: `--no-${long.slice(2)}` }, about));
  }
  const words = wordsOf(holders);
  const parser: ValueParser<"sync", unknown> = words.length > 0
    ? choice(words, { metavar: "NAME", suggest: "nearest" })
    : valueParser(name, holders);
  return optional(
    short === undefined ? option(long, parser, about) : option(short, long, parser, about),
  );
}

/** The words that an option may be. */
function wordsOf(holders: readonly Holder[]): string[] {
  return [...new Set(holders.flatMap(({ spec }) => spec.choices ?? []))];
}

/** Takes what some optimizer accepts; whether the chosen one does is seen later. */
function valueParser(name: OptionName, holders: readonly Holder[]): ValueParser<"sync", unknown> {
  const { rule } = holders[0]!.spec;
  const read = name === "exclude" ? matcherIn : name === "overrides" ? overridesIn : numberIn;
  return {
    mode: "sync",
    metavar: name === "exclude" ? "NAMES" : name === "overrides" ? "JSON" : "NUMBER",
    placeholder: holders[0]!.spec.fallback,
    format: (value) => typeof value === "object" ? JSON.stringify(value) : String(value),
    parse(input) {
      const value = read(input);
      return holders.some(({ spec }) => spec.accepts(value))
        ? { success: true, value }
        : { success: false, error: message`it ${text(rule)}, got ${input}.` };
    },
  };
}

const numberIn = (text: string): number => text.trim() === "" ? NaN : Number(text);

/** `bias-and-norm,dense_1,/^conv/`. */
function matcherIn(text: string): unknown {
  const parts = text.split(",").map((part) => expressionIn(part.trim()));
  return parts.length === 1 ? parts[0] : parts;
}

/** A text, or an expression where it stands between slashes. */
function expressionIn(text: string): unknown {
  const [, source] = /^\/(.+)\/$/.exec(text) ?? [];
  try {
    return source === undefined ? text : new RegExp(source);
  } catch {
    return undefined; // nothing accepts this
  }
}

function overridesIn(text: string): unknown {
  try {
    return JSON.parse(text, (key, value) => key === "match" ? expressionIn(value) : value);
  } catch {
    return undefined;
  }
}

const NAMES = Object.keys(WORDS) as OptionName[];

/** The options of all optimizers, under a heading of their own; those not given are left out. */
export const optimizerOptions: Parser<"sync", { given: GivenOptions }, unknown> = map(
  object(
    "Optimizer",
    Object.fromEntries(NAMES.map((name) => [name, parserOf(name)])),
  ),
  (values: Record<string, unknown>) => ({
    given: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)),
  }),
);
