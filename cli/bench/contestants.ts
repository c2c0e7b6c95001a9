import * as tf from "@tensorflow/tfjs-core";
import { adamf, adamw, type EngineName, momentum, sgdf } from "@signalfit/tfjs";
import type { Backend, BackendName } from "./backends.ts";
import { type Formula, FORMULAS, HYPER, WIDE_COPY } from "./formulas.ts";
import { adamfStep, type FilterSettings, sgdfStep } from "./hand_written.ts";
import {
  copyTrial,
  deviceCopyTrial,
  handWrittenTrial,
  optimizerTrial,
  type Trial,
} from "./trials.ts";
import type { Inputs } from "./inputs.ts";

/** Something that makes optimizer steps. */
export interface Contestant {
  readonly name: string;
  readonly backends: readonly BackendName[];
  /** What it should compute. */
  readonly formula: Formula;
  /** The contestant that does the same thing in another way, if tf.train.adam is not the one. */
  readonly peer?: string;
  /** The largest number of parameters it is timed with, where it is too slow beyond. */
  readonly most?: Readonly<Partial<Record<BackendName, number>>>;
  /** The same for the number of tensors. */
  readonly mostTensors?: Readonly<Partial<Record<BackendName, number>>>;
  /** How many roundings the length of a step may be off by, at each step; 32 if left out. */
  readonly roundings?: number;
  /** Takes its place at the start, on the current backend. */
  start(inputs: Inputs, backend: Backend): Trial | Promise<Trial>;
}

/** What all are compared with. */
export const REFERENCE = "tf.train.adam";

/** What shows the machine's bandwidth: so many bytes as AdamF moves, that the cache helps no more. */
export const COPY = "plain copy of 36 bytes";

/** The backends that compute where the program runs. */
export const HOST: readonly BackendName[] = ["cpu", "wasm"];
const everywhere: readonly BackendName[] = [...HOST, "webgpu"];

interface OwnEngine extends Pick<Contestant, "backends" | "most" | "mostTensors"> {
  readonly name: EngineName;
}

/** The engines and where they run. */
const ENGINES: readonly OwnEngine[] = [
  { name: "webgpu", backends: ["webgpu"] },
  { name: "simd", backends: HOST },
  { name: "loop", backends: HOST },
  {
    name: "portable",
    backends: everywhere,
    most: { cpu: 1e5, wasm: 1e6, webgpu: 1e5 },
    mostTensors: { webgpu: 60 },
  },
];

interface OwnRule extends Pick<Contestant, "name" | "formula"> {
  readonly create: (engine: EngineName) => tf.Optimizer;
  /** Its peer under the loop engine on cpu, or under all engines. */
  readonly handWritten?: string;
  readonly peer?: string;
}

const { learningRate, beta1, beta2, epsilon, gamma, weightDecay } = HYPER;
const settings: FilterSettings = { learningRate, beta1, beta2, epsilon };

/** The project's own optimizers. */
const RULES: readonly OwnRule[] = [
  {
    name: "sgdf",
    formula: FORMULAS.sgdf,
    create: (engine) => sgdf({ ...settings, gamma, engine }),
    handWritten: "hand-written SGDF",
  },
  {
    name: "adamf",
    formula: FORMULAS.adamf,
    create: (engine) => adamf({ ...settings, gamma, engine }),
    handWritten: "hand-written AdamF",
  },
  {
    name: "adamw",
    formula: FORMULAS.adamw,
    create: (engine) => adamw({ ...settings, weightDecay, engine }),
  },
  {
    name: "momentum",
    formula: FORMULAS.momentum,
    create: (engine) => momentum({ learningRate, momentum: HYPER.momentum, engine }),
    peer: "tf.train.momentum",
  },
];

/** All contestants, in the order of the tables. */
export const CONTESTANTS: readonly Contestant[] = [
  ...RULES.flatMap(({ name, formula, create, handWritten, peer }) =>
    ENGINES.map((engine): Contestant => ({
      ...engine,
      name: `${name} ${engine.name}`,
      formula,
      peer: peer ?? (engine.name === "loop" ? handWritten : undefined),
      start: (inputs, backend) => optimizerTrial(create(engine.name), inputs, backend),
    }))
  ),
  {
    name: REFERENCE,
    backends: everywhere,
    formula: FORMULAS.adam,
    // It takes 1 - beta2^t in float32, with the rounding of the 1.
    roundings: 1 / (1 - beta2),
    start: (inputs, backend) =>
      optimizerTrial(tf.train.adam(learningRate, beta1, beta2, epsilon), inputs, backend),
  },
  {
    name: "tf.train.momentum",
    backends: everywhere,
    formula: FORMULAS.momentum,
    start: (inputs, backend) =>
      optimizerTrial(tf.train.momentum(learningRate, HYPER.momentum), inputs, backend),
  },
  {
    name: "tf.train.sgd",
    backends: everywhere,
    formula: FORMULAS.sgd,
    start: (inputs, backend) => optimizerTrial(tf.train.sgd(learningRate), inputs, backend),
  },
  {
    name: "hand-written SGDF",
    backends: ["cpu"],
    formula: FORMULAS.sgdf,
    start: (inputs) => handWrittenTrial(inputs, sgdfStep, settings, "fresh"),
  },
  {
    name: "hand-written SGDF, in place",
    backends: ["cpu"],
    formula: FORMULAS.sgdf,
    peer: "hand-written SGDF",
    start: (inputs) => handWrittenTrial(inputs, sgdfStep, settings, "in place"),
  },
  {
    name: "hand-written AdamF",
    backends: ["cpu"],
    formula: FORMULAS.adamf,
    start: (inputs) => handWrittenTrial(inputs, adamfStep, settings, "fresh"),
  },
  ...([["plain copy of 8 bytes", FORMULAS.copy, 1], [COPY, FORMULAS.wideCopy, WIDE_COPY]] as const)
    .map(([name, formula, floats]): Contestant => ({
      name,
      backends: everywhere,
      formula,
      start: (inputs, backend) =>
        backend.name === "webgpu"
          ? deviceCopyTrial(inputs, backend, floats)
          : copyTrial(inputs, floats),
    })),
];
